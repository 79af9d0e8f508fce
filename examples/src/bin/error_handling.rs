//! Express's guide, "Error-handling middleware": the error goes to the log, and the client gets no details.

use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

/// `?` puts the error on the error track.
#[middleware]
async fn parse(req: &mut Request, res: &mut Response) -> Result {
    let number: u32 = req.path().trim_start_matches('/').parse()?;
    res.text(format!("{number}\n"))
}

#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    eprintln!("{err:?}");
    res.status(500).text("Something broke!")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![parse, on_error];
    app.listen(connect_examples::address()).await
}
