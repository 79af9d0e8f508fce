use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn fails(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail("boom")
    //        ^^^^^^ error: rustc
}

fn main() {}
