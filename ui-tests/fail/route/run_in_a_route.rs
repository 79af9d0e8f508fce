use connect::{Next, Request, Response, Result, app, get};

#[get("/")]
async fn index(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    //              ^^^ error: rustc
    Ok(done)
}

fn main() {
    let _ = app![index];
}
