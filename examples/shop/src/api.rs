//! The JSON API, for programs: products, and the orders of who has a token.

use std::time::Duration;

use connect::{
    Guarded, Json, Query, Request, Response, Result, Stack, detached, get, guard, method_not_allowed, post,
    put, router,
};
use connect_middleware::auth::BearerAuth;
use connect_middleware::cors::Cors;
use connect_middleware::error_page::ErrorPage;
use connect_middleware::idempotency_key::{IdempotencyKey, MemoryStore};
use connect_middleware::rate_limit::RateLimit;
use connect_middleware::session::{Principal, require_role};
use connect_middleware::timeout::Timeout;
use connect_middleware::valid::Valid;
use garde::Validate;
use serde::Deserialize;

use crate::accounts::{find_by_token, number};
use crate::db::{Db, Lines, Product, Purchase};
use crate::live::{Change, Live};
use crate::orders::place;
use crate::passwords::secret;

const MINUTE: Duration = Duration::from_secs(60);

/// The routes of the API, for pages of these origins too.
pub fn routes(db: &Db, origins: &[String]) -> impl Stack<(Db, Live), (), Guarded<Principal>> + use<> {
    let db = db.clone();
    let principal = |req: &Request| req.provided::<Principal>().map(|principal| principal.id().to_owned());
    router![
        #![deny(unguarded = Principal)]
        Cors::origins(origins).max_age(10 * MINUTE),
        Timeout::new(MINUTE),
        RateLimit::new(300, MINUTE).name("api"),
        products,
        product,
        BearerAuth::new(move |token: String| find_by_token(db.clone(), token)).realm("Shop"),
        RateLimit::new(600, MINUTE).name("account").by(principal),
        orders,
        order,
        guard![IdempotencyKey::by(MemoryStore::new(), principal), detached() => add_order],
        guard![require_role("admin") => set_stock],
        method_not_allowed(),
        ErrorPage::problems().not_found(),
    ]
}

#[derive(Deserialize, Validate)]
struct Page {
    #[garde(skip)]
    #[serde(default)]
    after: i64,
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "twenty")]
    limit: u32,
}

const fn twenty() -> u32 {
    20
}

/// Some of the products, and a link to the next ones.
#[get("/products", public)]
async fn products(
    db: &Db,
    Valid(Query(Page { after, limit })): Valid<Query<Page>>,
    res: &mut Response,
) -> Result<Json<Vec<Product>>> {
    let products = db.products(String::new(), after, limit).await?;
    if let Some(last) = products.last().filter(|_| products.len() == limit as usize) {
        res.links([("next", format!("/api/products?after={}&limit={limit}", last.id))]);
    }
    Ok(Json(products))
}

#[get("/products/:id", public)]
async fn product(db: &Db, id: i64) -> Result<Option<Json<Product>>> {
    Ok(db.product(id).await?.map(Json))
}

#[get("/orders")]
async fn orders(db: &Db, principal: &Principal) -> Result<Json<Vec<Purchase>>> {
    Ok(Json(db.purchases(Some(number(principal)?)).await?))
}

#[get("/orders/:id")]
async fn order(db: &Db, principal: &Principal, id: i64) -> Result<Option<Json<Purchase>>> {
    Ok(db.purchase(number(principal)?, id).await?.map(Json))
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

/// Places an order. With an `Idempotency-Key` a client may send it again.
#[post("/orders")]
async fn add_order(
    db: &Db,
    live: &Live,
    principal: &Principal,
    Valid(Json(new)): Valid<Json<NewOrder>>,
    res: &mut Response,
) -> Result {
    let mut lines = Lines::new();
    for line in new.lines {
        *lines.entry(line.product).or_default() += line.quantity;
    }
    let customer = number(principal)?;
    let id = place(db, live, customer, secret()?, new.address, lines).await?;
    let order = db.purchase(customer, id).await?;
    res.status(201).set("location", format!("/api/orders/{id}")).json(order)
}

#[derive(Deserialize)]
struct Stock {
    stock: u32,
}

#[put("/products/:id/stock")]
async fn set_stock(db: &Db, live: &Live, id: i64, Json(new): Json<Stock>) -> Result<Option<Json<Product>>> {
    if !db.set_stock(id, new.stock).await? {
        return Ok(None);
    }
    live.publish(Change::Stock { product: id, stock: new.stock.into() });
    Ok(db.product(id).await?.map(Json))
}
