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
//!     res.text("Hello")
//! }
//!
//! #[error_handler]
//! fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
//!     res.status(err.status()).text(err.public_message())
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
//!     res.text("answer")
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
//! # fn answer(_req: &mut Request, res: &mut Response) -> Result { res.text("answer") }
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
//! | `user: &User` in a route or a middleware | the value itself |
//! | `user: Option<&User>` there or in an error handler | if some layer provided it |
//! | [`guard![authenticate => me, settings]`](guard!) | this middleware runs when one of these routes matches, and provides for them |
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
//! With the two in the other order, or without `authenticate`, it does not compile: "no layer above provides `User` to
//! this one", at `me`.
//!
//! The proof covers both tracks. [Why it holds](guide::proof) has the rules. An error may come from above the layer that
//! provides something, so an error handler takes an `Option`. Below an error handler that resumes ([`Resume`]) only what is
//! provided on either track counts: what there was where its app, router or route begins, the values of
//! [`provide(..)`](provide()), and what the handler itself provides, `next: Resume<User>`.
//!
//! # Requests
//! | | |
//! |---|---|
//! | `req.param("id")`, `req.query()`, `req.header("accept")`, `req.cookie("theme")` | what the client asks, read into types |
//! | `req.bytes()`, `req.text()`, `req.json()`, `req.form()`, `req.multipart()` | the body, [within a limit](body_limit()), decoded, once |
//! | `req.is("json")`, `req.accepts(..)`, `req.range(size)` | what it sends, and what it takes |
//! | `req.ip()`, `req.scheme()`, `req.hostname()` | where it comes from; behind a proxy by [`App::trust_proxy`] |
//!
//! A route can take [extractors](FromRequest) instead, and return [what it answers with](Responder). The pages
//! [`requests`](guide::requests) and [`responses`](guide::responses) go through all of it.
//!
//! # Serving
//! [`listen`](App::listen) serves an app at an address; [`server`](App::server) has the settings: several addresses,
//! threads, TLS, limits, and how it ends. The page [`serving`](guide::serving) goes through them.
//!
//! # Features
//!
//! | | |
//! |---|---|
//! | `anyhow` | `?` on an `anyhow::Error`, and handlers that return an `anyhow::Result`; error handlers of the type at its root take it, and its backtrace is not kept |
//! | `testing` | `connect::testing`, a client for tests |
//! | `minijinja` | `MiniJinja`, an engine for [`Views`] |
//! | `headers` | `TypedHeader`, an extractor |
//! | `http2` | HTTP/2, by ALPN and for clients that know it |
//! | `tls` | `Tls`, for [`Server`] |
//! | `websocket` | `connect::websocket` |
//! | `tower` | `tower(layer)` and `tower_service(service)`: tower's layers and services in a stack |
//!
//! What the macros write names the library `::connect`. Where it has another name in your `Cargo.toml`, say
//! `extern crate other_name as connect;` at the root of your crate.
//!
//! # Errors
//! A layer fails by returning an error, with `?`, by [`next.fail`](Next::fail) or by a panic. The error goes to
//! the error handlers declared *after* that layer, then to those of the stack around it, and at last to the
//! final handler. [`Error`] says what it carries, [`error_handler`](macro@error_handler) how one type of errors
//! is taken.
//!
//! # How many layers fit
//! Two hundred layers of all kinds in one app, and routers eight deep with 25 layers in each, were built at rustc's default
//! recursion limit and run through every host, in debug and release builds. Sixty, and routers six deep, are with each
//! change of this crate.
//!
//! If a limit is met all the same, rustc says "overflow evaluating the requirement", "overflow normalizing the opaque type" or
//! "queries overflow the depth limit", of types such as `Then<Link<..>, ..>`, where the app is served and not where it is
//! written; `cargo check` says nothing. The line that rustc names, `#![recursion_limit = "256"]`, raises the limit in the crate
//! that serves the app.
//!
//! # Behaviour
//! Where the docs give a row, they mean the project's numbered inventory of what Connect 3.7 and Express 5 were
//! seen to do. Where the two differ, Express 5 is followed.
//!
//! [What the compiler tells you](guide::compiler) shows its messages, beside what Express does at run time for the
//! same mistake, and what axum's compiler prints. [What rustc says](guide::rustc) has rustc's own messages, and what to write then.
#![forbid(unsafe_code)]
// Spelled out on purpose: see `Chain`.
#![allow(clippy::manual_async_fn)]

mod app;
mod app_of_one_type;
mod body;
#[cfg(feature = "tower")]
mod bridge;
mod chain;
mod check;
mod conditional;
mod connection;
mod cookies;
mod environment;
mod error;
mod events;
mod extract;
mod files;
mod finalize;
mod finish;
// Nothing but text.
#[cfg(doc)]
pub mod guide;
mod provide;
mod ranges;
mod read;
mod request;
mod respond;
mod response;
mod route;
mod server;
mod service;
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod views;
#[cfg(feature = "websocket")]
pub mod websocket;
mod writer;

pub use connect_macros::{
    all, app, connect, delete, error_handler, get, guard, head, middleware, options, patch, post, put, route,
    router, stack, trace,
};

#[cfg(feature = "headers")]
pub use headers;
pub use {bytes, cookie, http, ipnet};

pub use app::{App, Mountable, Outermost};
pub use app_of_one_type::{BoxedApp, BoxedChain};
pub use body::Body;
#[cfg(feature = "tower")]
pub use bridge::{TowerRest, TowerService, tower, tower_service, tower_unsync};
pub use chain::done::{Done, Outcome, Result};
pub use chain::either::Either;
pub use chain::entry::Stack;
pub use chain::layer::{Layer, PlainLayer};
pub use chain::next::{ErrorHandler, Next, PlainFn, Resume, RouteHandler};
pub use chain::resuming::ResumingLayer;
pub use chain::rewriting::RewritingLayer;
pub use chain::wrap::wrap;
pub use chain::{Chain, Rest};
pub use connection::{Detached, Shutdown, detached};
pub use cookies::{CookieKeys, CookieSecrets, Cookies};
pub use environment::Environment;
pub use error::{Error, FromError, IntoError, Panic, ResultExt};
pub use events::{Event, Events};
#[cfg(feature = "headers")]
pub use extract::TypedHeader;
pub use extract::{Form, FromRequest, Json, Peer, Query, ReadsBody, ReadsHead};
pub use files::{Dotfiles, SendFile, ServeStatic, serve_static};
pub use finish::Finish;
pub use provide::declared::Declared;
pub use provide::proof::{Declares, Guarded, Resumes, Resuming, Straight};
pub use provide::ready::Ready;
pub use provide::state::{provide, provide_shared};
pub use provide::with::With;
pub use read::{BodyError, BodyErrorKind, BodyLimit, Multipart, ParsedBody, Part, body_limit, body_parser};
pub use request::{InvalidNetwork, ParamValue, ParamsView, Request, Rewrite, TrustProxy};
pub use respond::{Html, Redirect, Responder};
pub use response::{Format, Response, Sendable};
pub use route::info::ListedRoute;
pub use route::method_not_allowed::method_not_allowed;
pub use route::param::{FromParam, ParamError};
pub use route::url::RouteUrl;
#[cfg(feature = "tls")]
pub use server::Tls;
pub use server::{BoundServer, Listener, Server};
pub use status::{IntoStatus, InvalidStatus};
#[cfg(feature = "minijinja")]
pub use views::MiniJinja;
pub use views::{Engine, Views};
pub use writer::Writer;

/// What the expansions of the macros name. Nothing in here is meant to be written by hand, and all of it may
/// change with any version.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
/// The README's code, as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
