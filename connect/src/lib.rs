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
//!     res.error(&err).text(err.public_message())
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     app![logger, "/hello" => hello, on_error].listen("127.0.0.1:3000").await
//! }
//! ```
//!
//! A layer *answers*, or calls `next`; values that layers provide to those below them, `next: Next<User>` and `user: &User`, and the
//! order of the list are checked by the compiler. The [`guide`] is a book about all of it: [getting started](guide::start),
//! [the model](guide::model), [values and guards](guide::values), [coming from Express](guide::from_express).
//!
//! # By task
//!
//! | to | use |
//! |---|---|
//! | list layers | [`app!`], [`router!`], [`stack!`], [`guard!`] |
//! | write a layer | [`#[middleware]`](macro@middleware), [`#[error_handler]`](macro@error_handler), [`Next`], [`Resume`]; by hand [`Layer`], [`PlainLayer`], [`ResumingLayer`], [`RewritingLayer`], [`wrap`](wrap()) |
//! | say where a layer has to stand | [`Stated`], [`Facts`], [`Fact`], [`Law`]; set its options in the list: [`IntoLayer`] |
//! | write a route | [`#[get("/users/:id")]`](macro@get) and its like, [`FromParam`], [`url!`], [`method_not_allowed`](method_not_allowed()) |
//! | share a value | [`provide`](provide()), [`provide_shared`](provide_shared()), [`With`], [`Declared`] |
//! | return a stack from a function | [`Stack`], [`Guarded`], [`Resuming`]; an app: [`App`], [`Chain`], [`Either`], [`BoxedApp`] |
//! | read a request | [`Request`]; extractors: [`Json`], [`Form`], [`Query`], [`Peer`], [`FromRequest`]; bodies: [`body_limit`](body_limit()), [`body_parser`](mod@body_parser), [`Multipart`], [`BodyError`] |
//! | send a response | [`Response`]; responders: [`Html`], [`Redirect`], [`Responder`]; [`Events`], [`Writer`], [`Views`] |
//! | send files | [`serve_static`](serve_static()), [`SendFile`], [`SendBytes`] |
//! | read and set cookies | [`Cookies`], [`CookieKeys`] |
//! | fail | [`Error`], [`bail!`], [`ResultExt`], [`FromError`], [`Panic`] |
//! | act before the head goes out, and know how a response ended | [`Response::before_head`], [`Response::on_finish`], [`Finish`], [`Ended`] |
//! | do something at startup, in the background and at shutdown | [`Layer::on_startup`], [`Startup`], [`App::start`] |
//! | serve | [`App::listen`], [`App::server`], [`Server`], [`Shutdown`], [`detached`](detached()), [`TrustProxy`], [`Environment`] |
//!
//! # Features
//!
//! No feature is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `anyhow` | `?` on an `anyhow::Error`, and handlers that return an `anyhow::Result`; error handlers of the type at its root take it, and its backtrace is not kept |
//! | `headers` | `TypedHeader`, an extractor |
//! | `http2` | HTTP/2, by ALPN and for clients with prior knowledge |
//! | `minijinja` | `MiniJinja`, an engine for [`Views`] |
//! | `proxy-protocol` | `Server::proxy_protocol`: the client's address from the PROXY protocol, version 1 and 2 |
//! | `testing` | `connect::testing`, a client for tests |
//! | `tls` | `Tls`, for [`Server`], and `TlsInfo`, of a connection |
//! | `tower` | `tower(layer)` and `tower_service(service)`: tower's layers and services in a list |
//! | `websocket` | `connect::websocket` |
//!
//! What the macros write names the library `::connect`. Where it has another name in your `Cargo.toml`, say
//! `extern crate other_name as connect;` at the root of your crate.
//!
//! # Limits of the compiler
//!
//! Two hundred layers of all kinds in one app, and routers eight deep with 25 layers in each, were built at rustc's default
//! recursion limit and run through every host, in debug and release builds. Sixty, and routers six deep, are with each change of
//! this crate. [Performance and builds](guide::performance) says what to do where a limit is met all the same.
//!
//! # Behaviour
//!
//! The behaviour of Connect 3.7 and Express 5 is recorded in the repository's `tests/conformance`, and replayed by its tests. Where
//! the two differ, Express 5 is followed.
//!
//! [What the compiler tells you](guide::compiler) shows its messages, beside what Express does at run time for the same mistake, and
//! what axum's compiler prints. [What rustc says](guide::rustc) has rustc's own messages, and what to write then.
#![forbid(unsafe_code)]
// Written out on purpose: see `Chain`.
#![allow(clippy::manual_async_fn)]

mod app;
mod app_of_one_type;
mod body;
#[cfg(feature = "tower")]
mod bridge;
mod chain;
mod check;
mod codegen;
mod conditional;
mod connection;
mod cookies;
mod environment;
mod erased;
mod error;
mod events;
mod extract;
mod facts;
mod files;
mod finalize;
mod finish;
// Only documentation.
#[cfg(doc)]
pub mod guide;
mod provide;
mod ranges;
mod read;
mod refused;
mod request;
mod respond;
mod response;
mod route;
mod server;
mod service;
mod stack;
mod startup;
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod tree;
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
pub use app_of_one_type::BoxedApp;
pub use body::Body;
#[cfg(feature = "tower")]
pub use bridge::{TowerRest, TowerService, tower, tower_service, tower_unsync};
pub use chain::done::{Done, Outcome, Result};
pub use chain::either::Either;
pub use chain::layer::{Layer, PlainLayer};
pub use chain::next::{ErrorHandler, Next, PlainFn, RouteHandler};
pub use chain::resume::Resume;
pub use chain::resuming::ResumingLayer;
pub use chain::rewriting::RewritingLayer;
pub use chain::{Chain, Rest};
#[cfg(feature = "tls")]
pub use connection::TlsInfo;
pub use connection::{ConnectionInfo, Detached, Ended, Shutdown, detached};
pub use cookies::{CookieKeys, CookieSecrets, Cookies};
pub use environment::Environment;
pub use erased::stack::BoxedChain;
pub use error::{Error, FromError, IntoError, Origin, Panic, ResultExt};
pub use events::{Event, Events};
#[cfg(feature = "headers")]
pub use extract::TypedHeader;
pub use extract::{Form, FromRequest, Json, Peer, Query, ReadsBody, ReadsHead};
pub use facts::{Fact, Facts, IntoLayer, Law, Stated, StatesFacts};
pub use files::{Coding, Dotfiles, SendBytes, SendFile, ServeStatic, is_hashed_name, serve_static};
pub use finish::{Finish, SentHead};
pub use provide::declared::Declared;
pub use provide::proof::{Declares, Guarded, Resumes, Resuming, Straight};
pub use provide::ready::Ready;
pub use provide::state::{provide, provide_shared};
pub use provide::with::With;
pub use read::{BodyError, BodyErrorKind, BodyLimit, Multipart, ParsedBody, Part, body_limit, body_parser};
pub use request::{
    InvalidNetwork, MatchedRoute, ParamValue, ParamsView, Request, Rewrite, RoutePattern, TrustProxy,
};
pub use respond::{Html, Redirect, Responder};
pub use response::{Format, Response, Sendable};
pub use route::info::ListedRoute;
pub use route::method_not_allowed::method_not_allowed;
pub use route::param::{FromParam, ParamError};
pub use route::url::RouteUrl;
#[cfg(feature = "tls")]
pub use server::Tls;
pub use server::{BoundServer, Listener, Server, StartedApp};
pub use stack::list::Stack;
pub use stack::wrap::wrap;
pub use startup::Startup;
pub use status::{IntoStatus, InvalidStatus};
#[cfg(feature = "minijinja")]
pub use views::MiniJinja;
pub use views::{Engine, Views};
pub use writer::Writer;

/// The names that the expansions of the macros use. Do not use them by hand: they may change with any version.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
/// The README's code, as doc tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
