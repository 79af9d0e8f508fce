use connect::{Next, Request, Response, Result, app, get, middleware, router};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.send("hello")
}

#[middleware]
fn footer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-footer", "yes");
    next.pass()
}

#[get("/show")]
fn show() -> &'static str {
    "show"
}

fn main() {
    let _ = app![footer, hello, "/api" => router![show]];
    //                                    ^^^^^^ error: rustc
}
