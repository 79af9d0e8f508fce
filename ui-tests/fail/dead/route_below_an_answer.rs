use connect::{Next, Request, Response, Result, app, get, middleware};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.send("hello")
}

#[middleware]
fn footer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-footer", "yes");
    next.pass()
}

#[get("/user")]
fn user() -> &'static str {
    "user"
}

fn main() {
    let _ = app![footer, hello, user];
    //                          ^^^^ error: rustc
}
