//! Express's example `error`: an error at once, one from asynchronous work, and the handler of both.

use connect::{App, Chain, Error, Next, Response, Result, app, bail, error_handler, get};

#[get("/")]
fn index() -> Result<()> {
    bail!(500, "something broke!")
}

#[get("/next")]
async fn later(next: Next) -> Result {
    tokio::task::yield_now().await; // a read from a database, or a request to another server
    next.fail(Error::msg("oh no!"))
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    eprintln!("{err:?}");
    res.send_status(500)
}

pub(crate) fn app() -> App<impl Chain> {
    app![index, later, on_error]
}
