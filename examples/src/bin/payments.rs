//! Payments that a client may send again: no more at the same time than the server can do, no more of a customer than its share, and
//! each done once.
//!
//! ```text
//! curl -H 'Authorization: Bearer ann-s3cret' -H 'Idempotency-Key: 1' -d 'amount=20' localhost:3000/payments
//! ```
//!
//! With several processes the limit is shared in Redis (`RateLimit::shared`), and the keys are in a store of your own.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use connect::{Error, Form, Response, Result, app, detached, error_handler, get, post, provide};
use connect_middleware::auth::{BearerAuth, secrets_match};
use connect_middleware::idempotency_key::{IdempotencyKey, MemoryStore};
use connect_middleware::load_shed::LoadShed;
use connect_middleware::rate_limit::RateLimit;
use serde::Deserialize;

struct Customer(&'static str);

#[derive(Default)]
struct Ledger {
    payments: AtomicU64,
}

#[derive(Deserialize)]
struct Payment {
    amount: u64,
}

#[post("/payments")]
async fn pay(customer: &Customer, ledger: &Ledger, Form(payment): Form<Payment>) -> String {
    let number = ledger.payments.fetch_add(1, Relaxed) + 1;
    format!("payment {number}: {} of {}", payment.amount, customer.0)
}

#[get("/health")]
fn health() -> &'static str {
    "ok"
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(err.public_message())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let customers = BearerAuth::new(async |token: String| {
        let known = [("ann", "ann-s3cret"), ("bob", "bob-s3cret")];
        Ok(known
            .into_iter()
            .find(|(_, secret)| secrets_match(&token, secret))
            .map(|(name, _)| Customer(name)))
    });
    let name = |req: &connect::Request| req.provided::<Customer>().map(|customer| customer.0.to_owned());
    let app = app![
        provide(Ledger::default()),
        // A request runs to its end although its client leaves, and counts as long.
        detached(),
        LoadShed::new(200).exempt(|req| req.path() == "/health"),
        health,
        customers,
        RateLimit::new(3, Duration::from_secs(60)).by(name),
        IdempotencyKey::by(MemoryStore::new(), name).required(),
        pay,
        on_error,
    ];
    app.listen(connect_examples::address()).await
}
