//! A layer written by hand around one that an attribute made.

use std::marker::PhantomData;

use super::entry::{ByDeclared, ByFunction, Entry};
use super::join::{Single, single};
use super::kinds::Waits;
use super::layers::{ByAttribute, ByLayer, ByPlain, UnderPath, layers, under};
use crate::chain::Rest;
use crate::chain::layer::{ByHand, Layer, PlainLayer};
use crate::chain::link::{Both, Catch, Link};
use crate::chain::next::{ErrorHandler, Next, PlainFn};
use crate::chain::plain::Step;
use crate::check::{LayerInfo, Part};
use crate::provide::declared::Declared;
use crate::provide::proof::{Always, Declares, Free, Types};
use crate::route::pattern::{Options, Pattern};
use crate::{Error, Request, Response, Result};

/// Puts a layer of your own around another: around a function with `#[middleware]` or `#[error_handler]`, or around one that
/// is written by hand.
///
/// What the other needs and provides counts for the whole. The outer layer gets the other as an `impl Layer`, and calls its
/// `run`, or its `recover`, when it likes. The compiler believes that it does, as it believes a [`Declared`]: where it hands on without,
/// a value that the other promises is missing, which is an error with status 500 where it is taken, and `deny(unguarded)` does not
/// see it.
///
/// ```
/// use connect::{app, get, middleware, wrap, Layer, Next, Request, Response, Rest, Result};
/// use std::time::Instant;
///
/// struct User(&'static str);
///
/// #[middleware]
/// async fn authenticate(next: Next<User>) -> Result {
///     next.with(User("ann")).pass()
/// }
///
/// /// Says how long a layer takes.
/// struct Timed<L>(L);
///
/// impl<L: Layer> Layer for Timed<L> {
///     async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
///         let start = Instant::now();
///         let result = self.0.run(req, res, next).await;
///         println!("{} took {:?}", self.0.name(), start.elapsed());
///         result
///     }
/// }
///
/// #[get("/")]
/// fn index(user: &User) -> &'static str {
///     user.0
/// }
///
/// let app = app![wrap(authenticate, Timed), index];
/// assert_eq!(app.to_string(), "Timed(authenticate)\nGET / index");
/// ```
///
/// An error handler that takes `next: Resume` cannot be wrapped.
pub fn wrap<Kind, E: Wrap<Kind>, L: Layer>(
    layer: E,
    with: impl FnOnce(E::Layer) -> L,
) -> Declared<Wrapped<L, E::Layer>, E::Declares> {
    let layer = layer.into_layer();
    let inner = layer.name().to_owned();
    let outer = with(layer);
    let name = format!("{}({inner})", outer.name());
    Declared::of(Wrapped(Outer { layer: outer, name, inner: PhantomData }))
}

/// What [`wrap`] takes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this cannot be wrapped",
    label = "not a layer that can be wrapped",
    note = "functions with `#[middleware]` and `#[error_handler]` can, and types that implement `Layer` or `PlainLayer`; routes, \
            stacks and error handlers that resume cannot"
)]
pub trait Wrap<Kind> {
    /// The layer, as one written by hand has it.
    type Layer: Layer;
    /// What it needs and provides.
    type Declares;
    /// Makes it.
    fn into_layer(self) -> Self::Layer;
}

macro_rules! wraps {
    ($([$param:ident: $bound:ident] $kind:ty, $ty:ty => $layer:ty, |$this:ident| $make:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$param: $bound> Wrap<$kind> for $ty {
            type Layer = $layer;
            type Declares = Free;
            fn into_layer(self) -> Self::Layer {
                let $this = self;
                $make
            }
        }
    )* };
}
wraps! {
    [L: Layer] ByLayer, L => L, |this| this;
    [L: PlainLayer] ByPlain, L => Plain<L>, |this| Plain(this);
    [L: Layer] ByAttribute, Link<L> => L, |this| this.0;
    [L: Layer] ByAttribute, Catch<L> => L, |this| this.0;
    [L: PlainLayer] ByAttribute, Step<L> => Plain<L>, |this| Plain(this.0);
}

macro_rules! wraps_declared {
    ($([$($param:ident),*] $declares:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Of, E: Wrap<Of, Declares = Free>, $($param: Types),*> Wrap<ByDeclared<Of>> for Declared<E, $declares> {
            type Layer = E::Layer;
            type Declares = $declares;
            fn into_layer(self) -> Self::Layer {
                self.layer.into_layer()
            }
        }
    )* };
}
wraps_declared! {
    [N, P] Declares<N, P>;
    [P] Always<P>;
}

#[diagnostic::do_not_recommend]
impl<F: FnOnce() -> E, E: Wrap<Of>, Of> Wrap<ByFunction<Of>> for F {
    type Layer = E::Layer;
    type Declares = E::Declares;
    fn into_layer(self) -> Self::Layer {
        self().into_layer()
    }
}

/// A layer that never waits, as one that may.
#[derive(Debug)]
pub struct Plain<L>(L);

impl<L: PlainLayer> Layer for Plain<L> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        _: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        async move { self.0.run(req, res, Next::new(PlainFn)) }
    }

    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> impl Future<Output = Result> + Send {
        async move { self.0.recover(err, req, res, next) }
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    const INFO: LayerInfo = L::INFO;
}

/// What [`wrap`] makes. It is no layer, or it would be two kinds of entries.
#[derive(Debug)]
pub struct Wrapped<L, Inner>(Outer<L, Inner>);

/// The layer in it.
#[derive(Debug)]
pub struct Outer<L, Inner> {
    layer: L,
    /// Of both.
    name: String,
    inner: PhantomData<fn() -> Inner>,
}

impl<L: Layer, Inner: Layer> Layer for Outer<L, Inner> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        self.layer.run(req, res, next)
    }

    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> impl Future<Output = Result> + Send {
        self.layer.recover(err, req, res, next)
    }

    fn name(&self) -> &str {
        &self.name
    }

    // It may hand on whatever the other does.
    const INFO: LayerInfo = LayerInfo { part: Part::Middleware, ..Inner::INFO };
}

/// By [`Wrapped`].
#[derive(Debug)]
pub struct ByWrapped;

layers! {
    [L: Layer, Inner: Layer] Wrapped<L, Inner>: ByWrapped
        => Single<Both<ByHand<Outer<L, Inner>>>>, Waits<Outer<L, Inner>>, Free, |this| single(Both(ByHand(this.0)));
}
