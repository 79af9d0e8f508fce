//! Express's example `multi-router`: two versions of an API, a router each.

use connect::{App, Chain, app, get};

mod v1 {
    use connect::{Stack, get, router};

    #[get("/")]
    fn index() -> &'static str {
        "Hello from APIv1 root route."
    }

    #[get("/users")]
    fn users() -> &'static str {
        "List of APIv1 users."
    }

    pub(super) fn routes() -> impl Stack {
        router![index, users]
    }
}

mod v2 {
    use connect::{Stack, get, router};

    #[get("/")]
    fn index() -> &'static str {
        "Hello from APIv2 root route."
    }

    #[get("/users")]
    fn users() -> &'static str {
        "List of APIv2 users."
    }

    pub(super) fn routes() -> impl Stack {
        router![index, users]
    }
}

#[get("/")]
fn index() -> &'static str {
    "Hello from root route."
}

pub(crate) fn app() -> App<impl Chain> {
    app!["/api/v1" => v1::routes(), "/api/v2" => v2::routes(), index]
}
