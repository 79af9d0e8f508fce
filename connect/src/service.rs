//! An app as a service, for hyper and for tower.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body as HttpBody;
use hyper::body::Incoming;

use crate::chain::Chain;
use crate::chain::held::held;
use crate::error::BoxError;
use crate::{App, Body, Request};

type Answer = Result<http::Response<Body>, Infallible>;
type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// For axum's `fallback_service`, `nest_service` and `route_service`, for tower's layers and whoever else has to name the
/// future: it costs a box a request. [`App::into_service`] has none.
///
/// Bodies stream in and out, and what the layers around have put into the request's extensions is in
/// [`req.extensions()`](Request::extensions): axum's `MatchedPath`, its `OriginalUri` where a `nest_service` has taken off a part of the
/// path, and its `ConnectInfo`, from which a middleware can [set the peer](Request::set_peer).
impl<C, B> tower_service::Service<http::Request<B>> for App<C>
where
    C: Chain,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = AnswerFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: http::Request<B>) -> AnswerFuture {
        boxed(|| answer(self.clone(), req))
    }
}

/// For hyper's connections: it costs a box a request. [`App::into_hyper`] has none.
impl<C, B> hyper::service::Service<http::Request<B>> for App<C>
where
    C: Chain,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = AnswerFuture;

    fn call(&self, req: http::Request<B>) -> AnswerFuture {
        boxed(|| answer(self.clone(), req))
    }
}

/// The box first, so that the future is made in it and not copied.
#[inline]
fn boxed<F: Future<Output = Answer> + Send + 'static>(make: impl FnOnce() -> F) -> AnswerFuture {
    let future: Box<F> = Box::write(Box::new_uninit(), make());
    Box::into_pin(future)
}

async fn answer<C, B>(app: App<C>, req: http::Request<B>) -> Answer
where
    C: Chain,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut req = Request::from_http(req, Body::new);
    Ok(app.respond(&mut req).await)
}

/// What [`App::into_service`] is made of: a closure with the future's type beside it.
#[derive(Debug, Clone)]
struct ServiceFn<F>(F);

impl<F, B, Fut> tower_service::Service<http::Request<B>> for ServiceFn<F>
where
    F: FnMut(http::Request<B>) -> Fut,
    Fut: Future<Output = Answer>,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Fut;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: http::Request<B>) -> Fut {
        (self.0)(req)
    }
}

impl<C: Chain> App<C> {
    /// The app as a tower service that costs no box; its type cannot be named.
    pub fn into_service<B>(
        self,
    ) -> impl tower_service::Service<
        http::Request<B>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future = impl Future<Output = Answer> + Send,
    > + Clone
    + Send
    + Sync
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        ServiceFn(move |req| answer(self.clone(), req))
    }

    /// The app as a service for hyper's connections that costs no box; its type cannot be named.
    pub fn into_hyper(
        self,
    ) -> impl hyper::service::Service<
        http::Request<Incoming>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future = impl Future<Output = Answer> + Send,
    > + Clone
    + Send
    + Sync {
        hyper::service::service_fn(move |req| held(answer(self.clone(), req)))
    }
}
