//! The cart, in the session of a visitor, and the checkout.

use connect::{Error, Form, Html, Redirect, Result, Views, get, post};
use connect_middleware::session::{Part, Principal, Sessions};
use connect_middleware::valid::{Rejection, Valid};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::accounts::number;
use crate::db::{Db, Lines};
use crate::live::Live;
use crate::orders::place;
use crate::passwords::secret;
use crate::views::page;

/// How many of one product are sold at once.
const MOST: u32 = 100;

/// What a visitor is about to order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cart {
    /// What the order is known by: a checkout that is sent twice is one order.
    key: String,
    lines: Lines,
}

impl Part for Cart {
    const NAME: &'static str = "cart";
}

impl Cart {
    /// How many things are in it.
    #[must_use]
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

#[get("/cart", public)]
pub(crate) async fn show(db: &Db, views: &Views, sessions: &Sessions) -> Result<Html<String>> {
    let cart: Cart = sessions.get().await?;
    let products = db.products_of(cart.lines.keys().copied().collect()).await?;
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
    page(views, sessions, "cart.html", json!({ "lines": lines, "total": total })).await
}

#[derive(Deserialize)]
pub(crate) struct Change {
    product: i64,
    quantity: u32,
}

#[post("/cart", public)]
pub(crate) async fn add(db: &Db, sessions: &Sessions, Form(change): Form<Change>) -> Result<Redirect> {
    let product =
        db.product(change.product).await?.ok_or_else(|| Error::new(404, "There is no such product."))?;
    let key = secret()?;
    sessions.change(|cart: &mut Cart| cart.add(&key, product.id, change.quantity)).await?;
    sessions.flash("info", format!("\u{201c}{}\u{201d} is in your cart.", product.name)).await?;
    Ok(Redirect::see_other("/cart"))
}

#[post("/cart/change", public)]
pub(crate) async fn change(sessions: &Sessions, Form(change): Form<Change>) -> Result<Redirect> {
    sessions.change(|cart: &mut Cart| cart.set(change.product, change.quantity)).await?;
    Ok(Redirect::see_other("/cart"))
}

#[derive(Deserialize, Validate)]
pub(crate) struct Delivery {
    #[garde(length(chars, min = 5, max = 500))]
    address: String,
}

#[post("/checkout")]
pub(crate) async fn checkout(
    db: &Db,
    live: &Live,
    principal: &Principal,
    sessions: &Sessions,
    delivery: Result<Valid<Form<Delivery>>, Rejection>,
) -> Result<Redirect> {
    let cart: Cart = sessions.get().await?;
    let Some(Valid(Form(delivery))) = delivery.ok().filter(|_| !cart.lines.is_empty()) else {
        sessions.flash("error", "An order needs something in the cart, and an address.").await?;
        return Ok(Redirect::see_other("/cart"));
    };
    match place(db, live, number(principal)?, cart.key.clone(), delivery.address, cart.lines).await {
        Ok(id) => {
            // Unless another one has been begun in the meantime.
            sessions
                .change(|now: &mut Cart| {
                    if now.key == cart.key {
                        *now = Cart::default();
                    }
                })
                .await?;
            Ok(Redirect::see_other(format!("/orders/{id}")))
        }
        Err(err) if err.status() == 409 => {
            sessions.flash("error", err.public_message()).await?;
            Ok(Redirect::see_other("/cart"))
        }
        Err(err) => Err(err),
    }
}
