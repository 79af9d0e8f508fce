use connect::{Next, Request, Response, Result, app, middleware, stack};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.send("hello")
}

#[middleware]
fn footer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-footer", "yes");
    next.pass()
}

fn main() {
    let _ = app![hello, stack![stack![footer]]];
    //                  ^^^^^ error: rustc
}
