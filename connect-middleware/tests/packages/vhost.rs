//! As `tests/real/packages/vhost.cjs`.

use connect::testing::Client;
use connect::{TrustProxy, app, get, router};
use connect_middleware::hosts::{Host, VHost};

use super::failed;

#[get("/")]
fn page(host: &Host) -> String {
    let labels: Vec<&str> = (0..).map_while(|star| host.label(star)).collect();
    [&[host.name()], &*labels].concat().join(" ")
}

#[get("/")]
fn main_page() -> &'static str {
    "main"
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let pattern = match configuration {
        "exact" | "proxy" => "mail.example.com",
        "star" => "*.example.com",
        "two" => "*.*.example.com",
        "part" => "assets-*.example.com",
        _ => return None,
    };
    let trust = if configuration == "proxy" { TrustProxy::hops(1) } else { TrustProxy::none() };
    let app = app![router![VHost::new(pattern), page], main_page, failed];
    Some(Client::serve(app.trust_proxy(trust)).await.unwrap())
}
