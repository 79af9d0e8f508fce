//! The twin of `ui-tests/fail/values/not_provided.rs`.
//! A value that the app has from its start is its state there; nobody gives it one.

use axum::extract::State;
use axum::{Router, routing::get};

#[derive(Clone)]
struct Session;

// #[debug_handler]
async fn greet(State(_session): State<Session>) -> &'static str {
    "hello"
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/", get(greet));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
