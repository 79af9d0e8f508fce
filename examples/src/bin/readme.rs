//! The first example of Connect's README: an app that responds to all requests.
//!
//! In Connect's README three layers come before it: `compression`, `cookie-session` and `body-parser`. Here routes read
//! forms without a layer (`built_in.rs`), and tower-http compresses (`tower.rs`).

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
