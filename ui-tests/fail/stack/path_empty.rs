use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn hello(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {
    let _ = app!["" => hello];
    //           ^^ error: macro
}
