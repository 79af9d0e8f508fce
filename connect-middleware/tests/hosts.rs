//! Requests for this host, for another and for none.

use connect::testing::Client;
use connect::{TrustProxy, app, get, router};
use connect_middleware::hosts::{AllowedHosts, Host, VHost};

#[get("/")]
fn index() -> &'static str {
    "the main page"
}

#[get("/")]
fn page(host: &Host) -> String {
    format!("{} of {}", host.label(0).unwrap_or_default(), host.name())
}

#[tokio::test]
async fn other_hosts_are_refused() {
    let client = Client::new(app![AllowedHosts::new(["example.com", "*.example.com"]), index]);
    for (host, status) in [
        ("example.com", 200),
        ("EXAMPLE.com:3000", 200),
        ("www.example.com", 200),
        ("example.org", 421),
        ("example.com.evil.example", 421),
        ("evilexample.com", 421),
    ] {
        assert_eq!(client.get("/").header("host", host).send().await.status(), status, "{host}");
    }
}

#[tokio::test]
async fn a_forwarded_host_counts_behind_a_trusted_proxy_alone() {
    let app = || app![AllowedHosts::new(["example.com"]), index];
    let ask = |client: Client| async move {
        client
            .get("/")
            .header("host", "10.0.0.1")
            .header("x-forwarded-host", "example.com")
            .send()
            .await
            .status()
    };
    assert_eq!(ask(Client::new(app())).await, 421);
    assert_eq!(ask(Client::new(app().trust_proxy(TrustProxy::hops(1)))).await, 200);
}

#[tokio::test]
async fn a_router_is_left_unless_the_host_matches() {
    let client = Client::new(app![router![VHost::new("*.users.example.com"), page], index]);
    let ask = |host: &'static str| client.get("/").header("host", host).send();
    ask("tobi.users.example.com").await.assert_text("tobi of tobi.users.example.com");
    ask("users.example.com").await.assert_text("the main page");
    ask("example.com").await.assert_text("the main page");
}

#[test]
fn what_is_no_host_name_is_refused_when_the_layer_is_made() {
    for pattern in ["", "https://example.com", "example.com:3000", "example.com/", "[::1]:80"] {
        assert!(std::panic::catch_unwind(|| VHost::new(pattern)).is_err(), "{pattern}");
    }
    assert!(std::panic::catch_unwind(|| AllowedHosts::new::<_, &str>([])).is_err());
}
