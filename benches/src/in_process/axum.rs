//! axum: `middleware::from_fn`, by a `ServiceBuilder` as its documentation recommends for several, and by one
//! `Router::layer` each.

use std::hint::black_box;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, Response};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_service::Service;

use super::work::{self, TEXT};
use super::{Case, case, now, repeat};

async fn layer(req: Request, next: Next) -> Response {
    work::read(req.headers());
    let mut res = next.run(req).await;
    work::set(res.headers_mut());
    res
}

async fn hello(Path(id): Path<u64>) -> Html<&'static str> {
    black_box(id);
    Html(TEXT)
}

fn service(mut app: Router) -> Case {
    let request = move || {
        let Ok(response) = now(app.call(work::request(Body::empty())));
        response
    };
    case(request, work::summary)
}

macro_rules! service_builder {
    ($($layer:ident)*) => {
        service(Router::new().route("/users/{id}", get(hello)).layer(ServiceBuilder::new()$(.layer(from_fn($layer)))*))
    };
}

pub(super) fn by_service_builder(layers: usize) -> Option<Case> {
    repeat!(layers, service_builder, layer)
}

pub(super) fn by_router_layer(layers: usize) -> Option<Case> {
    let mut app = Router::new().route("/users/{id}", get(hello));
    for _ in 0..layers {
        app = app.layer(from_fn(layer));
    }
    Some(service(app))
}
