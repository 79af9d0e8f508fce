//! Rejecting invalid requests before the app sees them, in addition to those that hyper cannot parse.

use http::{HeaderValue, Method, Response, StatusCode, Uri, Version, header};

use crate::request::is_host;
use crate::{Body, Request};

/// The status that an invalid request is rejected with.
///
/// - 400: a target in a form that its method does not have (RFC 9112, section 3.2).
/// - 400: no `Host` in HTTP/1.1, several of them, one that is not a host, and one that is not the `:authority` of
///   HTTP/2 (RFC 9112, section 3.2, and RFC 9113, section 8.3.1); the same in the target, and user information there.
/// - 501: a transfer coding other than chunked, since hyper would pass on the body without decoding it. 400: chunked that
///   is not the last coding, or is there twice (RFC 9112, section 6.1).
#[inline]
pub(super) fn rejection(req: &Request) -> Option<StatusCode> {
    let mut hosts = Hosts::default();
    let mut codings = None;
    for (name, value) in req.headers() {
        if *name == header::HOST {
            hosts.add(value);
        } else if *name == header::TRANSFER_ENCODING {
            codings.get_or_insert_with(Codings::default).add(value);
        }
    }
    if !has_valid_target(req) || !hosts.are_valid(req) {
        return Some(StatusCode::BAD_REQUEST);
    }
    codings.and_then(|codings| codings.rejection())
}

/// The response to a rejected request. It closes an HTTP/1.1 connection, because what follows may not be a request.
#[cold]
pub(super) fn rejected(status: StatusCode, version: Version) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether a response would open a tunnel without a route for `CONNECT`: every 2xx to that method does (RFC 9110,
/// section 9.3.6).
#[inline]
pub(super) fn opens_unwanted_tunnel(req: &Request, status: StatusCode) -> bool {
    *req.method() == Method::CONNECT && status.is_success() && !req.is_in_connect_route()
}

#[inline]
fn has_valid_target(req: &Request) -> bool {
    let uri = req.original_uri();
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    if uri.scheme().is_none() && uri.authority().is_none() {
        // Origin form, or asterisk form.
        return path.starts_with('/') && *req.method() != Method::CONNECT
            || path == "*" && *req.method() == Method::OPTIONS;
    }
    has_valid_authority(req, uri, path)
}

fn has_valid_authority(req: &Request, uri: &Uri, path: &str) -> bool {
    // An `http` target in absolute form or in HTTP/2 always has an authority.
    let Some(authority) = uri.authority() else { return req.version() == Version::HTTP_2 };
    if !is_host(authority.as_str().as_bytes()) {
        return false;
    }
    match (uri.scheme(), req.method()) {
        // Authority form (RFC 9112, section 3.2.3).
        (None, &Method::CONNECT) => authority.port_u16().is_some(),
        (None, _) => false,
        // HTTP/1.1 requires authority form; in HTTP/2 it is an extended CONNECT (RFC 8441).
        (Some(_), &Method::CONNECT) if req.version() < Version::HTTP_2 => false,
        (Some(_), method) => {
            path.is_empty()
                || path.starts_with('/')
                || path.starts_with('?') && req.version() < Version::HTTP_2
                || path == "*" && method == Method::OPTIONS
        }
    }
}

/// The `Host` fields of a request.
#[derive(Default)]
struct Hosts<'a> {
    first: Option<&'a HeaderValue>,
    several: bool,
}

impl<'a> Hosts<'a> {
    #[inline]
    fn add(&mut self, value: &'a HeaderValue) {
        self.several |= self.first.is_some();
        self.first.get_or_insert(value);
    }

    #[inline]
    fn are_valid(&self, req: &Request) -> bool {
        let Some(host) = self.first else { return req.version() != Version::HTTP_11 };
        let host = host.as_bytes();
        if self.several || !(host.is_empty() || is_host(host)) {
            return false;
        }
        // In HTTP/1.1 a target in absolute form takes precedence over `Host` (RFC 9112, section 3.2.2).
        req.version() < Version::HTTP_2 || is_authority(host, req.original_uri())
    }
}

/// Whether `Host` and `:authority`, if there is one, name the same host.
fn is_authority(host: &[u8], uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else { return true };
    let default_port: &[u8] = if uri.scheme_str() == Some("https") { b":443" } else { b":80" };
    fn without<'a>(host: &'a [u8], port: &[u8]) -> &'a [u8] {
        host.strip_suffix(port).or(host.strip_suffix(b":")).unwrap_or(host)
    }
    let [host, authority] = [host, authority.as_str().as_bytes()].map(|host| without(host, default_port));
    host.eq_ignore_ascii_case(authority)
}

/// The transfer codings of a request, in the order in which they were applied.
#[derive(Default)]
struct Codings {
    chunked: bool,
    behind_chunked: bool,
    other: bool,
}

impl Codings {
    fn add(&mut self, value: &HeaderValue) {
        for coding in value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            if coding.is_empty() {
                continue;
            }
            self.behind_chunked |= self.chunked;
            if coding.eq_ignore_ascii_case(b"chunked") {
                self.chunked = true;
            } else {
                self.other = true;
            }
        }
    }

    fn rejection(&self) -> Option<StatusCode> {
        match self {
            Codings { behind_chunked: true, .. } => Some(StatusCode::BAD_REQUEST),
            Codings { other: true, .. } => Some(StatusCode::NOT_IMPLEMENTED),
            Codings { .. } => None,
        }
    }
}
