//! The cart, in the session of a visitor, and the checkout.

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{Html, Redirect};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tower_sessions::Session;

use crate::AppState;
use crate::auth::Customer;
use crate::catalog::no_product;
use crate::db::Lines;
use crate::error::Result;
use crate::flash;
use crate::orders::place;
use crate::passwords::secret;

const KEY: &str = "cart";

/// How many of one product are sold at once.
const MOST: u32 = 100;

/// What a visitor is about to order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cart {
    /// What the order is known by: a checkout that is sent twice is one order.
    key: String,
    lines: Lines,
}

impl Cart {
    pub async fn of(session: &Session) -> Result<Self> {
        Ok(session.get(KEY).await?.unwrap_or_default())
    }

    pub fn count(&self) -> u32 {
        self.lines.values().sum()
    }

    fn add(&mut self, key: &str, product: i64, quantity: u32) {
        if self.lines.is_empty() {
            key.clone_into(&mut self.key);
        }
        let line = self.lines.entry(product).or_default();
        *line = line.saturating_add(quantity).min(MOST);
    }

    fn set(&mut self, product: i64, quantity: u32) {
        if quantity == 0 {
            self.lines.remove(&product);
        } else if let Some(line) = self.lines.get_mut(&product) {
            *line = quantity.min(MOST);
        }
    }
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    name: String,
    price: i64,
    stock: i64,
    quantity: u32,
}

pub async fn show(State(state): State<AppState>, session: Session) -> Result<Html<String>> {
    let cart = Cart::of(&session).await?;
    let products = state.db.products_of(cart.lines.keys().copied().collect()).await?;
    let lines: Vec<Shown> = products
        .into_iter()
        .map(|product| Shown {
            quantity: cart.lines.get(&product.id).copied().unwrap_or_default(),
            id: product.id,
            name: product.name,
            price: product.price,
            stock: product.stock,
        })
        .collect();
    let total: i64 = lines.iter().map(|line| line.price * i64::from(line.quantity)).sum();
    state.views.page(&session, "cart.html", json!({ "lines": lines, "total": total })).await
}

#[derive(Deserialize)]
pub struct Change {
    product: i64,
    quantity: u32,
}

pub async fn add(
    State(state): State<AppState>,
    session: Session,
    Form(change): Form<Change>,
) -> Result<Redirect> {
    let product = state.db.product(change.product).await?.ok_or_else(no_product)?;
    let mut cart = Cart::of(&session).await?;
    cart.add(&secret()?, product.id, change.quantity);
    session.insert(KEY, cart).await?;
    flash::push(&session, "info", format!("\u{201c}{}\u{201d} is in your cart.", product.name)).await?;
    Ok(Redirect::to("/cart"))
}

pub async fn change(session: Session, Form(change): Form<Change>) -> Result<Redirect> {
    let mut cart = Cart::of(&session).await?;
    cart.set(change.product, change.quantity);
    session.insert(KEY, cart).await?;
    Ok(Redirect::to("/cart"))
}

#[derive(Deserialize, Validate)]
pub struct Delivery {
    #[garde(length(chars, min = 5, max = 500))]
    address: String,
}

pub async fn checkout(
    State(state): State<AppState>,
    Customer(customer): Customer,
    session: Session,
    Form(delivery): Form<Delivery>,
) -> Result<Redirect> {
    let cart = Cart::of(&session).await?;
    if cart.lines.is_empty() || delivery.validate().is_err() {
        flash::push(&session, "error", "An order needs something in the cart, and an address.").await?;
        return Ok(Redirect::to("/cart"));
    }
    match place(&state, customer, cart.key, delivery.address, cart.lines).await {
        Ok(id) => {
            session.remove::<Cart>(KEY).await?;
            Ok(Redirect::to(&format!("/orders/{id}")))
        }
        Err(err) if err.status() == StatusCode::CONFLICT => {
            flash::push(&session, "error", err.message()).await?;
            Ok(Redirect::to("/cart"))
        }
        Err(err) => Err(err),
    }
}
