//! The first example of Connect's README: an app that responds to all requests.
//!
//! There three layers stand before the last one. They join this list, in this order, once they exist:
//! `compression` (gzip and deflate), `cookie_session` (the session in the browser's cookie) and `urlencoded`
//! (form bodies, which Connect has from body-parser).

use connect::{Request, Response, Result, app, middleware};

/// Responds to all requests.
#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.end("Hello from Connect!\n")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![hello];
    app.listen(connect_examples::address()).await
}
