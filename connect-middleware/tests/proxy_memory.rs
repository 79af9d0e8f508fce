//! The memory of long bodies through the proxy: in a process of its own, which counts all of it.
#![cfg(all(feature = "proxy", target_os = "linux"))]

use connect::app;
use connect::testing::Client;
use connect_middleware::proxy::Proxy;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const LONG: Duration = Duration::from_secs(60);

const LENGTH: usize = 100 << 20;

/// The most memory that the process has had so far, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn a_hundred_megabytes_in_both_directions_take_little_memory() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", target.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut io, _) = target.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(io.read_u8().await.unwrap());
        }
        io.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let (mut read, mut write) = io.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    });
    let client = Client::serve(app![Proxy::to(url)]).await.unwrap();
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
