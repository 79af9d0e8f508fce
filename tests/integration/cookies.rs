//! Cookies that are set, sent back and changed.

use connect::cookie::Cookie;
use connect::{CookieKeys, Request, Response, Result, app, get, provide};

use http::HeaderValue;

use crate::support::{self, RawResponse, Server};

/// The cookies that a client sends back.
fn kept(response: &RawResponse) -> String {
    let set = response.headers.iter().filter(|(name, _)| name == "set-cookie");
    let kept: Vec<&str> = set.filter_map(|(_, value)| value.split(';').next()).collect();
    kept.join("; ")
}

async fn get_with(server: &Server, path: &str, cookies: &str) -> RawResponse {
    let mut client = server.connect().await;
    client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookies}\r\n\r\n")).await;
    client.response().await.expect("a response")
}

#[get("/set")]
async fn set(req: &mut Request, res: &mut Response, keys: &CookieKeys) -> Result {
    let _ = req;
    res.cookie(("plain", "a b"))
        .signed_cookie(keys, Cookie::build(("signed", "user=7")).http_only(true))
        .private_cookie(keys, ("private", "secret"))
        .send("set")
}

#[get("/show")]
async fn show(req: &mut Request, res: &mut Response, keys: &CookieKeys) -> Result {
    let cookies = req.cookies();
    let shown = [
        cookies.get("plain").map(|value| value.into_owned()),
        cookies.signed(keys, "signed"),
        cookies.private(keys, "private"),
    ];
    res.send(format!("{shown:?}"))
}

#[tokio::test]
async fn cookies_round_trip_and_tampered_ones_are_rejected() {
    let server = Server::start(app![provide(CookieKeys::generate()), set, show]).await;
    let response = server.get("/set").await;
    let cookies = kept(&response);
    assert!(cookies.starts_with("plain=a%20b; signed=") && !cookies.contains("secret"), "{cookies}");
    let all = r#"[Some("a b"), Some("user=7"), Some("secret")]"#;
    assert_eq!(get_with(&server, "/show", &cookies).await.body, all);
    let changed = cookies.replace("user%3D7", "user%3D8").replace("user=7", "user=8");
    assert_ne!(changed, cookies);
    assert_eq!(get_with(&server, "/show", &changed).await.body, r#"[Some("a b"), None, Some("secret")]"#);
    // The value of one cookie is none for another.
    let swapped = cookies.replace("signed=", "other=").replace("private=", "signed=");
    assert_eq!(get_with(&server, "/show", &swapped).await.body, r#"[Some("a b"), None, None]"#);
}

#[tokio::test]
async fn a_cookie_that_would_add_attributes_is_an_error_and_not_sent() {
    #[get("/")]
    fn set(res: &mut Response) -> Result {
        res.cookie(Cookie::build(("a", "1")).path("/x; Domain=evil.com")).send("set")
    }
    #[get("/host")]
    fn set_host(res: &mut Response) -> Result {
        res.cookie(("__Host-sid", "1")).send("set")
    }
    let server = Server::start(app![set, set_host]).await;
    for path in ["/", "/host"] {
        let response = server.get(path).await;
        assert_eq!((response.status, response.header("set-cookie")), (500, None), "{path}");
    }
}

#[tokio::test]
async fn a_cookie_can_be_cleared() {
    #[get("/")]
    fn clear(res: &mut Response) -> Result {
        res.clear_cookie("sid").clear_cookie(Cookie::build("x").path("/x").domain("example.com")).send("")
    }
    let response = Server::start(app![clear]).await.get("/").await;
    let set: Vec<&str> =
        response.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| &**value).collect();
    assert_eq!(set.len(), 2);
    assert!(
        set[0].starts_with("sid=; Path=/; ") && set[0].contains("Expires=Thu, 01 Jan 1970"),
        "{}",
        set[0]
    );
    assert!(set[1].contains("Path=/x") && set[1].contains("Domain=example.com"), "{}", set[1]);
}

#[tokio::test]
async fn a_cookie_that_is_no_text_hides_none_of_the_others() {
    #[get("/")]
    fn seen(req: &Request) -> String {
        format!("{:?} {:?}", req.cookie("id"), req.cookie("name"))
    }
    let header = HeaderValue::from_bytes(b"name=Jos\xe9; id=7; theme=dark").unwrap();
    let mut req = support::get("/");
    req.headers_mut().insert("cookie", header);
    assert_eq!(support::call_with(&app![seen], &mut req).await.0.body, "Some(\"7\") None");
}
