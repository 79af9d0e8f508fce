//! Blocking handlers, where each worker has a runtime of its own.

use std::time::{Duration, Instant};

use crate::child::Process;
use crate::support::Client;

#[tokio::test]
async fn a_blocking_handler_stalls_only_its_own_worker() {
    let server = Process::start_with("workers 2");
    let mut clients = Vec::new();
    for _ in 0..40 {
        let mut client = Client::connect(server.address).await;
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").status, 200);
        clients.push(client);
    }
    let mut blocks = Client::connect(server.address).await;
    blocks.write("GET /block/5000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let started = Instant::now();
    let requests = clients.into_iter().map(async |mut client| {
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.response().await.expect("a response").status, 200);
        started.elapsed()
    });
    let mut times = futures_util::future::join_all(requests).await;
    assert_eq!(blocks.response().await.expect("a response").seen(), (200, "blocked"));
    times.sort_unstable();
    let at_once = times.iter().filter(|time| **time < Duration::from_secs(3)).count();
    println!(
        "two threads, one blocked for 5 s: {at_once} of 40 connections are served meanwhile, the slowest of them in {:?}; the others \
         after {:?}",
        times[at_once.saturating_sub(1)],
        times[39]
    );
    // The kernel distributes connections at random: 40 times the same worker is out of the question.
    assert!(at_once > 0 && at_once < 40, "{at_once}");
    assert!(times[39] < Duration::from_secs(30));
}

#[tokio::test]
async fn spawn_blocking_delays_no_other_client() {
    let server = Process::start();
    let mut blocks = Client::connect(server.address).await;
    blocks.write("GET /spawn-blocking/5000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (median, slowest) = crate::slow::latencies(server.address, 100).await;
    println!("blocked elsewhere: others are answered in {median} us (median), {slowest} us (slowest)");
    assert_eq!(blocks.response().await.expect("an answer").seen(), (200, "blocked"));
    assert!(slowest < 4_000_000);
}
