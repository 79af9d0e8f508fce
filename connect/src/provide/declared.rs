//! Layers written by hand, with what they need and provide.

use std::marker::PhantomData;

use super::proof::{Declares, Resumes};

/// A layer written by hand, with what it needs and provides, and whether it may resume after an error.
///
/// The attributes read this from a function's signature. For a [`Layer`](crate::Layer) or
/// [`PlainLayer`](crate::PlainLayer) write it with this type, in the function that makes the layer. The types are
/// tuples: `(User,)`, `(User, Db)`.
///
/// The compiler does not check it: the layer has to [`provide`](crate::Request::provide) what it declares. If a value
/// that a layer needs is missing, the request fails with status 500.
///
/// ```
/// use connect::{app, get, Declared, Layer, Next, Request, Response, Rest, Result};
///
/// struct Tenant(String);
///
/// struct ByHost {
///     domain: &'static str,
/// }
///
/// impl Layer for ByHost {
///     async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
///         let name = req.header("host").and_then(|host| host.strip_suffix(self.domain)).unwrap_or_default();
///         let tenant = Tenant(name.to_owned());
///         req.provide(tenant);
///         next.pass()
///     }
/// }
///
/// fn by_host(domain: &'static str) -> Declared<ByHost, connect::Declares<(), (Tenant,)>> {
///     Declared::new(ByHost { domain })
/// }
///
/// #[get("/")]
/// fn index(tenant: &Tenant) -> String {
///     format!("hello, {}", tenant.0)
/// }
///
/// let app = app![by_host(".example.com"), index];
/// ```
#[derive(Debug)]
pub struct Declared<L, D> {
    pub(crate) layer: L,
    declares: PhantomData<fn() -> D>,
}

impl<L, N, P> Declared<L, Declares<N, P>> {
    /// Makes a layer with the declaration in its type.
    pub const fn new(layer: L) -> Self {
        Declared { layer, declares: PhantomData }
    }
}

impl<L, P> Declared<L, Resumes<(), P>> {
    /// Makes a [`ResumingLayer`](crate::ResumingLayer) with its declaration. What it provides has to be provided above
    /// it too, for requests without an error, which skip it. It cannot need a value, because the error may come from
    /// above the layer that provides it.
    pub const fn resuming(layer: L) -> Self {
        Declared { layer, declares: PhantomData }
    }
}

impl<L, D> Declared<L, D> {
    pub(crate) const fn of(layer: L) -> Self {
        Declared { layer, declares: PhantomData }
    }
}
