//! Connect's README, "Mount middleware": a path before a layer limits it to the requests whose path begins so.
//! This allows for basic routing.

use connect::{Next, Request, Response, Result, app, middleware};

/// The path begins with `/foo`.
#[middleware]
fn foo_middleware(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("foo {}", req.url());
    next.pass()
}

/// The path begins with `/bar`.
#[middleware]
fn bar_middleware(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("bar {}", req.url());
    next.pass()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app!["/foo" => foo_middleware, "/bar" => bar_middleware];
    app.listen(connect_examples::address()).await
}
