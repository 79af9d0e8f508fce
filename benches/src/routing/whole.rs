//! Whole requests: an app with these routes, called as a service. A route reads its parameters and answers with its
//! pattern.

use std::hint::black_box;
use std::str::FromStr;

use connect::{App, Chain, Outermost, app, get};
use http_body::Body;
use http_body_util::Empty;
use tower_service::Service as _;

use super::case::{Case, case};
use super::routes::Routes;
use crate::in_process::now;

// What the build script wrote: a module for each list, with a function `app`.
include!(concat!(env!("OUT_DIR"), "/apps.rs"));

pub(super) fn targets<U: FromStr>(routes: &Routes) -> Vec<U> {
    routes.paths.iter().flat_map(|path| path.parse()).collect()
}

pub(super) fn request<B>(target: &http::Uri, body: B) -> http::Request<B> {
    let mut request = http::Request::new(body);
    *request.uri_mut() = target.clone();
    request
}

/// The length of the response, which is that of the pattern.
pub(super) fn length<B: Body>(response: &http::Response<B>) -> Option<usize> {
    response.body().size_hint().exact().filter(|_| response.status() == 200).map(|len| len as usize)
}

pub(super) fn ours(routes: &Routes) -> Option<Case> {
    fn service(routes: &Routes, mut app: App<impl Chain, Outermost>) -> Case {
        case(&targets(routes), move |target| {
            let Ok(response) = now(app.call(request(target, Empty::<bytes::Bytes>::new())));
            length(&response)
        })
    }
    match routes.name.as_str() {
        #[cfg(feature = "peers")]
        "github" | "github-long" => Some(service(routes, github::app())),
        "api-10" => Some(service(routes, api_10::app())),
        #[cfg(feature = "peers")]
        "api-100" => Some(service(routes, api_100::app())),
        #[cfg(feature = "peers")]
        "api-1000" => Some(service(routes, api_1000::app())),
        _ => None,
    }
}
