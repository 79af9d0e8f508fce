//! axum, with the crates that its users take.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path};
use axum::http::{HeaderValue, Method};
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_helmet::HelmetLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};
use tracing::Level;

use crate::requests::{self, Wanted};

#[derive(Serialize)]
struct User {
    id: u64,
    name: &'static str,
    visits: u64,
}

#[derive(Deserialize)]
struct Post {
    title: String,
}

const VISITS: &str = "visits";

async fn user(session: Session, Path(id): Path<u64>) -> Json<User> {
    let visits = session.get(VISITS).await.expect("a store in memory").unwrap_or_default();
    Json(User { id, name: "a user of the shop", visits })
}

async fn visit(session: Session, Json(post): Json<Post>) -> Json<u64> {
    let visits: u64 = session.get(VISITS).await.expect("a store in memory").unwrap_or_default();
    session.insert(VISITS, visits + 1).await.expect("a store in memory");
    Json(visits + post.title.len() as u64)
}

async fn text() -> &'static str {
    "text"
}

fn router() -> Router {
    let page = requests::page();
    let limit = GovernorConfigBuilder::default()
        .period(Duration::from_nanos(1))
        .burst_size(1_000_000)
        .use_headers()
        .finish()
        .expect("a period and a size");
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
        )
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(HelmetLayer::with_defaults())
        .layer(
            CorsLayer::new()
                .allow_origin("http://shop.example.com".parse::<HeaderValue>().expect("a value"))
                .allow_methods([Method::GET, Method::POST])
                .allow_credentials(true),
        )
        .layer(CompressionLayer::new())
        .layer(GovernorLayer::new(Arc::new(limit)))
        .layer(CsrfLayer::new())
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false));
    Router::new()
        .route("/", get(async move || Html(page.clone())))
        .route("/users", get(text).post(text))
        .route("/users/{id}", get(user).put(text).delete(text))
        .route("/posts", get(text).post(text))
        .route("/posts/{id}", get(text))
        .route("/visits", post(visit))
        .layer(layers)
}

/// Makes requests in process.
pub(crate) async fn run(measured: &Wanted, number: u64) {
    crate::ours::log_into_a_sink();
    let mut service = router().into_service::<Body>();
    let peer: SocketAddr = ([203, 0, 113, 7], 4000).into();
    let first = requests::find("visit").expect("a request");
    let mut head = first.head("");
    for (at, wanted) in
        std::iter::once(first).chain(std::iter::repeat_n(measured, number as usize)).enumerate()
    {
        let mut request = http::Request::from_parts(head.clone(), Body::from(wanted.body));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = service.ready().await.expect("ready").call(request).await.expect("a response");
        crate::is_right(wanted, response.status().as_u16());
        if at == 0 {
            let set = response.headers().get("set-cookie").expect("a cookie");
            head = measured.head(&requests::cookie(set.to_str().expect("text")));
        }
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert!(!body.is_empty());
    }
}

pub(crate) async fn serve(port: u16) {
    crate::ours::log_into_a_sink();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
    let service = router().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await.expect("a server");
}
