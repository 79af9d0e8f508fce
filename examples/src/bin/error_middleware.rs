//! Connect's README, "Error middleware": an error goes to the error handlers declared after the layer that had
//! it, past the ones before it and past all other layers.

use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

#[middleware]
fn log(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("{} {}", req.method(), req.url());
    next.pass()
}

/// Stands above the layer that fails, and so never sees its error.
#[error_handler]
fn too_early(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.text("not reached\n")
}

/// Had an error.
#[middleware]
fn boom(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(Error::msg("boom!"))
}

/// Stands below the layer that fails, but takes no errors.
#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.text("not reached\n")
}

/// An error occurred in a layer declared before this one.
#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(500).end(format!("an error occurred: {err}"))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![log, too_early, boom, hello, on_error];
    app.listen(connect_examples::address()).await
}
