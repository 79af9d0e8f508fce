use connect::{Next, Response, Result, Rewrite, app, middleware};

#[middleware]
fn strip(mut req: Rewrite, _res: &mut Response, next: Next) -> Result {
    //            ^^^^^^^ error: macro
    req.set_url("/")?;
    next.pass()
}

fn main() {
    let _ = app![strip];
}
