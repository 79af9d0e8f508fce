//! The twin of `ui-tests/fail/route/parameter_misspelt.rs`.

use axum::extract::Path;
use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt;

#[derive(serde::Deserialize)]
struct Params {
    usr_id: u64,
}

// #[debug_handler]
async fn user(Path(params): Path<Params>) -> String {
    params.usr_id.to_string()
}

#[tokio::main]
async fn main() {
    let app = Router::new().route("/user/{user_id}", get(user));
    let response = app.oneshot(Request::get("/user/7").body(Body::empty()).unwrap()).await.unwrap();
    println!("{} on request", response.status().as_u16());
}
