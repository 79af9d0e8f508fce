//! Connect's middleware model as one static type: an ordered stack, `next`, mounts and error handlers, put
//! together and checked by the compiler, on hyper and tokio.
//!
//! ```no_run
//! use connect::{app, error_handler, middleware, Error, Next, Request, Response, Result};
//!
//! #[middleware]
//! async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
//!     let done = next.run(req, res).await;
//!     println!("{} {} {}", req.method(), req.original_uri(), res.status_code());
//!     Ok(done)
//! }
//!
//! #[middleware]
//! fn hello(_req: &mut Request, res: &mut Response) -> Result {
//!     res.send("Hello")
//! }
//!
//! #[error_handler]
//! fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
//!     res.status(err.status()).send(err.public_message())
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     app![logger, "/hello" => hello, on_error].listen("127.0.0.1:3000").await
//! }
//! ```
//!
//! # Words
//!
//! | | |
//! |---|---|
//! | layer | one entry of a stack: a [middleware](macro@middleware), an [error handler](macro@error_handler), a [route](macro@get), a mount, a router, another app |
//! | stack | the ordered list in [`app!`], [`router!`] or [`stack!`] |
//! | chain | the static type that a stack becomes ([`Chain`]) |
//! | normal track, error track | the two ways through a chain: every layer sees one, the other goes by it |
//! | pass, run | [`next.pass()`](Next::pass): on, and not back. [`next.run(..)`](Next::run): everything below, then back |
//! | resume | an error handler's way back to the normal track ([`Resume`]) |
//! | route | a method, a path pattern and a function, with a stack of its own if it wants one ([`get`](macro@get)) |
//! | mount | a stack under a path prefix |
//! | final handler | answers 404, or the error page, when nobody else did |
//!
//! # Order
//! A request meets the layers in the order of the list.
//!
//! ```
//! use connect::{app, http, middleware, App, Chain, Next, Request, Response, Result};
//!
//! #[middleware]
//! fn greeting(_req: &mut Request, res: &mut Response, next: Next) -> Result {
//!     res.set("x-greeting", "hello");
//!     next.pass()
//! }
//!
//! #[middleware]
//! fn answer(_req: &mut Request, res: &mut Response) -> Result {
//!     res.send("answer")
//! }
//!
//! async fn greeting_of(app: App<impl Chain>) -> Option<String> {
//!     let (mut req, mut res) = (Request::from(http::Request::new("")), Response::new());
//!     let _ = app.run(&mut req, &mut res).await;
//!     res.header("x-greeting").map(str::to_owned)
//! }
//!
//! # #[tokio::main] async fn main() {
//! assert_eq!(greeting_of(app![greeting, answer]).await.as_deref(), Some("hello"));
//! # }
//! ```
//!
//! The other way round no request would get to `greeting`, and that does not compile:
//!
//! ```compile_fail
//! # use connect::{app, middleware, Next, Request, Response, Result};
//! # #[middleware]
//! # fn greeting(_req: &mut Request, res: &mut Response, next: Next) -> Result { next.pass() }
//! # #[middleware]
//! # fn answer(_req: &mut Request, res: &mut Response) -> Result { res.send("answer") }
//! let app = app![answer, greeting]; // error: no request gets here: `answer` above it always answers
//! ```
//!
//! # Values
//! A layer can provide values to the layers below it: a user, a session, a pool of connections. It says so in its
//! signature, and so do those that need them, and the compiler holds the one against the other.
//!
//! | | |
//! |---|---|
//! | `next: Next<User>`, `next.with(user).pass()` | this middleware provides a `User` |
//! | [`provide(db)`](provide()) in the list | what is there from the start |
//! | `req: &mut With<User>`, `req.get::<User>()` | this middleware needs a `User` ([`With`]) |
//! | `user: &User` in a route | the value itself |
//! | `user: Option<&User>` in a route or an error handler | if some layer provided it |
//! | `fn admin() -> impl Stack<(User, Db)>` | what a stack from elsewhere needs; `impl Stack<(), (User,)>`: what it provides |
//! | `#[get("/", audit, needs = User)]` | what a route's own stack takes from around the route |
//! | [`Declared`] | both, of a layer written by hand |
//!
//! ```
//! use connect::{app, get, middleware, Error, Next, Request, Response, Result};
//!
//! struct User {
//!     name: String,
//! }
//!
//! #[middleware]
//! fn authenticate(req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
//!     match req.header("x-user").map(str::to_owned) {
//!         Some(name) => next.with(User { name }).pass(),
//!         None => next.fail(Error::new(401, "who are you?")),
//!     }
//! }
//!
//! #[get("/me")]
//! async fn me(user: &User) -> String {
//!     format!("hello, {}", user.name)
//! }
//!
//! let app = app![authenticate, me];
//! ```
//!
//! With the two in the other order, or without `authenticate`, it does not compile: "no layer above this one
//! provides `User`", at `me`.
//!
//! The proof follows the normal track. An error may come from above the layer that provides something, so an error
//! handler takes an `Option`; and below an error handler that comes back ([`Resume`]) only that counts which was there
//! on entering its app or router, and what it provides itself (`next: Resume<User>`). What an entry provides that may not be
//! there, an `Option`, does not count, nor does what is provided under a path or in a router count outside of it.
//! Each type can be provided once on a way.
//!
//! There is one gap: a stack from a function, `impl Stack`, whose error handler comes back, does not say so in its
//! type. Every lookup is checked at run time all the same: a value that is missing is a 500 on the error track.
//!
//! # Requests
//! | | |
//! |---|---|
//! | `req.param("id")`, `req.query()`, `req.header("accept")`, `req.cookie("theme")` | what the client asks, read into types |
//! | `req.bytes()`, `req.text()`, `req.json()`, `req.form()`, `req.multipart()` | the body, [within a limit](body_limit()), decoded, once |
//! | `req.is("json")`, `req.accepts(..)`, `req.range(size)` | what it sends, and what it takes |
//! | `req.ip()`, `req.scheme()`, `req.hostname()` | where it comes from; behind a proxy by [`App::trust_proxy`] |
//!
//! # Errors
//! A layer fails by returning an error, with `?`, by [`next.fail`](Next::fail) or by a panic. The error goes to
//! the error handlers declared *after* that layer, then to those of the stack around it, and at last to the
//! final handler. [`Error`] says what it carries, [`error_handler`](macro@error_handler) how one type of errors
//! is taken.
//!
//! # Behaviour
//! Where the docs give a row, they mean the project's numbered inventory of what Connect 3.7 and Express 5 were
//! seen to do. Where the two differ, Express 5 is followed.
//!
//! [What the compiler tells you](guide::compiler) shows its messages, beside what Express does at run time for the
//! same mistake, and what axum's compiler prints.
#![forbid(unsafe_code)]
// Spelled out on purpose: see `Chain`.
#![allow(clippy::manual_async_fn)]

mod app;
mod body;
mod chain;
mod check;
mod cookies;
mod environment;
mod error;
mod finalize;
// Nothing but text.
#[cfg(doc)]
pub mod guide;
mod provide;
mod read;
mod request;
mod response;
mod route;
mod server;
mod service;
mod status;

pub use connect_macros::{
    all, app, connect, delete, error_handler, get, head, middleware, options, patch, post, put, route,
    router, stack, trace,
};

pub use {bytes, cookie, http, ipnet};

pub use app::App;
pub use body::Body;
pub use chain::done::{Done, Outcome, Result};
pub use chain::entry::Stack;
pub use chain::layer::{Layer, PlainLayer};
pub use chain::next::{Next, PlainFn, Resume, RouteHandler};
pub use chain::{Chain, Rest};
pub use cookies::{CookieKeys, CookieSecrets, Cookies};
pub use environment::Environment;
pub use error::{Error, FromError, IntoError, Panic, ResultExt};
pub use provide::declared::Declared;
pub use provide::proof::{Declares, Resumes};
pub use provide::ready::Ready;
pub use provide::state::{provide, provide_shared};
pub use provide::with::With;
pub use read::{BodyError, BodyErrorKind, BodyLimit, Multipart, ParsedBody, Part, body_limit, body_parser};
pub use request::{InvalidNetwork, ParamValue, ParamsView, Request, TrustProxy};
pub use response::{Response, Sendable};
pub use route::info::ListedRoute;
pub use route::method_not_allowed::method_not_allowed;
pub use route::param::{FromParam, ParamError};
pub use route::respond::Responder;
pub use route::url::RouteUrl;
pub use status::{IntoStatus, InvalidStatus};

/// What the expansions of the macros name. Nothing in here is meant to be written by hand, and all of it may
/// change with any version.
#[doc(hidden)]
pub mod __private {
    pub use crate::chain::entry::{Entry, Form, List, Listable, Router};
    pub use crate::chain::join::{Empty, Finish, Handler, Join, One};
    pub use crate::chain::listed::{Both, Gone, Kinds, Known, Listed, Other};
    pub use crate::chain::next::{ErrorHandler, RouteHandler};
    pub use crate::chain::plain::Step;
    pub use crate::chain::routes::{Leaf, Route, Stacked};
    pub use crate::check::{LayerInfo, Part as LayerPart};
    pub use crate::request::OwnedParam;
    pub use crate::route::info::Info;
    pub use crate::route::methods::Methods;
    pub use crate::route::param::{Optional, OptionalSplat, Required, Splat};
    pub use crate::route::pattern::{Options, Part, Pattern};
    pub use crate::route::respond::Responder;
    pub use crate::route::url::{AnyNumber, MayBe, MustBe, Several, url};
    pub use crate::{
        App, Chain, Error, FromError, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest, Result,
        Resume,
    };

    pub use crate::provide::declared::Declared;
    pub use crate::provide::proof::{Declares, Resumes};
    pub use crate::provide::ready::Gives;
    pub use crate::provide::values::{Single, Tuple};
    pub use crate::provide::with::{Holds, With};

    use std::any::Any;
    use std::marker::PhantomData;
    use std::sync::Arc;

    use crate::chain::caught::Inert;
    use crate::chain::entry;
    use crate::chain::group::Either;
    use crate::check::{first_fault, report};
    use crate::provide::proof::{Declaration, Follow, Has, ProvidedOnce, StandsAt, Start, Types, Under, Way};
    use crate::provide::values::missing;
    use crate::provide::with::AllProvided;

    /// An entry without a path.
    pub fn entry<Of, E: Entry<Of>>(entry: E) -> Listed<E::Segment, E::Known, E::Declares> {
        Listed { segment: entry.entry(), kinds: PhantomData, declares: PhantomData }
    }

    /// The way at the beginning of an app: nothing was provided.
    pub const APP: Way<Start, Start> = Way::new();

    /// The way at the beginning of a router, wherever it stands.
    pub const fn router_way<B>() -> Way<B, B> {
        Way::new()
    }

    /// The way at the beginning of a list, wherever it stands.
    pub const fn stack_way<B, N>() -> Way<B, N> {
        Way::new()
    }

    /// The way at the beginning of a route's own stack.
    pub const fn route_way<N>() -> Way<(), N> {
        Way::new()
    }

    /// The way behind an entry, which needs what was provided before it.
    pub fn follow<W, S, K, D: Declaration + Follow<W>, Ia, Ib, Ic, Id, Ie, If, Ja, Jb, Jc, Jd, Je, Jf>(
        _: W,
        _: &Listed<S, K, D>,
    ) -> D::After
    where
        W: Has<<D::Needs as Types>::A, Ia>,
        W: Has<<D::Needs as Types>::B, Ib>,
        W: Has<<D::Needs as Types>::C, Ic>,
        W: Has<<D::Needs as Types>::D, Id>,
        W: Has<<D::Needs as Types>::E, Ie>,
        W: Has<<D::Needs as Types>::F, If>,
        W: StandsAt<D::Place>,
        D::After: ProvidedOnce<<D::Provides as Types>::A, Ja>,
        D::After: ProvidedOnce<<D::Provides as Types>::B, Jb>,
        D::After: ProvidedOnce<<D::Provides as Types>::C, Jc>,
        D::After: ProvidedOnce<<D::Provides as Types>::D, Jd>,
        D::After: ProvidedOnce<<D::Provides as Types>::E, Je>,
        D::After: ProvidedOnce<<D::Provides as Types>::F, Jf>,
        D::After: Default,
    {
        D::After::default()
    }

    /// An entry with a path.
    pub fn mount<Of, E: Entry<Of>>(
        path: &'static Pattern,
        options: Options,
        entry: E,
    ) -> Listed<E::Mounted, Other, Under<E::Declares>> {
        Listed { segment: entry.mount(path, options), kinds: PhantomData, declares: PhantomData }
    }

    /// Two neighbours.
    pub fn join<A: Join<B>, B, K, L, D, E>(
        a: Listed<A, K, D>,
        b: Listed<B, L, E>,
    ) -> Listed<A::Out, Both<K, L>> {
        Listed { segment: a.segment.join(b.segment), kinds: PhantomData, declares: PhantomData }
    }

    /// No entry.
    pub const EMPTY: Listed<Empty, Gone> =
        Listed { segment: Empty, kinds: PhantomData, declares: PhantomData };

    /// The entries of a list, for [`first_dead`].
    pub fn known<S, K, D>(list: &Listed<S, K, D>) -> Known<K> {
        list.known()
    }

    /// The same under a short name, which is what the compiler prints.
    pub fn hidden<K: Kinds>(known: Known<K>) -> Known<impl Kinds> {
        known
    }

    /// The value that [`known`] gives.
    pub const fn checked<K>() -> Known<K> {
        Known(PhantomData)
    }

    /// Which entry of a list is one that nothing reaches; behind the last one, if none is.
    pub const fn first_dead<K: Kinds>(options: Options, own_scope: bool) -> usize {
        match first_fault(K::ENTRIES, options, own_scope) {
            Some(fault) => fault.entry,
            None => usize::MAX,
        }
    }

    /// Stops the compiler there.
    #[track_caller]
    pub const fn report_dead<K: Kinds>(options: Options, own_scope: bool) {
        if let Some(fault) = first_fault(K::ENTRIES, options, own_scope) {
            report(fault);
        }
    }

    /// The end of `stack!`.
    pub fn stack<S: Finish, K, D, B, N, Y>(
        options: Options,
        _: Way<B, N>,
        _: Y,
        list: Listed<S, K, D>,
    ) -> List<B, N, Y, S::Chain> {
        entry::List { chain: list.segment.finish(options), place: PhantomData }
    }

    /// The end of `router!`.
    pub fn router<S: Finish, K, D, B, Y>(
        options: Options,
        merge_params: bool,
        _: Way<B, B>,
        _: Y,
        list: Listed<S, K, D>,
    ) -> Router<B, S::Chain> {
        entry::Router { chain: list.segment.finish(options), merge_params, place: PhantomData }
    }

    /// The end of `app!`.
    pub fn app<S: Finish, K, D, Y>(
        options: Options,
        _: Way<Start, Start>,
        _: Y,
        list: Listed<S, K, D>,
    ) -> App<S::Chain> {
        App::new(list.segment.finish(options))
    }

    /// Calls an `async fn` with the first poll: its arguments are cloned then.
    pub fn inert<M, F>(make: M) -> Inert<M, F>
    where
        M: FnOnce() -> F,
        F: Future<Output = Result>,
    {
        Inert::new(make)
    }

    /// The end of a route's own stack.
    pub fn route_stack<S: Finish, K, D, N, Y>(_: Way<(), N>, _: Y, list: Listed<S, K, D>) -> S::Chain {
        list.segment.finish(Options { strict: false, case_sensitive: false })
    }

    /// What an attribute makes.
    pub fn leaf<R: Route>(route: R) -> Leaf<R> {
        Leaf(route)
    }

    /// What an attribute makes.
    pub fn stacked<R: Route, S: Chain>(route: R, stack: S) -> Stacked<R, S> {
        Stacked { route, stack }
    }

    /// A route's `next`.
    pub fn route_next() -> Next<(), RouteHandler> {
        Next::new(RouteHandler)
    }

    /// The `next` of a layer that provides.
    pub fn giving<P, Form, R>(next: Next<(), R>) -> Next<P, Gives<Form, R>> {
        Next::<P, Gives<(), R>>::giving(next)
    }

    /// The `next` of an error handler that provides.
    pub fn resume_giving<P, Form>(_: Resume) -> Resume<P, Gives<Form, ErrorHandler>> {
        Resume::new()
    }

    /// The request of a layer that needs something.
    pub fn with<N, All: AllProvided>(req: &mut Request) -> Result<&mut With<N>> {
        crate::provide::with::with::<N, All>(req)
    }

    /// Calls an `async fn` with what may be missing.
    pub fn with_or_fail<'a, N: 'a, All: AllProvided, F>(
        req: &'a mut Request,
        call: impl FnOnce(&'a mut With<N>) -> F,
    ) -> impl Future<Output = Result>
    where
        F: Future<Output = Result>,
    {
        match crate::provide::with::with::<N, All>(req) {
            Ok(req) => Either::A { future: call(req) },
            Err(err) => Either::B { future: std::future::ready(Err(err)) },
        }
    }

    /// A provided value, for a route.
    pub fn provided<T: Any + Send + Sync>(req: &Request) -> Result<&T> {
        req.provided().ok_or_else(missing::<T>)
    }

    /// The same beside `&mut Request`.
    pub fn provided_shared<T: Any + Send + Sync>(req: &Request) -> Result<Arc<T>> {
        req.values.share().ok_or_else(missing::<T>)
    }

    /// A value that may be provided.
    pub fn maybe_provided<T: Any + Send + Sync>(req: &Request) -> Option<&T> {
        req.provided()
    }

    /// The same beside `&mut Request`.
    pub fn maybe_shared<T: Any + Send + Sync>(req: &Request) -> Option<Arc<T>> {
        req.values.share()
    }

    /// Whether a route's own stack and what it declares meet the needs of its function.
    pub fn needs<T, W: Has<T, I>, I>(_: W) {}

    /// What an attribute makes of a layer that declares something.
    pub fn declared<L, D>(layer: L) -> Declared<L, D> {
        Declared::of(layer)
    }

    /// A route's answer.
    pub fn respond<T: Responder>(answer: T, res: &mut Response) -> Result {
        answer.respond(res)
    }

    /// A copy of a parameter, for a route that has the request by `&mut`.
    pub fn owned(req: &Request, index: usize) -> Result<OwnedParam> {
        Ok(OwnedParam::new(req.nth_param(index)?))
    }

    // One line each, and the bound in it: the compiler quotes them where a parameter's type does not fit.

    /// A parameter of a route's function.
    pub fn required<'a, K, T: Required<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
        Ok(T::take(req.nth_param(index)?)?)
    }

    /// The same, of a copy.
    pub fn required_of<'a, K, T: Required<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
        Ok(T::take(copy.param())?)
    }

    /// A parameter of a route's function.
    pub fn optional<'a, K, T: Optional<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
        Ok(T::take(req.nth_param(index)?)?)
    }

    /// The same, of a copy.
    pub fn optional_of<'a, K, T: Optional<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
        Ok(T::take(copy.param())?)
    }

    /// A parameter of a route's function.
    pub fn splat<'a, K, T: Splat<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
        Ok(T::take(req.nth_param(index)?)?)
    }

    /// The same, of a copy.
    pub fn splat_of<'a, K, T: Splat<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
        Ok(T::take(copy.param())?)
    }

    /// A parameter of a route's function.
    pub fn optional_splat<'a, K, T: OptionalSplat<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
        Ok(T::take(req.nth_param(index)?)?)
    }

    /// The same, of a copy.
    pub fn optional_splat_of<'a, K, T: OptionalSplat<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
        Ok(T::take(copy.param())?)
    }

    /// What an attribute makes.
    pub fn one<L: Layer>(layer: L) -> One<L> {
        One(layer)
    }

    /// What an attribute makes.
    pub fn handler<L: Layer>(layer: L) -> Handler<L> {
        Handler(layer)
    }

    /// What an attribute makes.
    pub fn step<L: PlainLayer>(layer: L) -> Step<L> {
        Step(layer)
    }
}

/// The README's code, as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
