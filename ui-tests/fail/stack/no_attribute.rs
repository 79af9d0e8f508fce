use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

async fn logger(_req: &mut Request, _res: &mut Response) {}

fn main() {
    let _ = app![hello, logger, hello];
    //                  ^^^^^^ error: rustc
}
