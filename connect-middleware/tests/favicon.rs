//! The icon of the site, over sockets.
#![cfg(feature = "favicon")]

use connect::testing::Client;
use connect::{Error, Response, Result, app, error_handler, get};
use connect_middleware::favicon::Favicon;
use http::header::HeaderValue;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(format!("handled: {}", err.public_message()))
}

#[tokio::test]
async fn the_icon_comes_with_a_tag_and_is_kept_for_a_year() {
    let client = Client::serve(app![Favicon::bytes(&b"\0\0\x01\0icon"[..]), index]).await.unwrap();
    let res = client.get("/favicon.ico?v=2").send().await;
    res.assert_status(200)
        .assert_header("content-type", "image/x-icon")
        .assert_header("cache-control", "public, max-age=31536000")
        .assert_header("content-length", "8");
    assert_eq!(&res.bytes()[..], b"\0\0\x01\0icon");
    let tag = res.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    client.get("/").send().await.assert_text("hello");

    let fresh = client.get("/favicon.ico").header("if-none-match", &*tag).send().await;
    fresh.assert_status(304).assert_header("etag", &tag).assert_no_header("content-type");
    assert!(fresh.bytes().is_empty());
    let stale = client.get("/favicon.ico").header("if-none-match", "\"other\"").send().await;
    stale.assert_status(200);

    let other = Client::serve(app![Favicon::bytes(&b"\0\0\x01\0ikon"[..])]).await.unwrap();
    assert_ne!(other.get("/favicon.ico").send().await.header("etag"), Some(&*tag));
}

#[tokio::test]
async fn the_response_to_head_has_the_headers_alone() {
    let client = Client::serve(app![Favicon::bytes(&b"icon"[..])]).await.unwrap();
    let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    socket.write_all(b"HEAD /favicon.ico HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    assert!(text.contains("content-length: 4\r\n") && text.contains("etag: \""), "{text}");
}

#[tokio::test]
async fn other_methods_are_refused_and_other_paths_go_on() {
    let client = Client::serve(app![Favicon::bytes(&b"icon"[..]), index, on_error]).await.unwrap();
    let options = client.options("/favicon.ico").send().await;
    options
        .assert_status(200)
        .assert_header("allow", "GET, HEAD, OPTIONS")
        .assert_header("content-length", "0");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let res = client.request(method.parse().unwrap(), "/favicon.ico").send().await;
        res.assert_status(405)
            .assert_header("allow", "GET, HEAD, OPTIONS")
            .assert_text("handled: the icon is only for GET and HEAD");
    }
    for path in ["/favicon.ico/", "/Favicon.ico", "/a/favicon.ico", "//favicon.ico", "/favicon.icon"] {
        client.get(path).send().await.assert_status(404);
    }
}

#[tokio::test]
async fn below_a_mount_it_is_the_icon_of_that_path() {
    let client = Client::serve(app!["/shop" => Favicon::bytes(&b"icon"[..])]).await.unwrap();
    client.get("/shop/favicon.ico").send().await.assert_status(200);
    client.get("/favicon.ico").send().await.assert_status(404);
}

#[tokio::test]
async fn the_type_is_that_of_the_content() {
    for (content, content_type) in [
        (&b"\x89PNG\r\n\x1a\nrest"[..], "image/png"),
        (b"GIF89a", "image/gif"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\xef\xbb\xbf\n<svg/>", "image/svg+xml"),
        (b"<?xml version=\"1.0\"?><svg/>", "image/svg+xml"),
        (b"", "image/x-icon"),
    ] {
        let client = Client::new(app![Favicon::bytes(content)]);
        client
            .get("/favicon.ico")
            .send()
            .await
            .assert_status(200)
            .assert_header("content-type", content_type);
    }
    let avif = Favicon::bytes(&b"...."[..]).content_type(HeaderValue::from_static("image/avif"));
    Client::new(app![avif]).get("/favicon.ico").send().await.assert_header("content-type", "image/avif");
    let svg = Client::new(app![Favicon::svg("<svg/>")]);
    svg.get("/favicon.ico").send().await.assert_header("content-type", "image/svg+xml");
}

#[tokio::test]
async fn a_year_is_the_longest_time() {
    for (time, value) in [
        (Duration::from_secs(u64::MAX), "public, max-age=31536000"),
        (Duration::from_millis(1999), "public, max-age=1"),
        (Duration::ZERO, "public, max-age=0"),
    ] {
        let client = Client::new(app![Favicon::svg("<svg/>").max_age(time)]);
        client.get("/favicon.ico").send().await.assert_header("cache-control", value);
    }
}

#[tokio::test]
async fn a_file_is_read_once_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("icon.png");
    let err = Favicon::file(&path).unwrap_err();
    assert_eq!(err.kind(), std::io::ErrorKind::NotFound);
    assert!(err.to_string().contains(path.to_str().unwrap()), "{err}");
    assert!(Favicon::file(folder.path()).unwrap_err().to_string().contains("cannot be read"));

    std::fs::write(&path, b"\x89PNG first").unwrap();
    let client = Client::serve(app![Favicon::file(&path).unwrap()]).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let res = client.get("/favicon.ico").send().await;
    res.assert_status(200).assert_header("content-type", "image/png");
    assert_eq!(&res.bytes()[..], b"\x89PNG first");
}
