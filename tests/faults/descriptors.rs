//! A server without free file descriptors.

use std::time::{Duration, Instant};

use crate::child::Process;
use crate::support::Client;

#[tokio::test]
async fn out_of_file_descriptors_the_server_keeps_its_connections_and_accepts_the_others_later() {
    let server = Process::start_with_shell("ulimit -n 40");
    let before = server.descriptors();
    let mut clients = Vec::new();
    for _ in 0..60 {
        // Those that are not accepted wait in the listener's queue.
        let mut client = Client::connect(server.address).await;
        client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        clients.push(client);
    }
    let (mut answered, mut waiting) = (Vec::new(), Vec::new());
    for mut client in clients {
        match tokio::time::timeout(Duration::from_millis(500), client.response()).await {
            Ok(response) => {
                assert_eq!(response.expect("an answer").status, 200);
                answered.push(client);
            }
            Err(_) => waiting.push(client),
        }
        if waiting.len() > 5 {
            break;
        }
    }
    let accepted = answered.len();
    assert!(accepted >= 10 && !waiting.is_empty(), "{accepted} were accepted");
    // Open connections are still served, and the accept loop does not spin.
    let ticks = server.ticks();
    for _ in 0..5 {
        for client in &mut answered {
            client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
            assert_eq!(client.response().await.expect("a response").status, 200);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ticks = server.ticks() - ticks;
    assert!(ticks < 20, "{ticks} ticks");
    let started = Instant::now();
    drop(answered);
    for client in &mut waiting {
        assert_eq!(client.response().await.expect("a response").status, 200);
    }
    println!(
        "40 descriptors, {before} of them the server's own: {accepted} of 60 connections accepted; while it is full \
         {} ms of CPU time in 0.5 s with {} requests; the others get a response {:?} after descriptors are free",
        ticks * 10,
        accepted * 5,
        started.elapsed()
    );
}
