//! The README's first example.
//!
//! It listens on the address in the variable `ADDRESS`, by default `127.0.0.1:3000`, and prints the address and the stack.

use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = std::time::Instant::now();
    let done = next.run(req, res).await;
    println!("{} {} {} {:?}", req.method(), req.original_url(), res.status_code(), started.elapsed());
    Ok(done)
}

#[middleware]
fn powered_by(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-powered-by", "connect");
    next.pass()
}

#[middleware]
async fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.text("Hello from Connect!\n")
}

#[middleware]
fn fails(_req: &mut Request, _res: &mut Response) -> Result {
    Err(Error::new(503, "no database"))
}

#[error_handler]
async fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.error(&err).text("Something broke!\n")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![logger, powered_by, "/hello" => hello, "/fails" => fails, on_error];
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    app.listen(address).await
}
