use connect::{Next, Request, Response, Result, app, get};

fn auth(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[get("/", auth)]
//         ^^^^ error: rustc
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
