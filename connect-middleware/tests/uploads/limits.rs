//! Limits, and types of content.

use crate::{Form, PNG, names, serve, until, until_empty};
use connect_middleware::uploads::Uploads;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn each_limit_is_a_413_that_names_it_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let uploads = Uploads::to(folder.path())
        .max_file_size(300_000)
        .max_files(2)
        .max_total_size(1_000_000)
        .max_field_size(10)
        .max_fields(3)
        .max_name_size(8)
        .field("file", 1)
        .field("more", 2);
    let client = serve(uploads).await;
    let title = || Form::default().text("title", "a");
    let large = vec![b'a'; 300_001];
    for (form, status, text) in [
        (title().file("file", "a", &large[1..]), 200, "\"a\" [] 0"),
        (title().file("more", "a", b"").file("more", "b", b""), 200, "\"a\" [] 0"),
        (
            title().file("file", "a", &large),
            413,
            "a file of the form is longer than 300000 bytes [LIMIT_FILE_SIZE Some(300000) \"file\"]",
        ),
        (
            title().file("more", "a", PNG).file("more", "b", PNG).file("file", "c", PNG),
            413,
            "the form has more than 2 files [LIMIT_FILE_COUNT Some(2) \"file\"]",
        ),
        (
            title().file("file", "a", PNG).file("file", "b", PNG),
            413,
            "a field of the form has more than 1 files [LIMIT_FIELD_FILES Some(1) \"file\"]",
        ),
        (
            title().file("other", "a", PNG),
            400,
            "the form has a file in a field that may have none [LIMIT_UNEXPECTED_FILE None \"other\"]",
        ),
        (
            Form::default().text("title", "12345678901"),
            413,
            "a field of the form is longer than 10 bytes [LIMIT_FIELD_VALUE Some(10) \"title\"]",
        ),
        (
            title().text("tags", "1").text("tags", "2").text("tags", "3"),
            413,
            "the form has more than 3 fields [LIMIT_FIELD_COUNT Some(3) \"tags\"]",
        ),
        (
            title().text("ninechars", "1"),
            413,
            "the name of a field is longer than 8 bytes [LIMIT_FIELD_KEY Some(8) \"\"]",
        ),
        (
            title().file("more", "a", &[b'a'; 300_000]).text("tags", &"a".repeat(700_000)),
            413,
            "the body is longer than 1000000 bytes",
        ),
    ] {
        let res = form.send(&client, "/form").await;
        assert_eq!(res.status(), status, "{}", res.text());
        res.assert_contains(text);
        until_empty(folder.path()).await;
    }
    let two = Form::default().file("more", "a", PNG).file("more", "b", PNG);
    two.send(&client, "/one").await.assert_status(413).assert_contains("more than 1 files");
}

#[tokio::test]
async fn a_body_whose_length_is_too_large_is_refused_before_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(Uploads::to(folder.path()).max_total_size(1000)).await;
    let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let head = "POST /keep HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 1001\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    socket.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn the_content_decides_whether_a_type_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(Uploads::to(folder.path()).allow(["image/*", "application/pdf"])).await;
    let long_png = [PNG, &[0; 400_000]].concat();
    for (content, status) in [
        (PNG, 200),
        (&long_png, 200),
        (b"\xff\xd8\xff\xe0 jpeg", 200),
        (b"%PDF-1.7", 200),
        (b"<!DOCTYPE html><script>alert(1)</script>", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        (b"<?xml version='1.0'?><svg/>", 415),
        (b"#!/bin/sh", 415),
        (b"MZ\x90\0", 415),
        (b"just text", 415),
        (b"", 415),
        (&[b'a'; 400_000], 415),
    ] {
        // The client says that it is a picture.
        let res = Form::default().file("file", "a.png", content).send(&client, "/keep").await;
        assert_eq!(res.status(), status, "{:?}", String::from_utf8_lossy(&content[..content.len().min(20)]));
        if status == 415 {
            res.assert_text(
                "the content of a file of the form is none of image/*, application/pdf [CONTENT_TYPE None \"file\"]",
            );
        }
    }
    until(folder.path(), |names| names.len() == 4 && names.iter().all(|name| !name.starts_with('.'))).await;
}

#[tokio::test]
async fn a_filter_sees_the_start_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let uploads = Uploads::to(folder.path()).filter(|file| {
        assert!(file.bytes().len() <= 4 || file.bytes().len() >= 128 << 10);
        file.content_type().is_none() && file.is_text() && file.client_name().ends_with(".csv")
    });
    let client = serve(uploads).await;
    // The first write ends within a character.
    let long = format!("a{}", "\u{e9}".repeat(200_000));
    for (name, content, status) in [
        ("a.csv", &b"a,b\n"[..], 200),
        ("a.csv", long.as_bytes(), 200),
        ("a.txt", b"a,b\n", 415),
        ("a.csv", b"a\0b", 415),
        ("a.csv", b"\xff\xfe", 415),
    ] {
        let res = Form::default().file("file", name, content).send(&client, "/keep").await;
        assert_eq!(res.status(), status, "{name}: {}", res.text());
    }
}
