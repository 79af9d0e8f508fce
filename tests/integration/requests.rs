//! Properties of a request.

use connect::{Error, Next, Request, Response, Result, TrustProxy, app, error_handler, get};
use serde::Deserialize;

use crate::support::Server;

#[get("/who")]
fn who(req: &Request) -> String {
    let ip = req.ip().map_or("nobody".to_owned(), |ip| ip.to_string());
    format!("{ip} {} {} {}", req.scheme(), req.hostname().unwrap_or("nowhere"), req.ips().len())
}

const FORWARDED: &str = "x-forwarded-for: 203.0.113.7, 10.0.0.9\r\nx-forwarded-proto: https\r\nx-forwarded-host: example.com:443\r\n";

async fn seen(server: &Server) -> String {
    let mut client = server.connect().await;
    client.write(&format!("GET /who HTTP/1.1\r\nhost: inner:3000\r\n{FORWARDED}\r\n")).await;
    client.response().await.expect("a response").body
}

#[tokio::test]
async fn forwarded_headers_are_used_only_from_trusted_proxies() {
    let server = Server::start(app![who]).await;
    assert_eq!(seen(&server).await, "127.0.0.1 http inner 0");
    for (trust, wanted) in [
        (TrustProxy::none(), "127.0.0.1 http inner 0"),
        (TrustProxy::hops(1), "10.0.0.9 https example.com 1"),
        (TrustProxy::all(), "203.0.113.7 https example.com 2"),
        ("10.0.0.0/8".parse().expect("a network"), "127.0.0.1 http inner 0"),
        ("loopback, 10.0.0.0/8".parse().expect("networks"), "203.0.113.7 https example.com 2"),
    ] {
        let server = Server::start(app![who].trust_proxy(trust.clone())).await;
        assert_eq!(seen(&server).await, wanted, "{trust:?}");
    }
}

#[tokio::test]
async fn the_referer_header_is_found_in_both_spellings() {
    #[get("/")]
    fn from(req: &Request) -> String {
        format!("{:?} {:?}", req.header("Referrer"), req.header("referer"))
    }
    let server = Server::start(app![from]).await;
    for line in ["referer: /a", "Referrer: /a"] {
        assert_eq!(server.request("GET /", &[line]).await.body, r#"Some("/a") Some("/a")"#, "{line}");
    }
    assert_eq!(server.request("GET /", &["refer: /a"]).await.body, "None None");
}

#[tokio::test]
async fn the_outermost_app_sets_the_trusted_proxies() {
    let server = Server::start(app![app![who]].trust_proxy(TrustProxy::hops(1))).await;
    assert_eq!(seen(&server).await, "10.0.0.9 https example.com 1");
}

#[tokio::test]
async fn an_invalid_query_is_a_400_that_names_the_key() {
    #[derive(Deserialize)]
    struct Search {
        q: String,
        #[serde(default)]
        tag: Vec<String>,
        page: Option<u32>,
    }
    #[get("/search")]
    async fn search(req: &Request) -> Result<String> {
        let Search { q, tag, page } = req.query()?;
        Ok(format!("{q} {tag:?} {page:?}"))
    }
    #[error_handler]
    fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send(err.public_message())
    }
    let server = Server::start(app![search, on_error]).await;
    for (query, wanted) in [
        ("?q=a%20b&tag=x&tag=y&page=3", (200, r#"a b ["x", "y"] Some(3)"#)),
        ("?q=a&page=", (200, "a [] None")),
        ("?q=a&page=secret", (400, "`page` in the query: not a whole number in the allowed range")),
        ("", (400, "the query lacks `q`")),
    ] {
        assert_eq!(server.get(&format!("/search{query}")).await.seen(), wanted, "{query}");
    }
}

#[tokio::test]
async fn content_negotiation_uses_the_accept_headers() {
    #[get("/choose")]
    fn choose(req: &Request) -> String {
        let kind = req.accepts(&["html", "json"]).unwrap_or("neither");
        let language = req.accepts_languages(&["en", "de"]).unwrap_or("neither");
        let encoding = req.accepts_encodings(&["br", "gzip", "identity"]).unwrap_or("none");
        format!("{kind} {language} {encoding} {} {}", req.xhr(), req.is("json"))
    }
    let server = Server::start(app![choose]).await;
    let mut client = server.connect().await;
    client
        .write(
            "GET /choose HTTP/1.1\r\nhost: x\r\naccept: application/json, text/html;q=0.9\r\naccept-language: de-AT\r\n\
             accept-encoding: gzip, br;q=0.5\r\nx-requested-with: XMLHttpRequest\r\ncontent-type: application/json\r\n\
             content-length: 2\r\n\r\n{}",
        )
        .await;
    assert_eq!(client.response().await.expect("a response").body, "json de gzip true true");
    assert_eq!(server.get("/choose").await.body, "html en identity false false");
}

#[tokio::test]
async fn an_unsatisfiable_range_is_a_416_with_the_size() {
    #[get("/part")]
    fn part(req: &Request) -> Result<String> {
        Ok(format!("{:?}", req.range(10)?))
    }
    let server = Server::start(app![part]).await;
    for (range, status) in [("bytes=0-4", 200), ("bytes=10-", 416)] {
        let mut client = server.connect().await;
        client.write(&format!("GET /part HTTP/1.1\r\nhost: x\r\nrange: {range}\r\n\r\n")).await;
        let response = client.response().await.expect("a response");
        assert_eq!(response.status, status);
        assert_eq!(response.header("content-range"), (status == 416).then_some("bytes */10"));
    }
}
