//! The products, as customers see them.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use serde::Deserialize;
use serde_json::json;
use tower_sessions::Session;

use crate::AppState;
use crate::error::{AppError, Result};

/// How many products are on a page.
const PAGE: u32 = 12;

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: i64,
}

pub async fn index(
    State(state): State<AppState>,
    session: Session,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    // One more says whether there is a next page.
    let mut products = state.db.products(search.q.clone(), search.after, PAGE + 1).await?;
    let has_more = products.len() > PAGE as usize;
    products.truncate(PAGE as usize);
    let next = products.last().map(|product| product.id).filter(|_| has_more);
    let content = json!({ "q": search.q, "products": products, "next": next });
    state.views.page(&session, "index.html", content).await
}

pub async fn show(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<i64>,
) -> Result<Html<String>> {
    let product = state.db.product(id).await?.ok_or_else(no_product)?;
    state.views.page(&session, "product.html", json!({ "product": product })).await
}

pub fn no_product() -> AppError {
    AppError::new(StatusCode::NOT_FOUND, "There is no such product.")
}
