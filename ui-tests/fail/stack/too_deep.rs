use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
async fn hello(req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(next.run(req, res).await)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    app![
  //^ error: rustc
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
    ]
    .listen("127.0.0.1:0")
    .await
}
