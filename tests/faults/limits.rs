//! The limits of the server, in each version of HTTP: how much a client can hold, and for how long.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::child::Process;
use crate::frames::{ACK, Client, END_STREAM, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, get};
use crate::slow::latencies;

/// Several times what anything takes here on a machine that has other work to do, and less than the timeouts of the server
/// that are not set.
const LONG: Duration = Duration::from_secs(20);

/// Opens streams, reads nothing of them, and waits until all have ended: the numbers of reset and of refused streams.
async fn open_unread_streams(
    client: &mut Client,
    path: &str,
    streams: u32,
    window: Option<u32>,
) -> (u32, u32) {
    for number in 0..streams {
        client.write(&get(2 * number + 1, path)).await;
    }
    let (mut reset, mut refused) = (0, 0);
    while reset + refused < streams {
        let Ok(Some(frame)) = client.frame(LONG).await else { break };
        match frame.kind {
            RST_STREAM => reset += 1,
            SETTINGS if frame.flags & ACK == 0 => client.write(&self::frame(SETTINGS, ACK, 0, &[])).await,
            // A 503 has no body.
            1 if frame.flags & END_STREAM != 0 => refused += 1,
            1 => {
                if let Some(window) = window {
                    client.write(&self::frame(WINDOW_UPDATE, 0, frame.stream, &window.to_be_bytes())).await;
                }
            }
            _ => {}
        }
    }
    (reset, refused)
}

#[tokio::test]
async fn unread_http2_streams_are_reset_and_use_little_memory() {
    println!(
        "| 100 streams, write_timeout 1 s | reset | refused | after | memory held at most |\n|---|---|---|---|---|"
    );
    for (what, path, window) in [
        ("8 MB in one buffer, no window", "/buffer/8192", None),
        ("8 MB in one buffer, a window of one byte", "/buffer/8192", Some(1)),
        ("64 MB as a stream, no window", "/big/65536", None),
        ("64 MB as a stream, a window of 20,000 bytes", "/big/65536", Some(20_000)),
    ] {
        let server = Process::start_with("write 1000");
        let _ = latencies(server.address, 50).await;
        let (before, open) = (server.memory(), server.descriptors());
        let started = Instant::now();
        let mut client = Client::connect(server.address, 0).await;
        let mut most = 0;
        let watch = async {
            loop {
                sleep(Duration::from_millis(20)).await;
                most = most.max(server.memory().saturating_sub(before));
            }
        };
        let ended = tokio::select! {
            ended = open_unread_streams(&mut client, path, 100, window) => ended,
            () = watch => unreachable!("it never ends"),
        };
        let took = started.elapsed();
        println!("| {what} | {} | {} | {took:.1?} | {} MiB |", ended.0, ended.1, most >> 10);
        assert_eq!(ended.0 + ended.1, 100, "{what}");
        assert!(took < LONG, "{what}: {took:?}");
        // Of 800 MB or more: those of a few handlers, which begin before the first response is known to be unread.
        assert!(most < 96 << 10, "{what}: {most} KiB");
        // The connection is still served.
        client.write(&get(1001, "/")).await;
        loop {
            let frame = client.frame(LONG).await.expect("a response").expect("an open connection");
            if frame.stream == 1001 {
                assert_eq!(frame.kind, 1);
                break;
            }
        }
        drop(client);
        server.wait_for_descriptors(open).await;
    }
}

#[tokio::test]
async fn an_idle_http2_connection_is_closed_even_if_it_sends_pings() {
    let server = Process::start_with("keep-alive 500, write 1000");
    for pings in [false, true] {
        let mut client = Client::connect(server.address, 65_535).await;
        client.write(&get(1, "/")).await;
        let started = Instant::now();
        loop {
            match client.frame(Duration::from_millis(100)).await {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(()) if pings => client.write(&frame(PING, 0, 0, &[1; 8])).await,
                Err(()) => {}
            }
            assert!(started.elapsed() < LONG, "it is not closed");
        }
        let took = started.elapsed();
        println!(
            "keep_alive_timeout 500 ms, a client that {}: closed after {took:.1?}",
            if pings { "pings" } else { "says nothing" }
        );
        assert!(took > Duration::from_millis(400), "{took:?}");
    }
}

/// Sends a head and a body, and reads the response only when all is written, as most clients do.
async fn upload(server: &Process, mib: usize) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    let head = format!("POST /small HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", mib << 20);
    stream.write_all(head.as_bytes()).await.expect("written");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..mib {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    let mut response = String::new();
    let _ = stream.read_to_string(&mut response).await;
    response
}

#[tokio::test]
async fn a_client_that_uploads_too_much_reads_the_response() {
    let server = Process::start();
    let mut read = 0;
    for _ in 0..20 {
        let response = timeout(LONG, upload(&server, 20)).await.expect("in time");
        read += usize::from(response.starts_with("HTTP/1.1 413 "));
    }
    println!("20 MB where 100 kB are allowed: {read} of 20 clients read the response");
    assert_eq!(read, 20);
}

#[tokio::test]
async fn an_unread_request_body_delays_the_response_only_briefly() {
    let server = Process::start();
    println!("| body that nobody reads | answered after | sent until then |\n|---|---|---|");
    for (what, path, piece, pause) in [
        ("as fast as it goes, 413", "/small", 1 << 16, Duration::ZERO),
        ("as fast as it goes, 404", "/nothing", 1 << 16, Duration::ZERO),
        ("a byte in 200 ms, 404", "/nothing", 1, Duration::from_millis(200)),
    ] {
        let mut stream = TcpStream::connect(server.address).await.expect("accepted");
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("written");
        let (mut read, mut write) = stream.into_split();
        let started = Instant::now();
        let mut sent = 0;
        let send = async {
            let piece = vec![b'x'; piece];
            while write.write_all(&piece).await.is_ok() {
                sent += piece.len();
                sleep(pause).await;
            }
            std::future::pending::<()>().await;
        };
        let mut first = [0; 12];
        tokio::select! {
            received = read.read_exact(&mut first) => drop(received.expect("a response")),
            () = send => {}
            () = sleep(LONG) => panic!("{what}: no response"),
        }
        let took = started.elapsed();
        println!("| {what} | {took:.1?} | {} KiB |", sent >> 10);
        assert!(first.starts_with(b"HTTP/1.1 4"), "{what}");
    }
}

#[tokio::test]
async fn a_body_below_the_minimum_rate_gets_a_408() {
    let server = Process::start_with("body 1000, rate 1000");
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    let started = Instant::now();
    let head = "POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    let (mut read, mut write) = stream.into_split();
    let slow_body = async {
        // 200 bytes a second.
        while write.write_all(&[b'x'; 20]).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut first = [0; 12];
    tokio::select! {
        received = read.read_exact(&mut first) => drop(received.expect("a response")),
        () = slow_body => {}
        () = sleep(LONG) => panic!("no response"),
    }
    let took = started.elapsed();
    println!(
        "200 bytes a second where 1000 are wanted: {} after {took:.1?}",
        String::from_utf8_lossy(&first)
    );
    assert_eq!(&first, b"HTTP/1.1 408");
    assert!(took > Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_websocket_that_is_not_read_is_closed() {
    let server = Process::start_with("write 1000");
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    let started = Instant::now();
    stream
        .write_all(
            b"GET /flood_websocket/1024 HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
              sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await
        .expect("written");
    loop {
        let mut client = crate::support::Client::connect(server.address).await;
        client.write("GET /ended HTTP/1.1\r\nhost: x\r\n\r\n").await;
        if client.response().await.expect("a response").body == "1" {
            break;
        }
        assert!(started.elapsed() < LONG, "`send` waits for ever");
        sleep(Duration::from_millis(50)).await;
    }
    let took = started.elapsed();
    println!("a WebSocket that takes nothing, write_timeout 1 s: `send` ends after {took:.1?}");
}

#[tokio::test]
async fn an_incomplete_request_head_does_not_delay_the_shutdown() {
    let mut server = Process::start();
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    stream.write_all(b"GET / HTTP/1.1\r\nhos").await.expect("written");
    sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
    let took = started.elapsed();
    println!("half a head at the end of the server: it ended after {took:.1?}");
    assert!(took < LONG, "{took:?}");
}

#[tokio::test]
async fn connections_above_the_limit_wait_and_are_all_served() {
    for workers in [1, 8] {
        let server = Process::start_with(&format!("workers {workers}, connections 4"));
        let mut clients = Vec::new();
        for _ in 0..40 {
            let address = server.address;
            clients.push(tokio::spawn(async move {
                let mut client = crate::support::Client::connect(address).await;
                client.write("GET /slow/10 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
                timeout(LONG, client.response()).await.ok().flatten().map(|response| response.status)
            }));
        }
        let mut answered = 0;
        for client in clients {
            answered += usize::from(client.await.expect("no panic") == Some(200));
        }
        println!("max_connections(4), {workers} workers: {answered} of 40 answered");
        assert_eq!(answered, 40);
    }
}
