use connect::{Next, Request, Response, Result, app, middleware};

struct User(&'static str);

#[middleware]
async fn auth(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    Ok(next.run(req, res).await)
    //      ^^^ error: rustc
}

fn main() {
    let _ = app![auth];
}
