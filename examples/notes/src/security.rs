//! What browsers are told, and who is refused.

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

/// Search engines have no business here.
#[middleware]
pub fn robots(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-robots-tag", "noindex");
    next.pass()
}

/// Refuses changes that another site sent by a visitor's browser (Fetch Metadata, `Sec-Fetch-Site`).
#[middleware]
pub fn same_site(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    let is_change = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_change && req.header("sec-fetch-site") == Some("cross-site") {
        return next.fail(Error::new(403, "a change has to come from the notes' own pages"));
    }
    next.pass()
}

/// Answers that nobody keeps.
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
