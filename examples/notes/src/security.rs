//! Security headers, and protection against cross-site requests.

use connect::http::Method;
use connect::{Error, Next, Request, Response, Result, middleware};

/// Headers against frames, guessed types and leaked addresses.
#[middleware]
pub fn headers(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-frame-options", "DENY");
    res.set("x-content-type-options", "nosniff");
    res.set("referrer-policy", "same-origin");
    next.pass()
}

/// Keeps search engines out.
#[middleware]
pub fn robots(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-robots-tag", "noindex");
    next.pass()
}

/// Refuses changes that another site makes a visitor's browser send (Fetch Metadata, `Sec-Fetch-Site`).
#[middleware]
pub fn same_site(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    let is_change = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_change && req.header("sec-fetch-site") == Some("cross-site") {
        return next.fail(Error::new(403, "a change has to come from the notes' own pages"));
    }
    next.pass()
}

/// Forbids caches to store the response.
#[middleware]
pub fn no_store(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("cache-control", "no-store");
    next.pass()
}

/// The version of the API.
#[middleware]
pub fn version(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-api-version", "1");
    next.pass()
}
