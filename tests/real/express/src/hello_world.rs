//! Express's example `hello-world`.

use connect::{App, Chain, app, get};

#[get("/")]
fn index() -> &'static str {
    "Hello World"
}

pub(crate) fn app() -> App<impl Chain> {
    app![index]
}
