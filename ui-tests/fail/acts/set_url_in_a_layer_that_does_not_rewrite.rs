use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
async fn strip(req: &mut Request, res: &mut Response, next: Next) -> Result {
    req.set_url("/")?;
    //          ^^^ error: rustc
    Ok(next.run(req, res).await)
}

fn main() {
    let _ = app![strip];
}
