//! Express's guide, "Built-in middleware": static files with options, and bodies that are JSON or a form.

use std::time::Duration;

use connect::{Form, Json, app, post, serve_static};
use serde::Deserialize;

#[derive(Deserialize)]
struct Profile {
    name: String,
}

/// What `express.json()` is there.
#[post("/profile.json")]
fn json(Json(profile): Json<Profile>) -> String {
    profile.name
}

/// What `express.urlencoded()` is there.
#[post("/profile")]
fn form(Form(profile): Form<Profile>) -> String {
    profile.name
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let files = serve_static(concat!(env!("CARGO_MANIFEST_DIR"), "/public"))
        .extensions(["html"])
        .max_age(Duration::from_secs(24 * 60 * 60))
        .redirect(false)
        .set_headers(|res, _path, _metadata| {
            res.set("x-timestamp", "now");
        });
    let app = app![json, form, "/static" => files];
    app.listen(connect_examples::address()).await
}
