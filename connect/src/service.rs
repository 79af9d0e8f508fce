//! An app as a service, for hyper and for tower.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::Body as HttpBody;
use hyper::body::Incoming;

use crate::chain::Chain;
use crate::erased::{Erased, erased};
use crate::error::BoxError;
use crate::{App, Body, Outermost, Request};

type Answer = Result<http::Response<Body>, Infallible>;
type AnswerFuture = Erased<'static, Answer>;

/// A tower service, for axum's `fallback_service`, `nest_service` and `route_service`, and for tower's layers. A call
/// costs a box, so that the future can be named.
///
/// Bodies are streamed in both directions. What the layers of the host have put into the request's extensions is in
/// [`req.extensions()`](Request::extensions): axum's `MatchedPath`, its `OriginalUri` where a `nest_service` has
/// stripped a part of the path, and its `ConnectInfo`, from which a middleware can [set the peer](Request::set_peer).
impl<C, P, B> tower_service::Service<http::Request<B>> for App<C, P>
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
        called(self, req)
    }
}

/// A hyper service, for hyper's connections. A call costs a box.
impl<C, P, B> hyper::service::Service<http::Request<B>> for App<C, P>
where
    C: Chain,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = AnswerFuture;

    fn call(&self, req: http::Request<B>) -> AnswerFuture {
        called(self, req)
    }
}

/// The type-erased future of a call: the host may demand `Send` where rustc would look through all layers.
#[inline]
fn called<C, P, B>(app: &App<C, P>, req: http::Request<B>) -> AnswerFuture
where
    C: Chain,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    app.named();
    erased(|| answer(app.clone().outermost(), req))
}

async fn answer<C, B>(app: App<C, Outermost>, req: http::Request<B>) -> Answer
where
    C: Chain,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let mut req = Request::from_http(req, Body::new);
    Ok(app.respond(&mut req).await)
}

impl<C: Chain, P> App<C, P> {
    /// Returns the app as a tower service for one type of body, with the app's own type hidden.
    ///
    /// The future of a call is boxed and type-erased: axum, tower's layers and others pass it to executors and traits
    /// that demand `Send` in a way that makes rustc look through all layers of the app, which fails at a dozen. The
    /// app's own server needs no such box.
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
        self.outermost()
    }

    /// Returns the app as a service for hyper's connections, HTTP/1.1 and HTTP/2, with a box for each call as in
    /// [`into_service`](App::into_service).
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
        self.outermost()
    }
}
