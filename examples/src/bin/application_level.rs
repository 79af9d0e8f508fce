//! Express's guide, "Application-level middleware": one without a path, a series of them at a path, and a route.

use std::time::{SystemTime, UNIX_EPOCH};

use connect::{Next, Request, Response, Result, app, get, middleware};

/// Is executed for every request.
#[middleware]
fn time(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Time: {}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis());
    next.pass()
}

#[middleware]
fn request_url(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Request URL: {}", req.original_url());
    next.pass()
}

#[middleware]
fn request_type(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Request Type: {}", req.method());
    next.pass()
}

#[get("/user/:id")]
fn user(_id: &str) -> &'static str {
    "USER"
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![time, "/user/:id" => [request_url, request_type], user];
    app.listen(connect_examples::address()).await
}
