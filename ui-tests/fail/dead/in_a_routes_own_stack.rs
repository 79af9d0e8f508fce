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

#[get("/", hello, footer)]
//                ^^^^^^ error: rustc
fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = app![index];
}
