//! The headers, beside those that Helmet 8 sends.

use connect::testing::Client;
use connect::{Error, Result, app, get};
use connect_middleware::helmet::{Csp, FrameOptions, Helmet, Hsts, Nonce};

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/nonce")]
fn nonce(nonce: &Nonce) -> String {
    nonce.to_string()
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(400, "no"))
}

/// What Helmet 8.1.0 sends by default.
const HELMET: [(&str, &str); 12] = [
    (
        "content-security-policy",
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' \
         data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline';\
         upgrade-insecure-requests",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("x-download-options", "noopen"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-xss-protection", "0"),
];

#[tokio::test]
async fn the_defaults_are_helmets() {
    let client = Client::new(app![Helmet::new(), index]);
    let res = client.get("/").send().await;
    for (name, value) in HELMET {
        res.assert_header(name, value);
    }
    assert_eq!(res.headers().get("cross-origin-embedder-policy"), None);
}

#[tokio::test]
async fn errors_have_the_headers_too() {
    let client = Client::new(app![Helmet::new(), fails]);
    let res = client.get("/fails").send().await;
    res.assert_status(400).assert_header("x-frame-options", "SAMEORIGIN");
    // The final handler's page is stricter.
    res.assert_header("content-security-policy", "default-src 'none'");
}

#[tokio::test]
async fn each_header_can_be_another_or_left_out() {
    let helmet = Helmet::new()
        .csp(Csp::empty().set("default-src", "'none'").set("img-src", "'self'").remove("img-src"))
        .frame_options(Some(FrameOptions::Deny))
        .strict_transport_security(Some(Hsts { include_subdomains: false, preload: true, ..Hsts::default() }))
        .referrer_policy(None)
        .no_sniff(false);
    let client = Client::new(app![helmet, index]);
    let res = client.get("/").send().await;
    res.assert_header("content-security-policy", "default-src 'none'")
        .assert_header("x-frame-options", "DENY")
        .assert_header("strict-transport-security", "max-age=31536000; preload");
    assert_eq!(res.headers().get("referrer-policy"), None);
    assert_eq!(res.headers().get("x-content-type-options"), None);
    let client = Client::new(app![Helmet::new().csp(None), index]);
    assert_eq!(client.get("/").send().await.headers().get("content-security-policy"), None);
}

#[tokio::test]
async fn a_nonce_is_new_for_each_response_and_in_the_policy() {
    let csp = Csp::empty().set("script-src", "'self'").set("style-src", "'self'").set("img-src", "*");
    let client = Client::new(app![Helmet::new().csp(csp).nonces(), nonce]);
    let (first, second) = (client.get("/nonce").send().await, client.get("/nonce").send().await);
    let nonce = first.text();
    assert_eq!(nonce.len(), 24);
    assert_ne!(nonce, second.text());
    first.assert_header(
        "content-security-policy",
        &format!("script-src 'self' 'nonce-{nonce}';style-src 'self' 'nonce-{nonce}';img-src *"),
    );
}

#[test]
fn a_directive_cannot_end_itself() {
    for sources in ["'self'; script-src *", "a, b", "é", "a\nb"] {
        assert!(std::panic::catch_unwind(|| Csp::new().set("img-src", sources)).is_err(), "{sources}");
    }
    assert!(std::panic::catch_unwind(|| Csp::new().set("img src", "*")).is_err());
}
