//! Graceful shutdown under load.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::child::Process;

/// Several times what it takes, and less than the `shutdown_timeout` and the handlers that are cut short.
const LONG: Duration = Duration::from_secs(25);

/// What the clients count.
#[derive(Debug, Default)]
struct Load {
    /// Complete responses.
    responses: AtomicU64,
    /// Connections that were opened, and closed before the first response.
    unserved: AtomicU64,
}

/// Sends requests on one connection after the other until the server refuses them.
async fn load(address: std::net::SocketAddr, counts: &Load) {
    while let Ok(mut stream) = TcpStream::connect(address).await {
        for request in 0..10 {
            let path = if request % 5 == 0 { "/slow/20" } else { "/" };
            let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
            if stream.write_all(head.as_bytes()).await.is_err() || !is_complete(&mut stream).await {
                counts.unserved.fetch_add(u64::from(request == 0), Ordering::Relaxed);
                break;
            }
            counts.responses.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Reads a response; whether it is complete.
async fn is_complete(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    while !(read.ends_with(b"\r\n\r\nhello") || read.ends_with(b"\r\n\r\nslow")) {
        if !matches!(stream.read_buf(&mut read).await, Ok(1..)) {
            // Closed between two responses, the request was not accepted; closed during a response, it was lost.
            assert!(read.is_empty(), "half a response: {:?}", String::from_utf8_lossy(&read));
            return false;
        }
    }
    true
}

async fn sigterm_under_load(settings: &str) {
    let mut server = Process::start_with(settings);
    let counts = Load::default();
    let clients = async {
        let all: Vec<_> = (0..32).map(|_| load(server.address, &counts)).collect();
        futures_util::future::join_all(all).await;
    };
    let end = async {
        let started = Instant::now();
        while counts.responses.load(Ordering::Relaxed) < 1000 {
            assert!(started.elapsed() < LONG, "{counts:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let started = Instant::now();
        server.terminate();
        started
    };
    let (_, started) = tokio::join!(clients, end);
    let (code, handled) = server.wait();
    let (responses, unserved) = (counts.responses.into_inner(), counts.unserved.into_inner());
    println!(
        "SIGTERM under load ({settings}): {handled} requests handled, {responses} answered, {unserved} connections opened and not served; \
         it ended {:?} later, with {code:?}",
        started.elapsed()
    );
    assert_eq!((code, responses), (Some(0), handled));
    assert!(started.elapsed() < LONG);
    assert!(responses >= 1000);
    // The system may open some between the last that is accepted and the end of the listener.
    assert!(unserved <= 8, "{unserved}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_drops_no_started_request() {
    sigterm_under_load("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_drops_no_request_of_any_worker() {
    sigterm_under_load("workers 2").await;
}

#[tokio::test]
async fn requests_beyond_the_shutdown_timeout_are_dropped_and_the_process_exits() {
    let mut server = Process::start_with("shutdown 3000");
    let mut slow = TcpStream::connect(server.address).await.expect("accepted");
    slow.write_all(b"GET /slow/60000 HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    let mut in_time = TcpStream::connect(server.address).await.expect("accepted");
    in_time.write_all(b"GET /slow/1000 HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("written");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let started = Instant::now();
    server.terminate();
    assert!(is_complete(&mut in_time).await);
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest).await;
    let (code, handled) = server.wait();
    println!(
        "SIGTERM with 3 s left: a request of 1 s is answered, one of a minute dropped; {handled} handled, ended after {:?} with {code:?}",
        started.elapsed()
    );
    assert_eq!((code, rest.len()), (Some(0), 0));
    assert!((Duration::from_millis(2900)..LONG).contains(&started.elapsed()));
}
