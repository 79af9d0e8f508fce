use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

async fn logger() {}

fn main() {
    let _ = app!["/x" => [hello, logger]];
    //                           ^^^^^^ error: rustc
}
