//! What fits a bridge, in the words that the compiler has for what does not.
//!
//! Each condition is a trait of its own, so that what fails is said by itself. And each has a type, `Is`, that the
//! functions ask for: where it cannot be had the call has no type, and the compiler says so once. A bound alone
//! it would check, and report, in all the places that [`app!`](crate::app) puts the call into. (Not so `Send`, of which
//! rustc says once, and best, what keeps a future from it.)

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
    /// What it makes.
    type Service;
    /// Makes it.
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
    note = "where a layer wants another body, `tower_http::map_request_body::MapRequestBodyLayer` in front of it converts ours"
)]
pub trait TowerCalls {
    /// What it answers with.
    type Answer;
    /// What it fails with.
    type Failure;
    /// What it waits for.
    type Future: Future<Output = Result<Self::Answer, Self::Failure>>;
    /// Whether it takes a request.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Failure>>;
    /// Takes it.
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

/// A service of which each request gets a clone.
#[diagnostic::on_unimplemented(
    message = "the tower service `{Self}` is not `Clone`, and each request needs one of its own",
    label = "its service is not `Clone`",
    note = "a `buffer` outside of it makes it so: `ServiceBuilder::new().buffer(1024).rate_limit(..)`"
)]
pub trait TowerClone: Clone + Send + 'static {
    /// There only where the condition is met.
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
    /// There only where the condition is met.
    type Is;
}

#[diagnostic::do_not_recommend]
impl<S: Sync> TowerSync for S {
    type Is = ();
}

/// A response.
#[diagnostic::on_unimplemented(
    message = "a tower service in a stack answers with an `http::Response` of a body, and this one with `{Self}`",
    label = "its answer is not one of ours",
    note = "a body is a `connect::Body`, a `String`, or any `http_body::Body` that is `Send`"
)]
pub trait TowerAnswer {
    /// There only where the condition is met.
    type Is;
    /// With our body.
    fn into_response(self) -> http::Response<Body>;
}

#[diagnostic::do_not_recommend]
impl<A: OfABody> TowerAnswer for A {
    type Is = ();
    fn into_response(self) -> http::Response<Body> {
        self.with_our_body()
    }
}

/// What [`TowerAnswer`] is implemented for. Implemented for responses itself, it would be reported in all places.
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
    /// There only where the condition is met.
    type Is;
    /// In a box, as any error can be.
    fn into_boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError> + Send> TowerError for E {
    type Is = ();
    fn into_boxed(self) -> BoxError {
        self.into()
    }
}

/// What [`TowerClone::Is`] and its like are.
pub trait Met {}

impl Met for () {}
