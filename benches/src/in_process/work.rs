//! What the layers of every row do: read one request header, set one response header.

use std::hint::black_box;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, Uri};

use super::{Case, Summary, case};

pub(super) const X_LAYER: HeaderName = HeaderName::from_static("x-layer");
pub(super) const VALUE: HeaderValue = HeaderValue::from_static("1");
pub(super) const TEXT: &str = "Hello";

/// The path of the parameter route, and what is in it.
pub(super) const PATH: &str = "/users/42";

/// What the client asks for.
pub(super) const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::HOST, HeaderValue::from_static("localhost")),
    (header::ACCEPT, HeaderValue::from_static("text/html")),
    (header::USER_AGENT, HeaderValue::from_static("bench")),
];

/// The request's headers.
pub(super) fn headers() -> HeaderMap {
    HEADERS.into_iter().collect()
}

/// The request, for all that take one of the `http` crate.
pub(crate) fn request<B>(body: B) -> Request<B> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::GET;
    *request.uri_mut() = Uri::from_static(PATH);
    *request.headers_mut() = headers();
    request
}

/// What a row received, for all that respond with one of the `http` crate.
pub(super) fn summary<B>(response: &Response<B>) -> Summary {
    Summary { status: response.status().as_u16(), from_layers: response.headers().contains_key(X_LAYER) }
}

/// The first half of the work.
#[inline]
pub(super) fn read(request: &HeaderMap) {
    black_box(request.get(header::ACCEPT));
}

/// The other half.
#[inline]
pub(super) fn set(response: &mut HeaderMap) {
    response.insert(X_LAYER, VALUE);
}

/// The work without any framework. At no layers it is what building a request and a response costs.
pub(super) fn alone(layers: usize) -> Option<Case> {
    let request = move || {
        let request = request(());
        let mut response = Response::new(bytes::Bytes::from_static(TEXT.as_bytes()));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        let (read_from, write_to) = (request.headers(), response.headers_mut());
        for _ in 0..layers {
            read(read_from);
            set(write_to);
        }
        response
    };
    Some(case(request, summary))
}
