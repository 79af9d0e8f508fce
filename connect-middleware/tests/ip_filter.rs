//! Requests of clients with these addresses and with others.

use connect::testing::Client;
use connect::{TrustProxy, app, get};
use connect_middleware::ip_filter::IpFilter;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[tokio::test]
async fn the_address_behind_a_trusted_proxy_counts() {
    let app = app![IpFilter::allow(["203.0.113.0/24"]), index].trust_proxy(TrustProxy::hops(1));
    let client = Client::new(app);
    client.get("/").header("x-forwarded-for", "203.0.113.7").send().await.assert_status(200);
    client.get("/").header("x-forwarded-for", "198.51.100.1").send().await.assert_status(403);
    // What the client wrote stands in front of what the proxy adds.
    client.get("/").header("x-forwarded-for", "203.0.113.7, 198.51.100.1").send().await.assert_status(403);
    client.get("/").header("x-forwarded-for", "nobody").send().await.assert_status(403);
}

#[test]
fn what_is_no_network_is_refused_when_the_layer_is_made() {
    for text in ["", "203.0.113", "203.0.113.0/33", "localhost"] {
        assert!(std::panic::catch_unwind(|| IpFilter::deny([text])).is_err(), "{text}");
    }
}
