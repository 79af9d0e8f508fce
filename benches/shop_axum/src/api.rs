//! The JSON API, for programs: products, and the orders of who has a token.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use garde::Validate;
use serde::Deserialize;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::auth::{Customer, require_admin_token, require_token};
use crate::db::{Lines, Product, Purchase};
use crate::error::{AppError, Result, as_json};
use crate::limits::{by_account, by_address};
use crate::live::Change;
use crate::orders::place;
use crate::passwords::secret;
use crate::{AppState, timeout};

const MINUTE: Duration = Duration::from_secs(60);

/// The routes of the API, for pages of these origins too.
pub fn routes(state: &AppState, origins: &[String], behind_proxy: bool) -> Result<Router<AppState>> {
    let origins = origins.iter().map(|origin| origin.parse()).collect::<Result<Vec<HeaderValue>, _>>()?;
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(10 * MINUTE);
    let administration =
        Router::new().route("/products/{id}/stock", put(set_stock)).route_layer(from_fn(require_admin_token));
    let accounts = Router::new()
        .route("/orders", get(orders).post(add_order))
        .route("/orders/{id}", get(order))
        .merge(administration)
        .route_layer(by_account(600, MINUTE))
        .route_layer(from_fn_with_state(state.clone(), require_token));
    Ok(Router::new()
        .route("/products", get(products))
        .route("/products/{id}", get(product))
        .merge(accounts)
        .fallback(missing)
        .layer(by_address(300, MINUTE, behind_proxy))
        .layer(timeout())
        .layer(from_fn(as_json))
        .layer(cors))
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: i64,
    #[serde(default = "twenty")]
    limit: u32,
}

const fn twenty() -> u32 {
    20
}

/// Some of the products, and a link to the next ones.
async fn products(
    State(state): State<AppState>,
    Query(Page { after, limit }): Query<Page>,
) -> Result<Response> {
    if !(1..=100).contains(&limit) {
        let message = "`limit` is a number from 1 to 100";
        return Err(AppError::new(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    let products = state.db.products(String::new(), after, limit).await?;
    let next = products
        .last()
        .filter(|_| products.len() == limit as usize)
        .map(|last| format!("</api/products?after={}&limit={limit}>; rel=\"next\"", last.id));
    let mut res = Json(products).into_response();
    if let Some(next) = next {
        res.headers_mut().insert(header::LINK, next.parse()?);
    }
    Ok(res)
}

async fn product(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Product>> {
    state.db.product(id).await?.map(Json).ok_or_else(not_found)
}

async fn orders(State(state): State<AppState>, Customer(customer): Customer) -> Result<Json<Vec<Purchase>>> {
    Ok(Json(state.db.purchases(Some(customer)).await?))
}

async fn order(
    State(state): State<AppState>,
    Customer(customer): Customer,
    Path(id): Path<i64>,
) -> Result<Json<Purchase>> {
    state.db.purchase(customer, id).await?.map(Json).ok_or_else(not_found)
}

#[derive(Deserialize, Validate)]
struct NewOrder {
    #[garde(length(chars, min = 5, max = 500))]
    address: String,
    #[garde(length(min = 1, max = 100), dive)]
    lines: Vec<NewLine>,
}

#[derive(Deserialize, Validate)]
struct NewLine {
    #[garde(skip)]
    product: i64,
    #[garde(range(min = 1, max = 100))]
    quantity: u32,
}

/// Places an order.
async fn add_order(
    State(state): State<AppState>,
    Customer(customer): Customer,
    Json(new): Json<NewOrder>,
) -> Result<Response> {
    new.validate().map_err(|report| AppError::new(StatusCode::UNPROCESSABLE_ENTITY, report.to_string()))?;
    let mut lines = Lines::new();
    for line in new.lines {
        *lines.entry(line.product).or_default() += line.quantity;
    }
    let id = place(&state, customer, secret()?, new.address, lines).await?;
    let order = state.db.purchase(customer, id).await?;
    let location = [(header::LOCATION, format!("/api/orders/{id}"))];
    Ok((StatusCode::CREATED, location, Json(order)).into_response())
}

#[derive(Deserialize)]
struct Stock {
    stock: u32,
}

async fn set_stock(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(new): Json<Stock>,
) -> Result<Json<Product>> {
    if !state.db.set_stock(id, new.stock).await? {
        return Err(not_found());
    }
    state.live.publish(Change::Stock { product: id, stock: new.stock.into() });
    state.db.product(id).await?.map(Json).ok_or_else(not_found)
}

fn not_found() -> AppError {
    AppError::new(StatusCode::NOT_FOUND, "Not Found")
}

async fn missing() -> AppError {
    not_found()
}
