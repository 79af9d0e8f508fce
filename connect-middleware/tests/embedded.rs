//! Files in the binary, over a socket.
#![cfg(feature = "embedded")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use connect::{App, Chain, Environment, Request, Response, Result, app, middleware, router};
use connect_middleware::embedded::{EmbeddedFile, ServeEmbedded, serve_embedded};
use tokio::net::TcpListener;

const SCRIPT: &str = include_str!("embedded_site/app.3f9a1c2b.js");

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    fn seen(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

async fn start<C: Chain>(app: App<C>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.environment(Environment::Test);
    tokio::spawn(app.serve_until(listener, std::future::pending::<()>()));
    address
}

async fn request(address: SocketAddr, line: &str, headers: &[&str]) -> Answer {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let text = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    let exchange = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("a response in time");
        bytes
    });
    let bytes = exchange.await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer { status: head[9..12].parse().unwrap(), head: head.to_owned(), body: body.to_owned() }
}

#[middleware]
fn next_layer(res: &mut Response) -> Result {
    res.text("next layer")
}

#[tokio::test]
async fn the_files_of_a_folder_are_served_from_the_binary() {
    let address = start(app![serve_embedded!("tests/embedded_site"), next_layer]).await;
    for (path, status, body, content_type) in [
        ("/", 200, "<!doctype html><p>home</p>\n", "text/html; charset=utf-8"),
        ("/index.html", 200, "<!doctype html><p>home</p>\n", "text/html; charset=utf-8"),
        ("/a%20b.txt", 200, "a space\n", "text/plain; charset=utf-8"),
        ("/%61%20b.txt", 200, "a space\n", "text/plain; charset=utf-8"),
        ("/sub/", 200, "<p>sub</p>\n", "text/html; charset=utf-8"),
        ("/app.3f9a1c2b.js", 200, SCRIPT, "text/javascript; charset=utf-8"),
        ("/gone.html", 200, "next layer", "text/plain; charset=utf-8"),
        ("/.hidden/key.txt", 200, "next layer", "text/plain; charset=utf-8"),
        ("/sub%2Findex.html", 200, "next layer", "text/plain; charset=utf-8"),
        ("/sub/../index.html", 200, "next layer", "text/plain; charset=utf-8"),
        ("//index.html", 200, "next layer", "text/plain; charset=utf-8"),
        ("/index.html/", 200, "next layer", "text/plain; charset=utf-8"),
        ("/%zzindex.html", 200, "next layer", "text/plain; charset=utf-8"),
        ("/index.html%00", 200, "next layer", "text/plain; charset=utf-8"),
    ] {
        let answer = request(address, &format!("GET {path}"), &[]).await;
        assert_eq!(answer.seen(), (status, body), "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
    }
    let head = request(address, "HEAD /", &[]).await;
    assert_eq!((head.seen(), head.header("content-length")), ((200, ""), Some("27")));
    assert_eq!(head.header("cache-control"), Some("public, max-age=0"));
    let posted = request(address, "POST /", &["content-length: 0"]).await;
    assert_eq!(posted.body, "next layer");
    let folder = request(address, "GET /sub?a=b", &[]).await;
    assert_eq!((folder.status, folder.header("location")), (301, Some("/sub/?a=b")));
}

#[tokio::test]
async fn conditions_and_ranges_hold_for_a_file_in_the_binary() {
    let address = start(app![serve_embedded!("tests/embedded_site")]).await;
    let whole = request(address, "GET /app.3f9a1c2b.js", &[]).await;
    let tag = whole.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    for (headers, status, body) in [
        (vec![format!("if-none-match: {tag}")], 304, ""),
        (vec!["if-none-match: \"x\"".to_owned()], 200, SCRIPT),
        (vec!["range: bytes=7-14".to_owned()], 206, "function"),
        (vec!["range: bytes=7-14".to_owned(), format!("if-range: {tag}")], 206, "function"),
        (vec!["range: bytes=7-14".to_owned(), "if-range: \"x\"".to_owned()], 200, SCRIPT),
    ] {
        let headers: Vec<&str> = headers.iter().map(|header| &**header).collect();
        let answer = request(address, "GET /app.3f9a1c2b.js", &headers).await;
        assert_eq!(answer.seen(), (status, body), "{headers:?}");
        assert_eq!(answer.header("etag"), Some(tag), "{headers:?}");
    }
    let several = request(address, "GET /app.3f9a1c2b.js", &["range: bytes=0-5,7-14"]).await;
    assert_eq!(several.status, 206);
    assert!(several.body.contains("\r\n\r\nexport\r\n") && several.body.contains("\r\n\r\nfunction\r\n"));
    for (header, status) in [("range: bytes=999999-", 416), ("if-match: \"x\"", 412)] {
        let answer = request(address, "GET /app.3f9a1c2b.js", &[header]).await;
        assert_eq!((answer.status, answer.header("etag")), (status, None), "{header}");
    }
}

static CODED: [EmbeddedFile; 2] = [
    EmbeddedFile::new("a.js", b"the original", Some(b"<brotli>"), Some(b"<in gzip>")),
    EmbeddedFile::new("b.js", b"never shorter", None, None),
];

#[tokio::test]
async fn the_coding_that_a_client_prefers_is_sent_with_a_tag_of_its_own() {
    let address = start(app![ServeEmbedded::new("site", &CODED)]).await;
    let mut tags = Vec::new();
    for (accepted, coding, body) in [
        ("gzip, deflate, br, zstd", Some("br"), "<brotli>"),
        ("gzip, br;q=0.5", Some("gzip"), "<in gzip>"),
        ("zstd", None, "the original"),
        ("gzip;q=0.5, identity", None, "the original"),
    ] {
        let accepted = format!("accept-encoding: {accepted}");
        let answer = request(address, "GET /a.js", &[&accepted]).await;
        assert_eq!(answer.seen(), (200, body), "{accepted}");
        assert_eq!(
            (answer.header("content-encoding"), answer.header("vary")),
            (coding, Some("Accept-Encoding"))
        );
        let tag = answer.header("etag").unwrap().to_owned();
        let fresh = request(address, "GET /a.js", &[&accepted, &format!("if-none-match: {tag}")]).await;
        assert_eq!((fresh.status, fresh.header("vary")), (304, Some("Accept-Encoding")));
        let part =
            request(address, "GET /a.js", &[&accepted, "range: bytes=1-3", &format!("if-range: {tag}")])
                .await;
        assert_eq!(part.seen(), (206, &body[1..4]));
        assert_eq!(part.header("content-encoding"), coding);
        tags.push(tag);
    }
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[2] == tags[3], "{tags:?}");
    let plain = request(address, "GET /b.js", &["accept-encoding: br"]).await;
    assert_eq!((plain.seen(), plain.header("vary")), ((200, "never shorter"), None));
}

#[tokio::test]
async fn options_are_those_of_serve_static() {
    let site = serve_embedded!("tests/embedded_site").immutable_hashed().max_age(Duration::from_secs(60));
    let site = site.fallthrough(false).extensions(["html"]).redirect(false);
    let address = start(app!["/site" => router![site], next_layer]).await;
    for (line, status, cache) in [
        ("GET /site/app.3f9a1c2b.js", 200, Some("public, max-age=31536000, immutable")),
        ("GET /site/sub/page", 200, Some("public, max-age=60")),
        ("GET /site/", 200, Some("public, max-age=60")),
        ("GET /site/sub", 404, None),
        ("GET /site/gone", 404, None),
        ("DELETE /site/index.html", 405, None),
        ("GET /other", 200, None),
    ] {
        let answer = request(address, line, &[]).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, cache), "{line}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{line}");
    }
    let other =
        serve_embedded!("tests/embedded_site").index(["page.html"]).immutable_if(|name| name == "page.html");
    let address = start(app!["/site" => other]).await;
    let index = request(address, "GET /site/sub/", &[]).await;
    assert_eq!(index.seen(), (200, "<p>page</p>\n"));
    assert_eq!(index.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let root = request(address, "GET /site", &[]).await;
    assert_eq!((root.status, root.header("location")), (301, Some("/site/")));
}

#[middleware]
fn used(_req: &mut Request, res: &mut Response) -> Result {
    res.send_status(403)
}

#[tokio::test]
async fn a_guard_on_a_folder_sees_every_request_for_a_file_in_it() {
    let address = start(app!["/sub" => used, serve_embedded!("tests/embedded_site"), next_layer]).await;
    for path in [
        "/sub/page.html",
        "/%73ub/page.html",
        "/sub/",
        "/sub%2Fpage.html",
        "//sub/page.html",
        "/./sub/page.html",
    ] {
        let answer = request(address, &format!("GET {path}"), &[]).await;
        assert!(!answer.body.contains("<p>"), "{path}: {}", answer.body);
    }
}

/// What a release build adds; a debug build has the files alone.
#[tokio::test]
async fn a_release_build_has_the_files_compressed() {
    let address = start(app![serve_embedded!("tests/embedded_site")]).await;
    let head = request(address, "HEAD /app.3f9a1c2b.js", &["accept-encoding: br"]).await;
    let expected = if cfg!(debug_assertions) { None } else { Some("br") };
    assert_eq!(head.header("content-encoding"), expected);
    let length: usize = head.header("content-length").unwrap().parse().unwrap();
    assert_eq!(length < SCRIPT.len() / 4, !cfg!(debug_assertions), "{length} bytes");
}
