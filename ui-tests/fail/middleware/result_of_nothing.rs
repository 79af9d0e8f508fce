use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn role(_req: &mut Request, _res: &mut Response, _next: Next) -> Result<()> {
//                                                               ^^^^^^^^^^ error: macro
    Ok(())
}

fn main() {}
