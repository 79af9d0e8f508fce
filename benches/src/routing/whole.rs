//! Whole requests: an app with these routes, called as a service. A route reads its parameters and answers with its
//! pattern.

use std::hint::black_box;
use std::str::FromStr;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::Service as _;
use actix_web::{test, web};
use axum::body::{Body, HttpBody};
use axum::extract::Path;
use axum::routing::MethodRouter;
use connect::{App, Chain, app, get};
use http_body_util::Empty;
use tower_service::Service as _;

use super::routes::Routes;
use super::{Case, case};
use crate::in_process::now;

// What the build script wrote: a module for each list, with a function `app`.
include!(concat!(env!("OUT_DIR"), "/apps.rs"));

fn targets<U: FromStr>(routes: &Routes) -> Vec<U> {
    routes.paths.iter().flat_map(|path| path.parse()).collect()
}

fn request<B>(target: &http::Uri, body: B) -> http::Request<B> {
    let mut request = http::Request::new(body);
    *request.uri_mut() = target.clone();
    request
}

/// The length of the answer, which is that of the pattern.
fn answer<B: HttpBody>(response: &http::Response<B>) -> Option<usize> {
    response.body().size_hint().exact().filter(|_| response.status() == 200).map(|len| len as usize)
}

pub(super) fn ours(routes: &Routes) -> Option<Case> {
    fn service(routes: &Routes, mut app: App<impl Chain + 'static>) -> Case {
        case(&targets(routes), move |target| {
            let Ok(response) = now(app.call(request(target, Empty::<bytes::Bytes>::new())));
            answer(&response)
        })
    }
    match routes.name.as_str() {
        "github" | "github-long" => Some(service(routes, github::app())),
        "api-10" => Some(service(routes, api_10::app())),
        "api-100" => Some(service(routes, api_100::app())),
        "api-1000" => Some(service(routes, api_1000::app())),
        _ => None,
    }
}

pub(super) fn axum(routes: &Routes) -> Option<Case> {
    let mut app = axum::Router::new();
    for (pattern, text) in routes.braced(["{", "}"], ["{*", "}"]).iter().zip(&routes.patterns) {
        app = app.route(pattern, axum_route(text.clone().leak()));
    }
    Some(case(&targets(routes), move |target| {
        let Ok(response) = now(app.call(request(target, Body::empty())));
        answer(&response)
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
