use std::collections::HashSet;
use std::time::{Duration, Instant};

use connect::{app, get};

use super::TestServer;

#[get("/thread")]
fn thread() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

#[get("/spin/:milliseconds")]
fn spin(milliseconds: u64) -> String {
    std::thread::sleep(Duration::from_millis(milliseconds));
    thread_name()
}

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn connections_are_distributed_over_the_workers() {
    let running = TestServer::start(app![thread], |server| server.workers(3));
    let mut names = HashSet::new();
    for _ in 0..200 {
        let mut client = running.client().await;
        client.write("GET /thread HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        names.insert(client.response().await.expect("a response").body);
        if names.len() == 3 {
            break;
        }
    }
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    assert_eq!(names, ["connect-0", "connect-1", "connect-2"]);
    running.shutdown.start();
    running.ended().await;
}

#[tokio::test]
async fn a_blocking_handler_does_not_stall_the_other_worker() {
    let running = TestServer::start(app![thread, spin], |server| server.workers(2));
    // One connection to each.
    let (mut one, mut other) = (running.client().await, running.client().await);
    let name_of = async |client: &mut super::support::Client| {
        client.write("GET /thread HTTP/1.1\r\nhost: x\r\n\r\n").await;
        client.response().await.expect("a response").body
    };
    let first = name_of(&mut one).await;
    while name_of(&mut other).await == first {
        other = running.client().await;
    }
    one.write("GET /spin/5000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (started, mut responses) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_millis(1000) {
        let sent = Instant::now();
        assert_ne!(name_of(&mut other).await, first);
        assert!(sent.elapsed() < Duration::from_secs(2), "{:?}", sent.elapsed());
        responses += 1;
    }
    println!("{responses} responses of the other worker in one second");
    assert!(responses > 10, "{responses}");
    assert_eq!(one.response().await.expect("an answer").body, first);
}
