//! The products, as customers see them.

use connect::{Error, Html, Query, Result, Views, get};
use connect_middleware::session::Sessions;
use serde::Deserialize;
use serde_json::json;

use crate::db::Db;
use crate::views::page;

/// How many products are on a page.
const PAGE: u32 = 12;

#[derive(Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: i64,
}

#[get("/", public)]
pub(crate) async fn index(
    db: &Db,
    views: &Views,
    sessions: &Sessions,
    Query(search): Query<Search>,
) -> Result<Html<String>> {
    // One more says whether there is a next page.
    let mut products = db.products(search.q.clone(), search.after, PAGE + 1).await?;
    let has_more = products.len() > PAGE as usize;
    products.truncate(PAGE as usize);
    let next = products.last().map(|product| product.id).filter(|_| has_more);
    page(views, sessions, "index.html", json!({ "q": search.q, "products": products, "next": next })).await
}

#[get("/products/:id", public)]
pub(crate) async fn show(db: &Db, views: &Views, sessions: &Sessions, id: i64) -> Result<Html<String>> {
    let product = db.product(id).await?.ok_or_else(|| Error::new(404, "There is no such product."))?;
    page(views, sessions, "product.html", json!({ "product": product })).await
}
