use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    "1".parse::<u8>().ok()?;
    //                    ^ error: rustc
    next.pass()
}

fn main() {}
