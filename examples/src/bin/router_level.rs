//! Express's guide, "Router-level middleware": a router with middleware, at a path and without, and routes.

use std::time::{SystemTime, UNIX_EPOCH};

use connect::{Next, Request, Response, Result, Stack, app, get, middleware, router};

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

#[middleware]
fn zero_is_special(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    if req.param::<u64>("id")? == 0 { next.route() } else { next.pass() }
}

#[get("/user/:id", zero_is_special)]
async fn regular(id: u64) -> String {
    format!("regular {id}")
}

#[get("/user/:id")]
async fn special(id: u64) -> String {
    format!("special {id}")
}

fn users() -> impl Stack {
    router![time, "/user/:id" => [request_url, request_type], regular, special]
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app!["/" => users()];
    app.listen(connect_examples::address()).await
}
