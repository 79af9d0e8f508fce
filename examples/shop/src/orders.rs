//! Orders, as their customers see them.

use connect::{Error, Html, Result, Views, get};
use connect_middleware::session::{Principal, Sessions};
use serde_json::json;

use crate::accounts::number;
use crate::db::{Db, Lines};
use crate::live::{Change, Live};
use crate::views::page;

/// Places an order, and tells open pages what is left.
///
/// # Errors
/// Those of [`Db::place`].
pub async fn place(
    db: &Db,
    live: &Live,
    customer: i64,
    key: String,
    address: String,
    lines: Lines,
) -> Result<i64> {
    let placed = db.place(customer, key, address, lines).await?;
    for (product, stock) in placed.left {
        live.publish(Change::Stock { product, stock });
    }
    Ok(placed.id)
}

#[get("/orders")]
pub(crate) async fn list(
    db: &Db,
    principal: &Principal,
    views: &Views,
    sessions: &Sessions,
) -> Result<Html<String>> {
    let orders = db.purchases(Some(number(principal)?)).await?;
    page(views, sessions, "orders.html", json!({ "orders": orders })).await
}

#[get("/orders/:id")]
pub(crate) async fn show(
    db: &Db,
    principal: &Principal,
    views: &Views,
    sessions: &Sessions,
    id: i64,
) -> Result<Html<String>> {
    // One of another customer is as one that is not there.
    let order = db.purchase(number(principal)?, id).await?;
    let order = order.ok_or_else(|| Error::new(404, "There is no such order."))?;
    page(views, sessions, "order.html", json!({ "order": order })).await
}
