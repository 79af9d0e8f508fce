//! Ports of Express's examples, for the acceptance tests that Express has of them: `tests/real/express.sh` runs those.
//!
//! The argument is the name of an example. The port is served at `127.0.0.1` on a port that is free, and standard output has its
//! URL when it is bound. SIGTERM ends it. `mvc`, `params`, `resource` and `vhost` are the files of `examples/`.

mod auth;
mod content_negotiation;
mod cookie_sessions;
mod cookies;
mod downloads;
mod ejs;
mod error;
mod error_pages;
mod hello_world;
mod markdown;
mod method_override;
mod multi_router;
#[allow(dead_code, reason = "the example's own `main` is not used")]
#[path = "../../../../examples/src/bin/express_mvc/main.rs"]
mod mvc;
#[allow(dead_code, reason = "the example's own `main` is not used")]
#[path = "../../../../examples/src/bin/express_params.rs"]
mod params;
#[allow(dead_code, reason = "the example's own `main` is not used")]
#[path = "../../../../examples/src/bin/express_resource.rs"]
mod resource;
mod route_map;
mod route_separation;
mod session;
#[allow(dead_code, reason = "the example's own `main` is not used")]
#[path = "../../../../examples/src/bin/express_vhost.rs"]
mod vhost;
mod web_service;

use std::io;

use connect::{BoxedApp, MiniJinja, Views};

/// The folder with the templates and files.
const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// The templates of an example.
fn views(example: &str) -> Views {
    Views::new(MiniJinja::new(format!("{FOLDER}/views/{example}")))
}

/// The port of an example, by the name of its folder in Express's repository.
fn port(example: &str) -> Option<BoxedApp> {
    Some(match example {
        "auth" => auth::app().boxed(),
        "content-negotiation" => content_negotiation::app().boxed(),
        "cookie-sessions" => cookie_sessions::app().boxed(),
        "cookies" => cookies::app().boxed(),
        "downloads" => downloads::app().boxed(),
        "ejs" => ejs::app().boxed(),
        "error" => error::app().boxed(),
        "error-pages" => error_pages::app().boxed(),
        "hello-world" => hello_world::app().boxed(),
        "markdown" => markdown::app().boxed(),
        "multi-router" => multi_router::app().boxed(),
        "mvc" => mvc::app().boxed(),
        "params" => params::app().boxed(),
        "resource" => resource::app().boxed(),
        "route-map" => route_map::app().boxed(),
        "route-separation" => route_separation::app().boxed(),
        "vhost" => vhost::app().boxed(),
        "web-service" => web_service::app().boxed(),
        _ => return None,
    })
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let example = std::env::args().nth(1).unwrap_or_default();
    let Some(app) = port(&example) else {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no port of {example:?}")));
    };
    let server = app.server().listen("127.0.0.1:0").banner(false).bind()?;
    println!("http://{}", server.addresses()[0]);
    server.run().await
}
