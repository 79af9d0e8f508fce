//! Layers and services of tower and tower-http: a trace, CORS and compression around an app, and the files of a folder.
//!
//! The three layers are one entry of the stack, made with tower's `ServiceBuilder`: so a request is converted once.

use std::time::Duration;

use connect::{Body, app, get, tower, tower_service};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::services::ServeDir;
use tower_http::trace::TraceLayer;
use tracing::Span;

#[get("/poem")]
fn poem() -> String {
    "The woods are lovely, dark and deep,\n".repeat(20)
}

/// Prints the response, as a subscriber of `tracing` would.
fn on_response<B>(response: &http::Response<B>, took: Duration, _: &Span) {
    println!("{} in {took:?}", response.status().as_u16());
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let around = ServiceBuilder::new()
        .layer(
            TraceLayer::new_for_http()
                .on_request(|req: &http::Request<Body>, _: &Span| println!("{} {}", req.method(), req.uri()))
                .on_response(on_response),
        )
        .layer(CorsLayer::permissive())
        .layer(CompressionLayer::new());
    let files = tower_service(ServeDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/public")));

    let app = app![tower(around), poem, "/files" => files];
    app.listen(connect_examples::address()).await
}
