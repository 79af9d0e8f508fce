//! tower's static `ServiceBuilder`, without any framework: layers written by hand as tower's guide has it, each with a
//! future of its own and without a box, around a function that looks at the path itself.

use std::convert::Infallible;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{Empty, Full};
use pin_project_lite::pin_project;
use tower::{Layer, ServiceBuilder};
use tower_service::Service;

use super::work::{self, TEXT};
use super::{Case, case, now, repeat};

type Req = Request<Empty<Bytes>>;
type Res = Response<Full<Bytes>>;

#[derive(Clone, Copy)]
struct HeaderLayer;

impl<S> Layer<S> for HeaderLayer {
    type Service = Headers<S>;

    fn layer(&self, inner: S) -> Headers<S> {
        Headers { inner }
    }
}

struct Headers<S> {
    inner: S,
}

impl<S: Service<Req, Response = Res>> Service<Req> for Headers<S> {
    type Response = Res;
    type Error = S::Error;
    type Future = HeadersFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, req: Req) -> Self::Future {
        work::read(req.headers());
        HeadersFuture { inner: self.inner.call(req) }
    }
}

pin_project! {
    struct HeadersFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future<Output = Result<Res, E>>, E> Future for HeadersFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut res = ready!(self.project().inner.poll(cx))?;
        work::set(res.headers_mut());
        Poll::Ready(Ok(res))
    }
}

async fn hello(req: Req) -> Result<Res, Infallible> {
    let mut res = Response::new(Full::default());
    match req.uri().path().strip_prefix("/users/").and_then(|id| id.parse::<u64>().ok()) {
        Some(id) => {
            black_box(id);
            *res.body_mut() = Full::new(Bytes::from_static(TEXT.as_bytes()));
            let html = header::HeaderValue::from_static("text/html; charset=utf-8");
            res.headers_mut().insert(header::CONTENT_TYPE, html);
        }
        None => *res.status_mut() = http::StatusCode::NOT_FOUND,
    }
    Ok(res)
}

fn service(mut service: impl Service<Req, Response = Res, Error = Infallible> + 'static) -> Case {
    let request = move || {
        // It is always ready, and would have to be asked before each call.
        let Ok(response) = now(async {
            std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
            service.call(work::request(Empty::new())).await
        });
        response
    };
    case(request, work::summary)
}

macro_rules! layers {
    ($($layer:ident)*) => {
        service(ServiceBuilder::new()$(.layer($layer))*.service_fn(hello))
    };
}

pub(super) fn by_service_builder(layers: usize) -> Option<Case> {
    repeat!(layers, layers, HeaderLayer)
}
