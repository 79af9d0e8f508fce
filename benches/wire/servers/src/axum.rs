//! axum: `middleware::from_fn` in one `ServiceBuilder`, and `axum::serve` with `TCP_NODELAY`, as its documentation has
//! both.

use std::hint::black_box;
use std::io;

use axum::extract::{Path, Request};
use axum::http::header::ACCEPT;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router, body::Body};
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tower::ServiceBuilder;

use crate::common::{self, Order, Receipt, VALUE, X_LAYER, listener, on_one_thread, ten_or_none};

async fn layer(req: Request, next: Next) -> Response {
    black_box(req.headers().get(ACCEPT));
    let mut res = next.run(req).await;
    res.headers_mut().insert(X_LAYER, VALUE);
    res
}

async fn user(Path(id): Path<u64>) -> String {
    common::user(id)
}

async fn order(Json(order): Json<Order>) -> Json<Receipt> {
    Json(order.receipt())
}

async fn upload(body: Body) -> Result<String, String> {
    let mut body = body.into_data_stream();
    let mut length = 0;
    while let Some(chunk) = body.next().await {
        length += chunk.map_err(|err| err.to_string())?.len();
    }
    Ok(length.to_string())
}

async fn stream() -> Body {
    Body::from_stream(common::chunks())
}

async fn slow() -> &'static str {
    common::slow()
}

pub(crate) fn serve(layers: usize, port: u16) -> io::Result<()> {
    let app = Router::new()
        .route("/users/{id}", get(user))
        .route("/json", post(order))
        .route("/upload", post(upload))
        .route("/stream", get(stream))
        .route("/slow", get(slow));
    macro_rules! with {
        () => { run(app, port) };
        ($($layer:ident)+) => { run(app.layer(ServiceBuilder::new()$(.layer(from_fn($layer)))+), port) };
    }
    ten_or_none!(layers, with, layer)
}

fn run(app: Router, port: u16) -> io::Result<()> {
    on_one_thread(async move {
        let listener = TcpListener::from_std(listener(port)?)?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await
    })
}
