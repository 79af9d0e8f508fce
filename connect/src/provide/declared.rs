//! A layer and what it declares.

use std::marker::PhantomData;

use super::proof::{Declares, Resumes};

/// A layer written by hand, with what it needs, what it provides, and whether it may resume after an error.
///
/// The attributes read all of it off a function's signature. For a [`Layer`](crate::Layer) or
/// [`PlainLayer`](crate::PlainLayer) write it with this type, in the function that makes the layer. The types are
/// tuples: `(User,)`, `(User, Db)`.
///
/// The compiler believes it: the layer has to [`provide`](crate::Request::provide) what it declares, and a request that
/// comes to a need all the same without it gets a 500.
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
    /// A layer with its declaration, which stands in the type.
    pub const fn new(layer: L) -> Self {
        Declared { layer, declares: PhantomData }
    }
}

impl<L, P> Declared<L, Resumes<(), P>> {
    /// A [`ResumingLayer`](crate::ResumingLayer) with its declaration. What it provides has to be provided above it too, for
    /// requests without an error, which skip it. It can need nothing: the error may have come from above any value.
    pub const fn resuming(layer: L) -> Self {
        Declared { layer, declares: PhantomData }
    }
}

impl<L, D> Declared<L, D> {
    pub(crate) const fn of(layer: L) -> Self {
        Declared { layer, declares: PhantomData }
    }
}
