use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

pub struct Logger(pub u8);

fn main() {
    let _ = app![Logger];
    //           ^^^^^^ error: rustc
}
