//! The same apps, written with axum and with actix-web.

use std::hint::black_box;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::Service as _;
use actix_web::{test, web};
use axum::body::Body;
use axum::extract::Path;
use axum::routing::MethodRouter;
use tower_service::Service as _;

use super::case::{Case, case};
use super::routes::Routes;
use super::whole::{length, request, targets};
use crate::in_process::now;

pub(super) fn axum(routes: &Routes) -> Option<Case> {
    let mut app = axum::Router::new();
    for (pattern, text) in routes.braced(["{", "}"], ["{*", "}"]).iter().zip(&routes.patterns) {
        app = app.route(pattern, axum_route(text.clone().leak()));
    }
    Some(case(&targets(routes), move |target| {
        let Ok(response) = now(app.call(request(target, Body::empty())));
        length(&response)
    }))
}

fn axum_route(text: &'static str) -> MethodRouter {
    match parameters(text) {
        0 => axum::routing::get(move || read((), text)),
        1 => axum::routing::get(move |Path(params): Path<String>| read(params, text)),
        2 => axum::routing::get(move |Path(params): Path<(String, String)>| read(params, text)),
        3 => axum::routing::get(move |Path(params): Path<(String, String, String)>| read(params, text)),
        _ => {
            axum::routing::get(move |Path(params): Path<(String, String, String, String)>| read(params, text))
        }
    }
}

pub(super) fn actix(routes: &Routes) -> Option<Case> {
    let mut app = actix_web::App::new();
    for (pattern, text) in routes.braced(["{", "}"], ["{", ":.*}"]).iter().zip(&routes.patterns) {
        app = app.route(pattern, actix_route(text.clone().leak()));
    }
    let app = now(test::init_service(app));
    Some(case(&targets::<actix_http::Uri>(routes), move |target| {
        let mut request = actix_http::Request::new();
        request.head_mut().uri = target.clone();
        let response = now(app.call(request)).ok()?;
        match response.response().body().size() {
            BodySize::Sized(len) if response.status() == 200 => Some(len as usize),
            _ => None,
        }
    }))
}

fn actix_route(text: &'static str) -> actix_web::Route {
    match parameters(text) {
        0 => web::get().to(move || read((), text)),
        1 => web::get().to(move |params: web::Path<String>| read(params.into_inner(), text)),
        2 => web::get().to(move |params: web::Path<(String, String)>| read(params.into_inner(), text)),
        3 => {
            web::get().to(move |params: web::Path<(String, String, String)>| read(params.into_inner(), text))
        }
        _ => web::get()
            .to(move |params: web::Path<(String, String, String, String)>| read(params.into_inner(), text)),
    }
}

fn parameters(pattern: &str) -> usize {
    pattern.matches([':', '*']).count()
}

async fn read<P>(params: P, text: &'static str) -> &'static str {
    black_box(&params);
    text
}
