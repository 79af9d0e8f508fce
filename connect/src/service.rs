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

/// For axum's `fallback_service`, `nest_service` and `route_service`, for tower's layers and whoever else has to name the
/// future: it costs a box a request.
///
/// Bodies stream in and out, and what the layers around have put into the request's extensions is in
/// [`req.extensions()`](Request::extensions): axum's `MatchedPath`, its `OriginalUri` where a `nest_service` has taken off a part of the
/// path, and its `ConnectInfo`, from which a middleware can [set the peer](Request::set_peer).
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

/// For hyper's connections: it costs a box a request.
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

/// The future of a call, without its type: what it is handed to may ask for `Send` where rustc looks through all of it.
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
    /// The app as a tower service for one type of body, with the app's own type hidden.
    ///
    /// The future of a call is in a box and has no type of its own: axum, tower's layers and others hand it to
    /// executors and traits which ask for `Send` in a way that would have rustc look through all layers of the app, and
    /// give up at a dozen. The app's own server has no such box.
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

    /// The app as a service for hyper's connections, of HTTP/1.1 and HTTP/2, with a box a call as
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
