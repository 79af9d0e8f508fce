use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.send("hello")
}

#[middleware]
fn footer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-footer", "yes");
    next.pass()
}

#[error_handler]
fn tells(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(err.status()).send("failed")
}

fn main() {
    let _ = app![hello, tells, footer];
    //                         ^^^^^^ error: rustc
}
