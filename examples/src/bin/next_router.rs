//! Express's guide, "Router-level middleware": a router is left with `next.router()`, and a request
//! that leaves it gets a 401 from the layer after it.

use connect::{Next, Request, Response, Result, app, get, middleware, router};

/// Predicates the router with a check, and bails out when needed.
#[middleware]
fn authenticated(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    if req.header("x-auth").is_none() { next.router() } else { next.pass() }
}

#[get("/user/:id")]
fn user(_id: &str) -> &'static str {
    "hello, user!"
}

#[middleware]
fn unauthorized(_req: &mut Request, res: &mut Response) -> Result {
    res.send_status(401)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = router![authenticated, user];
    let app = app!["/admin" => [router, unauthorized]];
    app.listen(connect_examples::address()).await
}
