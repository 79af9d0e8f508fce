//! `connect`: the layers in front of a route.

use std::hint::black_box;

use connect::{App, Html, Next, Outermost, Request, Response, Result, app, get, middleware};
use http_body_util::Empty;
use tower_service::Service;

use super::work::{self, TEXT, VALUE, X_LAYER};
use super::{Case, Summary, case, now, repeat};

#[middleware]
fn plain(req: &mut Request, res: &mut Response, next: Next) -> Result {
    work::read(req.headers());
    res.set(X_LAYER, VALUE);
    next.pass()
}

#[middleware]
async fn passing(req: &mut Request, res: &mut Response, next: Next) -> Result {
    work::read(req.headers());
    res.set(X_LAYER, VALUE);
    next.pass()
}

#[middleware]
async fn running(req: &mut Request, res: &mut Response, next: Next) -> Result {
    work::read(req.headers());
    let done = next.run(req, res).await;
    res.set(X_LAYER, VALUE);
    Ok(done)
}

#[get("/users/:id")]
async fn hello(id: u64) -> Html<&'static str> {
    black_box(id);
    Html(TEXT)
}

/// The app as a function: `App::run`, on a request and a response of `connect`'s own.
macro_rules! run {
    ($($layer:ident)*) => {{
        let app = app![$($layer,)* hello];
        let request = move || {
            let mut req = Request::from(work::request(""));
            let mut res = Response::new();
            let _ = now(app.run(&mut req, &mut res));
            res
        };
        case(request, summary)
    }};
}

fn summary(res: &Response) -> Summary {
    Summary { status: res.status_code().as_u16(), from_layers: res.headers().contains_key(X_LAYER) }
}

/// The app as a service, with requests and responses of the `http` crate, as peers are called.
macro_rules! call {
    ($($layer:ident)*) => {
        service(app![$($layer,)* hello].etag(false))
    };
}

fn service<C>(mut app: App<C, Outermost>) -> Case
where
    App<C, Outermost>: Service<
            http::Request<Empty<bytes::Bytes>>,
            Response = http::Response<connect::Body>,
            Error = std::convert::Infallible,
        > + 'static,
{
    let request = move || {
        let Ok(response) = now(app.call(work::request(Empty::new())));
        response
    };
    case(request, work::summary)
}

pub(super) fn run_plain(layers: usize) -> Option<Case> {
    repeat!(layers, run, plain)
}

pub(super) fn run_passing(layers: usize) -> Option<Case> {
    repeat!(layers, run, passing)
}

pub(super) fn run_running(layers: usize) -> Option<Case> {
    repeat!(layers, run, running)
}

pub(super) fn call_plain(layers: usize) -> Option<Case> {
    repeat!(layers, call, plain)
}

pub(super) fn call_passing(layers: usize) -> Option<Case> {
    repeat!(layers, call, passing)
}

pub(super) fn call_running(layers: usize) -> Option<Case> {
    repeat!(layers, call, running)
}
