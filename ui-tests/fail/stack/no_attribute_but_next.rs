use connect::{Next, Request, Response, Result, app};

async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    println!("{}", res.status_code());
    Ok(done)
}

fn main() {
    let _ = app![logger];
    //           ^^^^^^ error: rustc
}
