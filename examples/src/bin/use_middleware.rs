//! Connect's README, "Use middleware": a request goes through the stack one layer after the other, until one
//! does not call `next`. Both of these call it, so the final handler responds with 404.

use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn middleware1(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("middleware 1");
    next.pass()
}

#[middleware]
fn middleware2(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("middleware 2");
    next.pass()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![middleware1, middleware2];
    app.listen(connect_examples::address()).await
}
