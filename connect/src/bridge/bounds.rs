//! The bounds of tower layers and services, with the compiler's messages for types that do not meet them.
//!
//! Each condition is a trait of its own, so that the message names the one that fails. Each has an associated type,
//! `Is`, that the functions require: if it is missing, the call has no type, and the compiler reports that once. It
//! would check and report a plain bound in each place that [`app!`](crate::app) puts the call into. `Send` needs no
//! trait: rustc's own message says once what keeps a future from being `Send`.

use std::task::{Context, Poll};

use http_body::Body as HttpBody;
use tower_service::Service;

use super::TowerRest;
use crate::Body;
use crate::error::BoxError;

/// A tower layer that takes the rest of a stack.
#[diagnostic::on_unimplemented(
    message = "this is not a `tower::Layer` that takes the rest of a stack",
    label = "not a tower layer",
    note = "a tower service, which answers itself, is listed as `tower_service(..)`, and a layer of this library as it is"
)]
pub trait TowerLayer {
    /// The service that the layer makes.
    type Service;
    /// Makes the service.
    fn make(self) -> Self::Service;
}

#[diagnostic::do_not_recommend]
impl<L: tower_layer::Layer<TowerRest>> TowerLayer for L {
    type Service = L::Service;
    fn make(self) -> L::Service {
        self.layer(TowerRest(()))
    }
}

/// A tower service of requests.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `tower::Service` of requests",
    label = "not a `tower::Service<http::Request<connect::Body>>`",
    note = "if a layer needs another body type, `tower_http::map_request_body::MapRequestBodyLayer` in front of it converts this one"
)]
pub trait TowerCalls {
    /// The response.
    type Answer;
    /// The error.
    type Failure;
    /// The future of the response.
    type Future: Future<Output = Result<Self::Answer, Self::Failure>>;
    /// Polls whether the service accepts a request.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Failure>>;
    /// Calls the service.
    fn call(&mut self, req: http::Request<Body>) -> Self::Future;
}

#[diagnostic::do_not_recommend]
impl<S: Service<http::Request<Body>>> TowerCalls for S {
    type Answer = S::Response;
    type Failure = S::Error;
    type Future = S::Future;
    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::poll_ready(self, cx)
    }
    #[inline]
    fn call(&mut self, req: http::Request<Body>) -> S::Future {
        Service::call(self, req)
    }
}

/// A service that is cloned for each request.
#[diagnostic::on_unimplemented(
    message = "the tower service `{Self}` is not `Clone`, and each request needs a clone",
    label = "its service is not `Clone`",
    note = "put a `buffer` around it: `ServiceBuilder::new().buffer(1024).rate_limit(..)`"
)]
pub trait TowerClone: Clone + Send + 'static {
    /// Set if the condition is met.
    type Is;
}

#[diagnostic::do_not_recommend]
impl<S: Clone + Send + 'static> TowerClone for S {
    type Is = ();
}

/// A service that many threads can clone at a time.
#[diagnostic::on_unimplemented(
    message = "the tower service `{Self}` is not `Sync`, and a stack is shared between threads",
    label = "its service is not `Sync`",
    note = "`tower_unsync(..)` puts a lock around it"
)]
pub trait TowerSync: Sync {
    /// Set if the condition is met.
    type Is;
}

#[diagnostic::do_not_recommend]
impl<S: Sync> TowerSync for S {
    type Is = ();
}

/// A response.
#[diagnostic::on_unimplemented(
    message = "a tower service in a stack answers with an `http::Response` of a body, and this one with `{Self}`",
    label = "not an `http::Response` with a body",
    note = "a body is a `connect::Body`, a `String`, or any `http_body::Body` that is `Send`"
)]
pub trait TowerAnswer {
    /// Set if the condition is met.
    type Is;
    /// Converts the body into a [`Body`].
    fn into_response(self) -> http::Response<Body>;
}

#[diagnostic::do_not_recommend]
impl<A: OfABody> TowerAnswer for A {
    type Is = ();
    fn into_response(self) -> http::Response<Body> {
        self.with_our_body()
    }
}

/// The types that implement [`TowerAnswer`]. If that trait were implemented for responses directly, its message would
/// be reported in each place.
pub trait OfABody {
    /// The response.
    fn with_our_body(self) -> http::Response<Body>;
}

impl<B: HttpBody<Error: Into<BoxError>> + Send + 'static> OfABody for http::Response<B> {
    fn with_our_body(self) -> http::Response<Body> {
        self.map(Body::new)
    }
}

/// An error for the error track.
#[diagnostic::on_unimplemented(
    message = "a tower service fails with `{Self}`, which is not an error",
    label = "its error cannot go on the error track",
    note = "implement `std::error::Error` for it, or turn it into one that does with `ServiceBuilder::map_err(..)`"
)]
pub trait TowerError: Send {
    /// Set if the condition is met.
    type Is;
    /// Boxes the error.
    fn into_boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError> + Send> TowerError for E {
    type Is = ();
    fn into_boxed(self) -> BoxError {
        self.into()
    }
}

/// The bound of [`TowerClone::Is`] and the others.
pub trait Met {}

impl Met for () {}
