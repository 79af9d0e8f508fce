//! Express's guide, "Application-level middleware": middleware of a route alone, and the ways out of it.
//!
//! There the second route for a path is never called, because the first one ends the cycle; here such a list does not
//! compile, so `user_id` stands behind a route that may pass on.

use connect::{Next, Request, Response, Result, app, get, middleware};

#[middleware]
fn log_id(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("ID: {}", req.param::<String>("id")?);
    next.pass()
}

/// Leaves the route for the number 0.
#[middleware]
fn zero_is_special(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    if req.param::<String>("id")? == "0" { next.route() } else { next.pass() }
}

/// Two functions in front of it, in Express an array.
#[get("/user/:id", log_id, zero_is_special)]
fn user_info(id: &str) -> String {
    format!("User Info: {id}")
}

#[get("/user/:id")]
fn special(id: &str, res: &mut Response, next: Next) -> Result {
    if id == "0" { res.text("special") } else { next.pass() }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![user_info, special];
    app.listen(connect_examples::address()).await
}
