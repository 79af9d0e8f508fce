//! Clients that send or read slowly, half-close, or reset.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::child::Process;
use crate::support::Client;

/// How many connections an attacker has; the test has as many descriptors.
const MANY: usize = 400;

/// The slowest of some requests on connections of their own, in microseconds, and their median.
pub async fn latencies(address: std::net::SocketAddr, requests: usize) -> (u128, u128) {
    let mut all = Vec::new();
    for _ in 0..requests {
        let started = Instant::now();
        let mut client = Client::connect(address).await;
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").seen(), (200, "hello"));
        all.push(started.elapsed().as_micros());
    }
    all.sort_unstable();
    (all[all.len() / 2], all[all.len() - 1])
}

/// Lets many connections drip, and asks for something meanwhile. Each may cost so many KiB.
async fn send_slowly(what: &str, begin: &str, piece: &str, requests: usize, kib: u64) {
    // None of the timeouts is to be over before the last of them has dripped on a machine that has other work to do.
    let server = Process::start_with("header 60000, body 60000, keep-alive 60000");
    let _ = latencies(server.address, 50).await;
    let (before, open) = (server.memory(), server.descriptors());
    let mut slow = Vec::new();
    for _ in 0..MANY {
        let mut stream = TcpStream::connect(server.address).await.expect("accepted");
        stream.write_all(begin.as_bytes()).await.expect("written");
        slow.push(stream);
    }
    let mut figures = (0, 0);
    for _ in 0..5 {
        for stream in &mut slow {
            stream.write_all(piece.as_bytes()).await.expect("written");
        }
        let (median, slowest) = latencies(server.address, requests).await;
        figures = (figures.0.max(median), figures.1.max(slowest));
    }
    let grown = server.memory().saturating_sub(before);
    println!(
        "{MANY} connections that send slowly, {what}: {:.1} KiB each; other clients get a response in {} us (median), {} us (slowest)",
        grown as f64 / MANY as f64,
        figures.0,
        figures.1
    );
    assert!(grown < kib * MANY as u64, "{grown} KiB");
    // A request that slow clients hold up never completes; on a busy machine any request may take seconds.
    assert!(figures.1 < LONG.as_micros(), "{} us", figures.1);
    std::mem::drop(slow);
    server.wait_for_descriptors(open).await;
}

#[tokio::test]
async fn slow_request_heads_use_little_memory_and_delay_no_other_client() {
    send_slowly("heads", "GET / HTTP/1.1\r\nhost: x\r\n", "x-a: b\r\n", 40, 32).await;
}

#[tokio::test]
async fn slow_request_bodies_use_little_memory_and_delay_no_other_client() {
    send_slowly(
        "bodies",
        "POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n",
        "12345678",
        40,
        32,
    )
    .await;
}

#[tokio::test]
async fn slow_readers_use_little_memory_and_delay_no_other_client() {
    // 64 MiB each, which would be 25 GiB if the server did not wait for them.
    send_slowly("reads of a long response", "GET /big/65536 HTTP/1.1\r\nhost: x\r\n\r\n", "", 4, 96).await;
}

#[tokio::test]
async fn silent_connections_delay_no_other_client() {
    send_slowly("nothing", "", "", 40, 32).await;
}

#[tokio::test]
async fn silent_websockets_delay_no_other_client() {
    let handshake = "GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    send_slowly("nothing on a WebSocket", handshake, "", 40, 32).await;
}

#[tokio::test]
async fn slow_clients_are_closed_after_their_timeout() {
    let server = Process::start_with("header 1000, body 1000");
    let open = server.descriptors();
    println!(
        "| with 1 s for a head and 1 s for a silence in a body | answer | closed after |\n|---|---|---|"
    );
    for (what, begin, piece, response) in [
        ("a head that arrives slowly", "GET / HTTP/1.1\r\n", "x: y\r\n", "408"),
        ("nothing at all", "", "", ""),
        ("a head of which nothing more comes", "GET / HTTP/1.1\r\nho", "", "408"),
        (
            "a body of which nothing more comes",
            "POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1",
            "",
            "408",
        ),
    ] {
        let started = Instant::now();
        let mut all = Vec::new();
        for _ in 0..50 {
            let mut stream = TcpStream::connect(server.address).await.expect("accepted");
            // If the server closes it before, that is seen below.
            let _ = stream.write_all(begin.as_bytes()).await;
            all.push(stream);
        }
        let mut slowest = Duration::ZERO;
        let ends = all.into_iter().map(async |mut stream| {
            let mut received = Vec::new();
            loop {
                let read = stream.read_buf(&mut received);
                match tokio::time::timeout(Duration::from_millis(50), read).await {
                    Ok(Ok(1..)) => {}
                    Ok(_) => break (started.elapsed(), received),
                    // The server may have closed it.
                    Err(_) => drop(stream.write_all(piece.as_bytes()).await),
                }
                assert!(started.elapsed() < LONG, "{what}: it is not closed");
            }
        });
        for (time, received) in futures_util::future::join_all(ends).await {
            let received = String::from_utf8_lossy(&received).into_owned();
            assert_eq!(received.split(' ').nth(1).unwrap_or_default(), response, "{what}: {received}");
            slowest = slowest.max(time);
        }
        println!("| {what}, 50 times | {response} | {slowest:?} |");
    }
    server.wait_for_descriptors(open).await;
}

#[tokio::test]
async fn a_half_closed_client_still_gets_its_response() {
    let server = Process::start();
    let mut answered = 0;
    for _ in 0..100 {
        let mut stream = TcpStream::connect(server.address).await.expect("accepted");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
        stream.shutdown().await.expect("half closed");
        let mut response = String::new();
        stream.read_to_string(&mut response).await.expect("text");
        answered += usize::from(response.ends_with("hello"));
    }
    assert_eq!(answered, 100);
    // So do slow responses, with and without a request body.
    for request in [
        "GET /slow/200 HTTP/1.1\r\nhost: x\r\n\r\n",
        "POST /slow-upload/200 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody",
        "GET /big/16384 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "GET /buffer/16384 HTTP/1.1\r\nhost: x\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address).await.expect("accepted");
        stream.write_all(request.as_bytes()).await.expect("written");
        stream.shutdown().await.expect("half closed");
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut response = String::new();
        stream.read_to_string(&mut response).await.expect("text");
        assert!(response.starts_with("HTTP/1.1 200 "), "{request}: {response}");
        let long = request.contains("16384");
        assert!(!long || response.len() > 16 << 20, "{request}: {} bytes", response.len());
    }
    // A body that comes in pieces, with its end behind the last.
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    stream
        .write_all(b"POST /slow-upload/50 HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n\r\nbo")
        .await
        .expect("written");
    tokio::time::sleep(Duration::from_millis(80)).await;
    stream.write_all(b"dy").await.expect("written");
    tokio::time::sleep(Duration::from_millis(20)).await;
    stream.write_all(b"body").await.expect("written");
    stream.shutdown().await.expect("half closed");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("text");
    assert!(response.ends_with("bodybody"), "{response}");
    println!("half closed: {answered} of 100 ready responses were received, and those that take 200 ms");
}

#[tokio::test]
async fn a_handler_is_dropped_after_the_half_close_timeout() {
    let server = Process::start_with("half 500");
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    stream.write_all(b"GET /slow/60000 HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    stream.shutdown().await.expect("half closed");
    let started = Instant::now();
    let mut response = String::new();
    let _ = tokio::time::timeout(LONG, stream.read_to_string(&mut response)).await.expect("in time");
    let took = started.elapsed();
    println!("half_close_timeout 500 ms: closed after {took:.1?}");
    assert!(response.is_empty() && took > Duration::from_millis(400), "{took:?} {response}");
    // A body that has no end is no request, and not kept for that time.
    let server = Process::start_with("half 60000, body 60000");
    let mut stream = TcpStream::connect(server.address).await.expect("accepted");
    stream
        .write_all(b"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1")
        .await
        .expect("written");
    stream.shutdown().await.expect("half closed");
    let started = Instant::now();
    let _ = tokio::time::timeout(LONG, stream.read_to_string(&mut response)).await.expect("in time");
    println!("half_close_timeout 60 s, and a body without its end: closed after {:.1?}", started.elapsed());
}

#[tokio::test]
async fn clients_that_reset_during_a_response_leak_nothing() {
    let server = Process::start();
    let _ = latencies(server.address, 50).await;
    let (before, open) = (server.memory(), server.descriptors());
    for round in 0..200 {
        let mut stream = TcpStream::connect(server.address).await.expect("accepted");
        stream.write_all(b"GET /big/8192 HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
        let mut some = [0; 1000];
        let _ = stream.read(&mut some).await.expect("a part");
        if round % 2 == 0 {
            // Then closing is a reset.
            stream.set_zero_linger().expect("a socket");
        }
    }
    server.wait_for_descriptors(open).await;
    let grown = server.memory().saturating_sub(before);
    let (median, slowest) = latencies(server.address, 50).await;
    println!(
        "200 responses of 8 MiB closed or reset after 1 KB: {grown} KiB more memory in all, no descriptor; \
         then {median} us (median), {slowest} us (slowest)"
    );
    assert!(grown < 32 << 10, "{grown} KiB");
}

/// Several times what anything takes here on a machine that has other work to do, and less than the timeouts of the server
/// that are not set.
const LONG: Duration = Duration::from_secs(25);

#[tokio::test]
async fn aborted_uploads_are_released_at_once() {
    let server = Process::start();
    let _ = latencies(server.address, 50).await;
    let open = server.descriptors();
    let started = Instant::now();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(server.address).await.expect("accepted");
        let head = b"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
        stream.write_all(head).await.expect("written");
        stream.write_all(&[b'x'; 10_000]).await.expect("written");
        stream.set_zero_linger().expect("a socket");
    }
    server.wait_for_descriptors(open).await;
    println!("200 uploads aborted: all released after {:?}", started.elapsed());
    assert!(started.elapsed() < LONG);
}
