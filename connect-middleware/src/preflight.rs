//! Preflights of browsers.

use connect::Request;
use http::{Method, header};

/// Whether a browser asks if it may send another request (Fetch standard, "CORS-preflight request").
#[inline]
pub(crate) fn is_preflight(req: &Request) -> bool {
    let headers = req.headers();
    *req.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
