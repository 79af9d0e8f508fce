//! Express's guide, "Application-level middleware": one without a path, and a series of them at a path.
//!
//! The path there is `/user/:id`, and a route answers; parameters and routes join once there is routing.

use std::time::{SystemTime, UNIX_EPOCH};

use connect::{Next, Request, Response, Result, app, middleware};

/// Is executed for every request.
#[middleware]
fn time(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Time: {}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis());
    next.pass()
}

#[middleware]
fn request_url(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Request URL: {}", req.original_uri());
    next.pass()
}

#[middleware]
fn request_type(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Request Type: {}", req.method());
    next.pass()
}

#[middleware]
fn user(_req: &mut Request, res: &mut Response) -> Result {
    res.send("USER")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![time, "/user" => [request_url, request_type, user]];
    let listener = connect_examples::listener(&app).await?;
    app.serve(listener).await
}
