//! Connect's README, "app.use(fn)": a layer can also be another app, with or without a path.
//!
//! In Connect it can also be a server of Node's; here `tower_service(..)` adds services of tower, see `tower.rs`.

use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn blog(req: &mut Request, res: &mut Response) -> Result {
    res.text(format!("blog {}\n", req.url()))
}

#[middleware]
fn powered_by(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-powered-by", "connect");
    next.pass()
}

#[middleware]
fn home(_req: &mut Request, res: &mut Response) -> Result {
    res.text("home\n")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let blog_app = app!["/posts" => blog];
    let headers_app = app![powered_by];

    // A request that the inner app does not handle continues in the outer one.
    let app = app![headers_app, "/blog" => blog_app, home];
    app.listen(connect_examples::address()).await
}
