//! The memory of long bodies through the proxy: in a process of its own, which counts all of it.
#![cfg(all(feature = "proxy", target_os = "linux"))]

#[path = "support/upstream.rs"]
mod support;

use connect::app;
use connect::testing::Client;
use connect_middleware::proxy::Proxy;
use support::{LONG, head, upstream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LENGTH: usize = 100 << 20;

/// The most memory that the process has had so far, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_hundred_megabytes_in_both_directions_take_little_memory() {
    let target = upstream(|mut io| async move {
        head(&mut io).await.unwrap();
        io.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let (mut read, mut write) = io.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    });
    let client = Client::serve(app![Proxy::to(target.await)]).await.unwrap();
    let mut io = tokio::net::TcpStream::connect(client.address().unwrap()).await.unwrap();
    let before = peak();
    let request = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {LENGTH}\r\n\r\n");
    io.write_all(request.as_bytes()).await.unwrap();
    let (mut read, mut write) = io.split();
    let sends = async {
        let piece = vec![b'x'; 1 << 16];
        for _ in 0..LENGTH / piece.len() {
            write.write_all(&piece).await.unwrap();
        }
    };
    let receives = async {
        let (mut bytes, mut piece) = (0, vec![0; 1 << 16]);
        while bytes < LENGTH {
            bytes += match tokio::time::timeout(LONG, read.read(&mut piece)).await.unwrap().unwrap() {
                0 => panic!("the response ends after {bytes} bytes"),
                count => count,
            };
        }
    };
    tokio::join!(sends, receives);
    let more = peak() - before;
    println!("100 MiB in both directions: {more} KiB");
    assert!(more < 24 << 10, "{more} KiB");
}
