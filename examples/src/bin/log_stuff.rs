//! Express's guide, "middleware in an array for reusability": in Express an array, here a function that returns a
//! stack, used in two places.
//!
//! In Express the second place is a route, `/user/:id`; here both are mounts.

use connect::{Next, Request, Response, Result, Stack, app, middleware, stack};

#[middleware]
fn log_original_url(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Request URL: {}", req.original_url());
    next.pass()
}

#[middleware]
fn log_method(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("Request Type: {}", req.method());
    next.pass()
}

fn log_stuff() -> impl Stack {
    stack![log_original_url, log_method]
}

#[middleware]
fn user_info(_req: &mut Request, res: &mut Response) -> Result {
    res.text("User Info")
}

#[middleware]
fn admin_info(_req: &mut Request, res: &mut Response) -> Result {
    res.text("Admin Info")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app!["/user" => [log_stuff, user_info], "/admin" => [log_stuff, admin_info]];
    app.listen(connect_examples::address()).await
}
