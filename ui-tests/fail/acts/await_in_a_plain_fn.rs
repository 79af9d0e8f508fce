use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    //                            ^^^^^ error: macro
    Ok(done)
}

fn main() {}
