//! Multipart bodies that are malformed or arrive byte by byte.

use std::time::Duration;

use connect::{Request, Response, Result, app, body_limit, post};

use crate::support::Server;

/// Responds with the number of parts, or with the error.
#[post("/", body_limit(1 << 30))]
async fn count(req: &mut Request, res: &mut Response) -> Result {
    let mut parts = req.multipart()?;
    let mut number = 0;
    loop {
        match parts.next().await.map(|part| part.is_some()) {
            Ok(true) => number += 1,
            Ok(false) => break res.text(format!("{number} parts")),
            Err(err) => break res.status(err.status()).text(err.public_message()),
        }
    }
}

const HEAD: &str = "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\
    content-type: multipart/form-data; boundary=x\r\n\r\n";

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

#[tokio::test]
async fn a_multipart_body_without_a_boundary_or_with_an_endless_head_is_refused_early() {
    let server = Server::start(app![count]).await;
    for begin in ["", "--x\r\nX-Endless: "] {
        let mut client = server.connect().await;
        client.write(HEAD).await;
        client.write(&chunk(&format!("{begin}a"))).await;
        // In chunks of one byte, and without an end: the response cannot wait for the end.
        client.write(&chunk("a").repeat(40_000)).await;
        let response = tokio::time::timeout(Duration::from_secs(20), client.response()).await;
        let response = response.expect("a response in time").expect("a response");
        let message = "the head of a part of the body is longer than 16384 bytes";
        assert_eq!(response.seen(), (413, message), "{begin}");
    }
}

#[tokio::test]
async fn parts_that_arrive_byte_by_byte_are_parsed() {
    let server = Server::start(app![count]).await;
    let part = format!("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{}\r\n", "a".repeat(5_000));
    let body = format!("{}--x--\r\n", part.repeat(3));
    let mut client = server.connect().await;
    client.write(HEAD).await;
    let chunks: String = body.chars().map(|byte| chunk(&byte.to_string())).collect();
    client.write(&format!("{chunks}0\r\n\r\n")).await;
    assert_eq!(client.response().await.expect("a response").seen(), (200, "3 parts"));
}
