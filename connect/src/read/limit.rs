//! The limit of body sizes.

use crate::{Next, PlainFn, PlainLayer, Request, Response, Result};

/// The layer that [`body_limit`] makes.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(usize);

/// Makes a layer that sets how long a body may be for the readers below it, in bytes after decoding: 102,400 by default.
///
/// Use it in the list of an app or of a router, or in a route's own stack. The innermost limit applies; after a request
/// has left its router or route, the limit outside of it applies again.
///
/// ```
/// use connect::{app, body_limit, post, Request, Result};
///
/// #[post("/notes")]
/// async fn note(req: &mut Request) -> Result<String> {
///     req.text().await
/// }
///
/// #[post("/pictures", body_limit(10 << 20))]
/// async fn picture(req: &mut Request) -> Result<String> {
///     Ok(format!("{} bytes", req.bytes().await?.len()))
/// }
///
/// let app = app![body_limit(16 << 10), note, picture];
/// ```
#[must_use]
pub fn body_limit(bytes: usize) -> BodyLimit {
    BodyLimit(bytes)
}

impl PlainLayer for BodyLimit {
    #[inline]
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        req.set_body_limit(self.0);
        next.pass()
    }

    fn name(&self) -> &str {
        "body_limit"
    }
}
