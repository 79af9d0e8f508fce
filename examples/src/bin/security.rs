//! A page and an API for the pages of another origin, behind what keeps others out: hosts, security headers, cross-site requests,
//! limits, and names and passwords.
//!
//! The compiler checks the order: with `hosts()` above `Cors` it says that a page could not read the error.

use std::time::Duration;

use connect::{Error, Html, Json, Request, Response, Result, app, error_handler, get, post, router};
use connect_middleware::auth::{BasicAuth, secrets_match};
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;
use connect_middleware::helmet::{Csp, Helmet, Nonce};
use connect_middleware::hosts::AllowedHosts;
use connect_middleware::ip_filter::IpFilter;
use connect_middleware::rate_limit::RateLimit;
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);

#[get("/")]
fn index(nonce: &Nonce) -> Html<String> {
    Html(format!(
        "<form method=post action=/orders><button>Order</button></form>\
         <script nonce=\"{nonce}\">console.log(\"runs, as no other script does\")</script>"
    ))
}

#[post("/orders")]
fn order() -> &'static str {
    "ordered"
}

#[get("/prices")]
fn prices() -> Json<Value> {
    Json(json!({"anvil": 20}))
}

struct Admin(String);

#[get("/")]
fn admin(admin: &Admin, req: &Request) -> String {
    format!("hello, {} from {}", admin.0, req.ip().map_or("a socket".to_owned(), |ip| ip.to_string()))
}

fn hosts() -> AllowedHosts {
    AllowedHosts::new(["localhost", "127.0.0.1", "*.example.com"])
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    // Who is refused, and why, is of interest to those who look after the server.
    eprintln!("{err:?}");
    res.error(&err).text(err.public_message())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let sign_in = BasicAuth::new(|name: String, password: String| async move {
        // Your database has a hash of it: see the crate `argon2`.
        Ok(secrets_match(&password, "correct horse").then_some(Admin(name)))
    });
    let csp = Csp::new().set("img-src", "'self' https://images.example.com");
    let app = app![
        "/api" => router![
            Cors::origins(["https://app.example.com"]),
            hosts(),
            RateLimit::new(3, MINUTE).name("api"),
            prices,
        ],
        Helmet::new().csp(csp).nonces(),
        hosts(),
        Csrf::new(),
        index,
        order,
        "/admin" => router![
            IpFilter::allow(["127.0.0.0/8", "::1"]),
            RateLimit::new(5, MINUTE).name("sign-in"),
            sign_in,
            admin,
        ],
        on_error,
    ];
    app.listen(connect_examples::address()).await
}
