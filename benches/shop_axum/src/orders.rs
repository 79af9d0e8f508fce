//! Orders, as their customers see them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use serde_json::json;
use tower_sessions::Session;

use crate::AppState;
use crate::auth::Customer;
use crate::db::Lines;
use crate::error::{AppError, Result};
use crate::live::Change;

/// Places an order, and tells open pages what is left.
pub async fn place(
    state: &AppState,
    customer: i64,
    key: String,
    address: String,
    lines: Lines,
) -> Result<i64> {
    let placed = state.db.place(customer, key, address, lines).await?;
    for (product, stock) in placed.left {
        state.live.publish(Change::Stock { product, stock });
    }
    Ok(placed.id)
}

pub async fn list(
    State(state): State<AppState>,
    Customer(customer): Customer,
    session: Session,
) -> Result<Html<String>> {
    let orders = state.db.purchases(Some(customer)).await?;
    state.views.page(&session, "orders.html", json!({ "orders": orders })).await
}

pub async fn show(
    State(state): State<AppState>,
    Customer(customer): Customer,
    session: Session,
    Path(id): Path<i64>,
) -> Result<Html<String>> {
    // One of another customer is as one that is not there.
    let order = state.db.purchase(customer, id).await?.ok_or_else(no_order)?;
    state.views.page(&session, "order.html", json!({ "order": order })).await
}

pub fn no_order() -> AppError {
    AppError::new(StatusCode::NOT_FOUND, "There is no such order.")
}
