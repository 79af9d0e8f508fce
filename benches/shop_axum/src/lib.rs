//! The shop of `examples/shop`, in axum.

pub mod accounts;
pub mod admin;
pub mod api;
pub mod auth;
pub mod cart;
pub mod catalog;
pub mod config;
pub mod db;
pub mod error;
pub mod flash;
pub mod limits;
pub mod live;
pub mod orders;
pub mod passwords;
pub mod support;
pub mod views;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum_helmet::{ContentSecurityPolicy, Helmet, HelmetLayer};
use axum_prometheus::PrometheusMetricLayer;
use axum_prometheus::metrics_exporter_prometheus::PrometheusHandle;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};
use tower_sessions_rusqlite_store::RusqliteStore;

use tracing::Level;

use crate::auth::{require_admin, require_login};
use crate::config::Config;
use crate::db::Db;
use crate::error::{AppError, Result, as_page};
use crate::limits::by_address;
use crate::live::Live;
use crate::passwords::Passwords;
use crate::views::Views;

const MINUTE: Duration = Duration::from_secs(60);

/// How large an image may be, in bytes.
const IMAGE: usize = 4 << 20;

/// What all requests share.
#[derive(Debug, Clone)]
pub struct AppState {
    pub db: Db,
    pub live: Live,
    pub passwords: Passwords,
    pub views: Views,
    pub images: Arc<Path>,
    pub store: Arc<RusqliteStore>,
    pub behind_proxy: bool,
}

/// The application.
pub async fn shop(config: &Config, passwords: Passwords) -> Result<(Router, AppState)> {
    std::fs::create_dir_all(config.images())?;
    let db = Db::open(config.database())?;
    let store = RusqliteStore::new(tokio_rusqlite::Connection::open(config.database()).await?);
    store.migrate().await?;
    let sessions = SessionManagerLayer::new(store.clone())
        .with_name("id")
        .with_secure(config.behind_proxy)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(time::Duration::days(1)));
    let state = AppState {
        db,
        live: Live::default(),
        passwords,
        views: Views::new(config.resources.join("templates")),
        images: config.images().into(),
        store: Arc::new(store),
        behind_proxy: config.behind_proxy,
    };
    let cached = |value| {
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static(value))
    };
    let assets = ServiceBuilder::new()
        .layer(cached("public, max-age=3600"))
        .service(ServeDir::new(config.resources.join("assets")));
    // Another image has another name.
    let images = ServiceBuilder::new()
        .layer(cached("public, max-age=31536000, immutable"))
        .service(ServeDir::new(config.images()));
    let limited = |limit: u32| by_address(limit, MINUTE, config.behind_proxy);
    let sign_in = Router::new()
        .route("/sign-in", get(accounts::sign_in_form).post(accounts::sign_in))
        .layer(limited(10));
    let registration = Router::new()
        .route("/register", get(accounts::registration).post(accounts::register))
        .layer(limited(10));
    let pages = Router::new()
        .route("/", get(catalog::index))
        .route("/products/{id}", get(catalog::show))
        .route("/stock", get(live::stock))
        .route("/cart", get(cart::show).post(cart::add))
        .route("/cart/change", post(cart::change))
        .route("/sign-out", post(accounts::sign_out))
        .merge(sign_in)
        .merge(registration)
        .merge(customers().route_layer(from_fn_with_state(state.clone(), require_login)))
        .fallback(missing)
        .layer(CsrfLayer::new())
        .layer(sessions)
        .layer(limited(600))
        .layer(timeout());
    // Scripts and styles are files; nothing is written into the pages.
    let policy = ContentSecurityPolicy::new()
        .default_src(vec!["'self'"])
        .base_uri(vec!["'self'"])
        .font_src(vec!["'self'"])
        .form_action(vec!["'self'"])
        .frame_ancestors(vec!["'self'"])
        .img_src(vec!["'self'"])
        .object_src(vec!["'none'"])
        .script_src(vec!["'self'"])
        .script_src_attr(vec!["'none'"])
        .style_src(vec!["'self'"])
        .upgrade_insecure_requests();
    let trace = TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO));
    let helmet: HelmetLayer = Helmet::default().add(policy).try_into()?;
    let app = Router::new()
        .merge(pages)
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .nest_service("/assets", assets)
        .nest_service("/images", images)
        .layer(from_fn_with_state(state.clone(), as_page))
        .nest("/api", api::routes(&state, &config.api_origins, config.behind_proxy)?)
        .route_service("/favicon.ico", ServeFile::new(config.resources.join("assets/favicon.svg")))
        .layer(helmet)
        .layer(CompressionLayer::new())
        .layer(meter().0.clone())
        .layer(trace)
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn(server_timing))
        .with_state(state.clone());
    Ok((app, state))
}

/// What needs a sign-in.
fn customers() -> Router<AppState> {
    let administration = Router::new()
        .route("/admin", get(admin::index))
        .route("/admin/products/new", get(admin::new_product))
        .route("/admin/products", post(admin::add_product))
        .route("/admin/products/{id}", get(admin::product).post(admin::change_product))
        .route("/admin/products/{id}/image", post(admin::set_image).layer(DefaultBodyLimit::max(IMAGE)))
        .route("/admin/orders/{id}/ship", post(admin::ship))
        .route("/admin/support", get(support::conversations))
        .route("/admin/support/{customer}", get(support::conversation))
        .route("/admin/support/{customer}/socket", get(support::staff_socket))
        .route_layer(from_fn(require_admin));
    Router::new()
        .route("/account", get(accounts::account))
        .route("/account/password", post(accounts::change_password))
        .route("/account/tokens", post(accounts::add_token))
        .route("/account/tokens/{id}/remove", post(accounts::remove_token))
        .route("/checkout", post(cart::checkout))
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/events", get(live::order))
        .route("/support", get(support::show))
        .route("/support/socket", get(support::socket))
        .merge(administration)
}

/// Until the head of the response: event streams and sockets are not ended.
pub fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MINUTE)
}

/// The time that a response took.
async fn server_timing(req: Request, next: Next) -> Result<Response> {
    let start = Instant::now();
    let mut res = next.run(req).await;
    let value = format!("app;dur={:.3}", start.elapsed().as_secs_f64() * 1000.0);
    res.headers_mut().append("server-timing", value.parse()?);
    Ok(res)
}

/// For a load balancer: it fails once a shutdown has started, and where the database does not answer.
async fn ready(State(state): State<AppState>) -> Result<&'static str> {
    if state.live.is_ending() {
        return Err(AppError::new(StatusCode::SERVICE_UNAVAILABLE, "the server shuts down"));
    }
    state.db.ping().await.map_err(|err| err.with_status(StatusCode::SERVICE_UNAVAILABLE))?;
    Ok("ok")
}

type Meter = (PrometheusMetricLayer<'static>, PrometheusHandle);

/// The recorder is one for the process.
fn meter() -> &'static Meter {
    static METER: OnceLock<Meter> = OnceLock::new();
    METER.get_or_init(PrometheusMetricLayer::pair)
}

/// For Prometheus on this machine.
async fn metrics(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<String> {
    let is_forwarded = state.behind_proxy && headers.contains_key("x-forwarded-for");
    if is_forwarded || !peer.ip().is_loopback() {
        return Err(AppError::new(StatusCode::FORBIDDEN, "for this machine only"));
    }
    Ok(meter().1.render())
}

async fn missing() -> AppError {
    AppError::new(StatusCode::NOT_FOUND, "There is no such page.")
}
