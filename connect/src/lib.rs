//! Connect's middleware model as one static type.
#![forbid(unsafe_code)]
// Spelled out on purpose: see `Chain`.
#![allow(clippy::manual_async_fn)]

mod app;
mod body;
mod chain;
mod environment;
mod error;
mod finalize;
mod phrase;
mod request;
mod response;
mod server;
mod service;

pub use connect_macros::{app, error_handler, middleware, router, stack};

pub use {bytes, http};

pub use app::App;
pub use body::Body;
pub use chain::done::{Done, Outcome, Result};
pub use chain::entry::Stack;
pub use chain::layer::{Layer, PlainLayer};
pub use chain::next::{Next, PlainFn, Resume};
pub use chain::{Chain, Rest};
pub use environment::Environment;
pub use error::{Error, FromError, IntoError, Panic, ResultExt};
pub use request::Request;
pub use response::{IntoStatus, Response, Sendable};

/// What the expansions of the macros name. Nothing in here is meant to be written by hand, and all of it may
/// change with any version.
#[doc(hidden)]
pub mod __private {
    pub use crate::chain::entry::{Entry, List, Router};
    pub use crate::chain::join::{Empty, Finish, Handler, Join, One};
    pub use crate::chain::next::ErrorHandler;
    pub use crate::chain::plain::Step;
    pub use crate::{
        App, Error, FromError, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest, Result, Resume,
    };

    use crate::chain::entry;

    /// An entry without a path.
    pub fn entry<Kind, E: Entry<Kind>>(entry: E) -> E::Segment {
        entry.entry()
    }

    /// An entry with a path.
    pub fn mount<Kind, E: Entry<Kind>>(path: &'static str, entry: E) -> E::Mounted {
        entry.mount(path)
    }

    /// Two neighbours.
    pub fn join<A: Join<B>, B>(a: A, b: B) -> A::Out {
        a.join(b)
    }

    /// The end of `stack!`.
    pub fn stack<S: Finish>(segment: S) -> List<S::Chain> {
        entry::List(segment.finish())
    }

    /// The end of `router!`.
    pub fn router<S: Finish>(segment: S) -> Router<S::Chain> {
        entry::Router(segment.finish())
    }

    /// The end of `app!`.
    pub fn app<S: Finish>(segment: S) -> App<S::Chain> {
        App::new(segment.finish())
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
