//! A handler that does not yield, where each thread has a runtime of its own.

use std::time::{Duration, Instant};

use crate::child::Process;
use crate::support::Client;

#[tokio::test]
async fn a_handler_that_never_yields_holds_up_its_own_thread_alone() {
    let server = Process::start_with("workers 2");
    let mut clients = Vec::new();
    for _ in 0..40 {
        let mut client = Client::connect(server.address).await;
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.answer().await.expect("an answer").status, 200);
        clients.push(client);
    }
    let mut blocks = Client::connect(server.address).await;
    blocks.write("GET /block/5000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let started = Instant::now();
    let asked = clients.into_iter().map(async |mut client| {
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(client.answer().await.expect("an answer").status, 200);
        started.elapsed()
    });
    let mut times = futures_util::future::join_all(asked).await;
    assert_eq!(blocks.answer().await.expect("an answer").seen(), (200, "blocked"));
    times.sort_unstable();
    let at_once = times.iter().filter(|time| **time < Duration::from_secs(3)).count();
    println!(
        "two threads, one blocked for 5 s: {at_once} of 40 connections are served meanwhile, the slowest of them in {:?}; the others \
         after {:?}",
        times[at_once.saturating_sub(1)],
        times[39]
    );
    // The system deals out connections by chance: 40 times the same thread it does not.
    assert!(at_once > 0 && at_once < 40, "{at_once}");
    assert!(times[39] < Duration::from_secs(30));
}

#[tokio::test]
async fn a_thread_for_blocking_work_holds_up_nobody() {
    let server = Process::start();
    let mut blocks = Client::connect(server.address).await;
    blocks.write("GET /block-elsewhere/5000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (median, slowest) = crate::slow::latencies(server.address, 100).await;
    println!("blocked elsewhere: others are answered in {median} us (median), {slowest} us (slowest)");
    assert_eq!(blocks.answer().await.expect("an answer").seen(), (200, "blocked"));
    assert!(slowest < 4_000_000);
}
