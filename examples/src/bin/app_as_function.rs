//! Connect's README, "app(req, res)": the app is a function of a request and a response, no server needed.

use connect::{Body, Request, Response, Result, app, middleware};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.text("Hello from Connect!")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app!["/hello" => hello];

    for path in ["/hello", "/nowhere"] {
        let mut req = Request::from(http::Request::get(path).body(Body::empty()).expect("a request"));
        let mut res = Response::new();
        let done = app.run(&mut req, &mut res).await;
        // Connect calls a third argument, `out`, for what the stack has not handled. Here the final handler
        // has responded by then, and the outcome says so.
        println!("{path}: {}, handled by {:?}", res.status_code(), done.outcome());
    }

    app.listen(connect_examples::address()).await
}
