//! The dispatch core: the path of a request through a chain of layers.
//!
//! Read the files in this order:
//!
//! 1. [`done`]: what a layer returns. [`layer`], [`resuming`], [`rewriting`] and [`route`]: what a layer or a route is.
//! 2. [`next`] and [`resume`]: how a layer hands a request on. [`signal`]: what a link makes of what a layer returns.
//! 3. This file: [`Chain`] and [`Rest`], the two traits of everything below. [`list`] and [`row`]: how a chain is held together.
//! 4. [`link`], [`plain`], [`routes`] with [`group`], [`mount`], [`gate`] and [`either`]: what a chain is made of.
//! 5. [`cut`], [`boxed`], [`deferred`] and [`caught`]: the futures that these are built from, where they are boxed, and where a panic
//!    is caught.
//!
//! How a list becomes a chain is in `stack`, what debug builds erase in `erased`, how a stack is printed in `tree`, and what rustc
//! has to be shown of a chain in `codegen`.
//!
//! Nothing here knows of cookies, JSON or sockets. Of the request it uses the mount prefix, of the response
//! whether it is finished and whether something is wrong with it.

pub(crate) mod boxed;
pub(crate) mod caught;
pub(crate) mod cut;
pub(crate) mod deferred;
pub(crate) mod done;
pub(crate) mod either;
pub(crate) mod gate;
pub(crate) mod group;
pub(crate) mod layer;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod mount;
pub(crate) mod next;
pub(crate) mod plain;
pub(crate) mod resume;
pub(crate) mod resuming;
pub(crate) mod rewriting;
pub(crate) mod route;
pub(crate) mod routes;
pub(crate) mod row;
pub(crate) mod signal;

// The hosts of an app name it by this path.
pub(crate) use crate::erased;

use self::done::{Detour, Done};
use crate::tree::Tree;
use crate::{Request, Response};

/// What follows a layer: the rest of its stack, and after that the *tail*, which is the rest of the stack
/// around it, up to the final handler.
///
/// It appears as the type parameter of [`Layer::run`](crate::Layer::run) in hand-written layers. It cannot be
/// implemented outside this crate.
///
/// A `Rest` is a couple of references, so it is `Copy`; what keeps a layer from using it twice is that
/// [`Next`](crate::Next) is not.
pub trait Rest: Copy + Send + Sync + sealed::Sealed {
    /// Whether this is the rest of a route's own stack, which `next.route()` leaves.
    #[doc(hidden)]
    fn in_route(self) -> bool;

    /// The same without a box of its own, for a layer that awaits it where it is: see [`Boxed`](boxed::Boxed).
    #[doc(hidden)]
    #[inline]
    fn in_place(self) -> impl Rest {
        self
    }

    /// Goes on along the normal track.
    #[doc(hidden)]
    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send;

    /// Goes on past ordinary layers, because of an error or because a layer left its router.
    #[doc(hidden)]
    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin;
}

pub(crate) mod sealed {
    #[doc(hidden)]
    pub trait Sealed {}
}

/// What makes a type a [`Rest`], beside its tracks: it is `Copy` whatever it refers to, where a derive would ask for that to be
/// `Copy`, too.
macro_rules! rest_is_copy {
    ([$($param:tt)*] $rest:ty, $tail:ty) => {
        impl<$($param)*> Clone for $rest
        where
            $tail: Copy,
        {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($param)*> Copy for $rest where $tail: Copy {}

        impl<$($param)*> $crate::chain::sealed::Sealed for $rest {}
    };
}
use rest_is_copy;

/// The static type that a stack becomes: links around links, down to the end.
///
/// It is implemented by what the stack macros make, and is there to be named: a function that builds an app
/// returns `App<impl Chain>`.
///
/// ```
/// use connect::{app, middleware, App, Chain, Request, Response, Result};
///
/// #[middleware]
/// fn hello(_req: &mut Request, res: &mut Response) -> Result {
///     res.text("Hello")
/// }
///
/// fn my_app() -> App<impl Chain> {
///     app![hello]
/// }
/// ```
//
// A chain is a list of links, and every link a chain of one. `tail` is what follows the whole chain. It is handed down
// by value, so a chain does not depend on where it is mounted, and the parent's rest is never copied into it.
//
// Every implementation spells out `-> impl Future<Output = Done> + Send` where `async fn` would be shorter: with
// `async fn` the compiler has to look through all the nested futures to find out that they are `Send`, and gives
// up at about a dozen.
pub trait Chain: Send + Sync + 'static {
    /// Whether an error may meet a handler in here.
    #[doc(hidden)]
    type OnError: OnError;

    /// The normal track. Nothing runs before the first poll. By default there is nothing of it in here.
    #[doc(hidden)]
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        tail.run(req, res)
    }

    /// The error track, and the way out of a router. By default there is nothing of it in here.
    ///
    /// `Unpin` since whatever waits on it is boxed: an error may cost an allocation, success may not, and inline in
    /// the normal track's future it would double every one of them. The box also ends the nesting of layouts.
    #[doc(hidden)]
    #[inline]
    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        tail.detour(why, req, res)
    }

    /// Whether a layer or a route in here gets a request that comes to it. Asked by `guard!`, and of everything in a chain
    /// but layers, which get every request.
    #[doc(hidden)]
    fn answers(&self, req: &mut Request) -> bool {
        let _ = req;
        true
    }

    /// Adds a line for each layer, in order.
    #[doc(hidden)]
    fn describe(&self, tree: &mut Tree<'_>);

    /// Names the futures of what follows, the last first: see [`codegen`](crate::codegen). By default none is in a box, so there is
    /// nothing to name.
    #[doc(hidden)]
    #[inline]
    fn collect<T: Rest>() {}
}

/// What a part of a list does with an error.
pub trait OnError: 'static {
    /// The same of this part with another behind it.
    type Or<B: OnError>: OnError;

    /// Takes an error to the part, of which this is said, and on.
    fn detour<C: Chain, T: Rest>(
        part: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin;
}

/// Kinds of [`OnError`].
macro_rules! on_error {
    ($($(#[$doc:meta])* $name:ident: $or:ty, |$part:ident: $chain:ident, $why:ident, $req:ident, $res:ident, $tail:ident| $detour:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl OnError for $name {
            type Or<B: OnError> = $or;

            #[inline]
            fn detour<$chain: Chain, T: Rest>(
                $part: &$chain,
                $why: Detour,
                $req: &mut Request,
                $res: &mut Response,
                $tail: T,
            ) -> impl Future<Output = Done> + Send + Unpin {
                $detour
            }
        }
    )* };
}
on_error! {
    /// It may take the error.
    Takes: Takes, |part: C, why, req, res, tail| part.detour(why, req, res, tail);
    /// It has nothing to do with errors, which skip it and cost nothing there.
    Ignores: B, |_part: C, why, req, res, tail| tail.detour(why, req, res);
    /// It has nothing to do with errors either, but what follows waits in a box: without one, futures that stand for each other,
    /// layer by layer, would nest their types.
    IgnoresInBox: B, |_part: C, why, req, res, tail| Box::pin(async move { tail.detour(why, req, res).await });
}
