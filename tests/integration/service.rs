//! An app as a service.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use connect::{Body, Request, Response, Result, app, middleware};
use http_body_util::{BodyExt, Full};
use tower_service::Service;

#[middleware]
async fn echo(req: &mut Request, res: &mut Response) -> Result {
    let body = req.take_body();
    res.set("x-method", req.method().as_str());
    res.end(body)
}

/// A body of another type: two frames of data, then trailers.
struct Frames(u8);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<http_body::Frame<Bytes>, Infallible>>> {
        self.0 += 1;
        Poll::Ready(match self.0 {
            n @ 1..=2 => Some(Ok(http_body::Frame::data(Bytes::from(n.to_string())))),
            3 => Some(Ok(http_body::Frame::trailers(http::HeaderMap::new()))),
            _ => None,
        })
    }
}

fn post<B>(body: B) -> http::Request<B> {
    http::Request::post("/").body(body).expect("valid")
}

async fn text(response: http::Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[tokio::test]
async fn an_app_is_a_tower_service_for_any_body() {
    let mut app = app![echo];
    let response = Service::call(&mut app, post(Frames(0))).await.expect("infallible");
    assert_eq!(response.headers()["x-method"], "POST");
    assert_eq!(text(response).await, "12");
    let response = Service::call(&mut app, post(Full::new(Bytes::from("full")))).await.expect("infallible");
    assert_eq!(text(response).await, "full");
    let response = Service::call(&mut app, post(Body::from("own"))).await.expect("infallible");
    assert_eq!(text(response).await, "own");
}

#[tokio::test]
async fn an_app_is_a_hyper_service() {
    let app = app![echo];
    let response = hyper::service::Service::call(&app, post(Frames(0))).await.expect("infallible");
    assert_eq!(text(response).await, "12");
}

#[tokio::test]
async fn the_unboxed_services_can_be_cloned_and_sent() {
    let mut service = app![echo].into_service();
    let mut other = service.clone();
    let response = service.call(post(Body::from("x"))).await.expect("infallible");
    assert_eq!(text(response).await, "x");
    let task = tokio::spawn(async move { other.call(post(Body::empty())).await });
    assert_eq!(text(task.await.expect("no panic").expect("infallible")).await, "");
    fn is_hyper_service(
        _: impl hyper::service::Service<http::Request<hyper::body::Incoming>> + Clone + Send,
    ) {
    }
    is_hyper_service(app![echo].into_hyper());
}

#[test]
fn requests_and_responses_can_be_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Request>();
    check::<Response>();
    check::<connect::Error>();
    check::<Body>();
}
