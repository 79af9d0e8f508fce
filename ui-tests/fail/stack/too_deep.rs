use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
async fn hello(req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(next.run(req, res).await)
}

fn main() {
    let app = app![
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
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
        hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello, hello,
    ];
    let _ = app.listen("127.0.0.1:0");
}
