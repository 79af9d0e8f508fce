//! The dispatch core: how a list of layers becomes one static type, and how a request travels through it.
//!
//! Read the files in this order: [`done`] (what a layer returns), [`layer`], [`resuming`] and [`route`] (what a layer or a route
//! is), [`next`] (how it hands on), [`signal`] (what a link makes of what a layer returns), [`list`] and [`row`] (how a chain is
//! held together), [`link`], [`plain`], [`routes`] and [`mount`] (what it is made of), [`join`] and [`cut`] (how `app!` turns a
//! list into a chain), [`entry`] (what may stand in the list), [`held`] (what a debug build hides) and [`collect`] (what the
//! compiler needs to be shown). [`deferred`], [`caught`] and [`outlined`] are the small futures that the links are built from.
//!
//! Nothing here knows of cookies, JSON or sockets. Of the request it uses the mount prefix, of the response
//! whether it is finished and whether something is wrong with it.

pub(crate) mod caught;
pub(crate) mod collect;
pub(crate) mod cut;
pub(crate) mod deferred;
pub(crate) mod done;
pub(crate) mod either;
pub(crate) mod entry;
pub(crate) mod erased;
pub(crate) mod gate;
pub(crate) mod group;
pub(crate) mod held;
pub(crate) mod hidden;
pub(crate) mod join;
pub(crate) mod layer;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod listed;
pub(crate) mod mount;
pub(crate) mod next;
pub(crate) mod outlined;
pub(crate) mod plain;
pub(crate) mod resuming;
pub(crate) mod rewriting;
pub(crate) mod route;
pub(crate) mod routes;
pub(crate) mod row;
pub(crate) mod shared;
pub(crate) mod signal;
pub(crate) mod tree;
pub(crate) mod wrap;

use self::done::{Detour, Done};
use self::tree::Tree;
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

    /// The same without a box of its own, for a layer that awaits it where it is: see `Apart`.
    #[doc(hidden)]
    type InPlace: Rest;
    #[doc(hidden)]
    fn in_place(self) -> Self::InPlace;

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

    /// The normal track. Nothing runs before the first poll.
    #[doc(hidden)]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send;

    /// The error track, and the way out of a router.
    ///
    /// `Unpin` since whatever waits on it is boxed: an error may cost an allocation, success may not, and inline in
    /// the normal track's future it would double every one of them. The box also ends the nesting of layouts.
    #[doc(hidden)]
    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin;

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

    /// Names the futures of what follows, the last first: see [`collect`].
    #[doc(hidden)]
    fn collect<T: Rest>();
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

/// It may take it.
#[derive(Debug)]
pub struct Takes;

/// It has nothing to do with errors, which go by it, and costs them nothing.
#[derive(Debug)]
pub struct LetsBy;

impl OnError for Takes {
    type Or<B: OnError> = Takes;

    #[inline]
    fn detour<C: Chain, T: Rest>(
        part: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        part.detour(why, req, res, tail)
    }
}

impl OnError for LetsBy {
    type Or<B: OnError> = B;

    #[inline]
    fn detour<C: Chain, T: Rest>(
        _: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        tail.detour(why, req, res)
    }
}

/// It has nothing to do with errors either, but whoever goes by it waits in a box: types of futures that stand for one
/// another, layer by layer, nest as all others do.
#[derive(Debug)]
pub struct Boxes;

impl OnError for Boxes {
    type Or<B: OnError> = B;

    fn detour<C: Chain, T: Rest>(
        _: &C,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        Box::pin(async move { tail.detour(why, req, res).await })
    }
}

/// Two things of a stack, one after the other.
#[derive(Debug)]
pub struct Seq<A, B>(pub(crate) A, pub(crate) B);
