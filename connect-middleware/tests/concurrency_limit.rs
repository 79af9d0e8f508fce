//! Requests that run and requests that wait, over sockets.
#![cfg(feature = "concurrency-limit")]
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::{App, Chain, Error, Request, Response, Result, app, error_handler, get, provide};
use connect_middleware::concurrency_limit::{ConcurrencyLimit, Queue, Usage};
use futures_util::{StreamExt, stream};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};

const LONG: Duration = Duration::from_secs(60);

/// What handlers wait for, and which of them have begun.
#[derive(Clone)]
struct Gate {
    open: Arc<Semaphore>,
    stream: Arc<Notify>,
    begun: Arc<Mutex<Vec<u32>>>,
}

impl Gate {
    fn new() -> Self {
        Gate { open: Arc::new(Semaphore::new(0)), stream: Arc::default(), begun: Arc::default() }
    }

    fn begun(&self) -> Vec<u32> {
        self.begun.lock().unwrap().clone()
    }
}

#[get("/wait/:n")]
async fn wait(n: u32, gate: &Gate) -> Result<&'static str> {
    gate.begun.lock().unwrap().push(n);
    gate.open.acquire().await?.forget();
    Ok("done")
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/panic")]
fn panics() -> &'static str {
    panic!("in the handler")
}

#[get("/stream")]
fn long(gate: &Gate, res: &mut Response) -> Result {
    let gate = gate.clone();
    let second = stream::once(async move {
        gate.stream.notified().await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"second"))
    });
    res.stream(stream::iter([Ok(Bytes::from_static(b"first"))]).chain(second))
}

#[error_handler]
fn page(err: Error, _req: &mut Request, res: &mut Response) -> Result {
    let text = format!("handled: {err}");
    res.error(&err).text(text)
}

async fn until(usage: &Usage, running: usize, waiting: usize) {
    let wait = async {
        while (usage.running(), usage.waiting()) != (running, waiting) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(LONG, wait).await;
    assert!(waited.is_ok(), "{usage:?}, and not {running} that run and {waiting} that wait");
}

async fn serve<C: Chain, P>(app: App<C, P>) -> Client {
    Client::serve(app).await.unwrap()
}

/// Sends a request, and keeps the connection.
async fn send(client: &Client, path: &str) -> TcpStream {
    let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
    socket.writable().await.unwrap();
    assert_eq!(socket.try_write(head.as_bytes()).unwrap(), head.len());
    socket
}

/// The first line of a response, as far as its status.
async fn status_line(socket: &TcpStream) -> String {
    let mut line = [0; 12];
    let mut filled = 0;
    let read = async {
        while filled < line.len() {
            socket.readable().await.unwrap();
            match socket.try_read(&mut line[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(err) => assert_eq!(err.kind(), std::io::ErrorKind::WouldBlock),
            }
        }
    };
    assert!(tokio::time::timeout(LONG, read).await.is_ok(), "no response");
    String::from_utf8_lossy(&line[..filled]).into_owned()
}

#[tokio::test]
async fn requests_beyond_the_limit_wait_for_their_turn_in_their_order() {
    let (gate, limit) = (Gate::new(), ConcurrencyLimit::new(2, Queue { size: 10, time: LONG }));
    let usage = limit.usage();
    let client = serve(app![provide(gate.clone()), limit, wait]).await;
    let mut sockets = Vec::new();
    for n in 0..5 {
        sockets.push(send(&client, &format!("/wait/{n}")).await);
        until(&usage, (n + 1).min(2), (n + 1).saturating_sub(2)).await;
    }
    assert_eq!((usage.limit(), usage.running(), usage.waiting()), (2, 2, 3));
    for (running, waiting, begun) in [(2, 2, 3), (2, 1, 4), (2, 0, 5), (1, 0, 5), (0, 0, 5)] {
        gate.open.add_permits(1);
        until(&usage, running, waiting).await;
        while gate.begun().len() < begun {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(gate.begun(), (0..u32::try_from(begun).unwrap()).collect::<Vec<_>>());
    }
    for socket in &sockets {
        assert_eq!(status_line(socket).await, "HTTP/1.1 200");
    }
}

#[tokio::test]
async fn a_request_that_finds_the_queue_full_is_refused_at_once_on_the_error_track() {
    let limit =
        ConcurrencyLimit::new(1, Queue { size: 1, time: LONG }).retry_after(Duration::from_millis(1500));
    let (gate, usage) = (Gate::new(), limit.usage());
    let client = serve(app![provide(gate.clone()), limit, wait, index, page]).await;
    let running = send(&client, "/wait/0").await;
    until(&usage, 1, 0).await;
    let waiting = send(&client, "/wait/1").await;
    until(&usage, 1, 1).await;
    let res = client.get("/").send().await;
    res.assert_status(503).assert_header("retry-after", "2").assert_text("handled: too many requests wait");
    gate.open.add_permits(2);
    assert_eq!(status_line(&running).await, "HTTP/1.1 200");
    assert_eq!(status_line(&waiting).await, "HTTP/1.1 200");
    until(&usage, 0, 0).await;
    client.get("/").send().await.assert_status(200);
}

#[tokio::test]
async fn a_request_that_has_waited_for_its_time_is_refused_and_leaves_the_queue() {
    let limit = ConcurrencyLimit::new(1, Queue { size: 5, time: Duration::from_millis(100) });
    let usage = limit.usage();
    let client = serve(app![provide(Gate::new()), limit, wait, index, page]).await;
    let _running = send(&client, "/wait/0").await;
    until(&usage, 1, 0).await;
    let res = client.get("/").send().await;
    res.assert_status(503).assert_header("retry-after", "1");
    res.assert_text("handled: the request has waited for too long");
    assert_eq!((usage.running(), usage.waiting()), (1, 0));
}

#[tokio::test]
async fn a_client_that_leaves_leaves_the_queue_too() {
    let (gate, limit) = (Gate::new(), ConcurrencyLimit::new(1, Queue { size: 2, time: LONG }));
    let usage = limit.usage();
    let client = serve(app![provide(gate.clone()), limit, wait]).await;
    let first = send(&client, "/wait/0").await;
    until(&usage, 1, 0).await;
    let leaves = send(&client, "/wait/1").await;
    until(&usage, 1, 1).await;
    let third = send(&client, "/wait/2").await;
    until(&usage, 1, 2).await;
    // A reset, which the server notices at once.
    leaves.set_zero_linger().unwrap();
    drop(leaves);
    until(&usage, 1, 1).await;
    gate.open.add_permits(2);
    assert_eq!(status_line(&first).await, "HTTP/1.1 200");
    assert_eq!(status_line(&third).await, "HTTP/1.1 200");
    assert_eq!(gate.begun(), [0, 2]);
    until(&usage, 0, 0).await;
}

#[tokio::test]
async fn a_client_that_leaves_its_handler_lets_the_next_one_run() {
    let (gate, limit) = (Gate::new(), ConcurrencyLimit::new(1, Queue { size: 2, time: LONG }));
    let usage = limit.usage();
    let client = serve(app![provide(gate), limit, wait, index]).await;
    let leaves = send(&client, "/wait/0").await;
    until(&usage, 1, 0).await;
    let next = send(&client, "/").await;
    until(&usage, 1, 1).await;
    leaves.set_zero_linger().unwrap();
    drop(leaves);
    assert_eq!(status_line(&next).await, "HTTP/1.1 200");
    until(&usage, 0, 0).await;
}

#[tokio::test]
async fn a_handler_that_panics_and_a_future_that_is_dropped_free_their_places() {
    for until_head in [false, true] {
        let limit = ConcurrencyLimit::new(1, Queue { size: 0, time: LONG });
        let limit = if until_head { limit.until_head() } else { limit };
        let usage = limit.usage();
        let client = Client::new(app![provide(Gate::new()), limit, panics, wait, index]);
        for _ in 0..3 {
            client.get("/panic").send().await.assert_status(500);
        }
        let dropped = tokio::time::timeout(Duration::from_millis(100), client.get("/wait/0").send()).await;
        assert!(dropped.is_err());
        until(&usage, 0, 0).await;
        client.get("/").send().await.assert_status(200);
    }
}

#[tokio::test]
async fn a_stream_counts_until_its_end_or_until_its_head() {
    for until_head in [false, true] {
        let (gate, limit) = (Gate::new(), ConcurrencyLimit::new(1, Queue { size: 0, time: LONG }));
        let limit = if until_head { limit.until_head() } else { limit };
        let usage = limit.usage();
        let client = serve(app![provide(gate.clone()), limit, long, index]).await;
        let mut open = client.get("/stream").open().await;
        assert_eq!(open.chunk().await.unwrap(), "first");
        assert_eq!(usage.running(), usize::from(!until_head));
        client.get("/").send().await.assert_status(if until_head { 200 } else { 503 });
        gate.stream.notify_one();
        assert_eq!(open.read().await.text(), "second");
        until(&usage, 0, 0).await;
        client.get("/").send().await.assert_status(200);
    }
}

#[tokio::test]
async fn exempt_requests_neither_count_nor_wait() {
    let queue = Queue { size: 0, time: LONG };
    let limit = ConcurrencyLimit::new(1, queue).exempt(|req| req.path() == "/");
    let usage = limit.usage();
    let client = serve(app![provide(Gate::new()), limit, wait, index]).await;
    let _running = send(&client, "/wait/0").await;
    until(&usage, 1, 0).await;
    client.get("/").send().await.assert_status(200);
    client.get("/wait/1").send().await.assert_status(503);
    assert_eq!(usage.running(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_run_within_the_limit_and_the_queue() {
    let (gate, limit) = (Gate::new(), ConcurrencyLimit::new(3, Queue { size: 5, time: LONG }));
    let usage = limit.usage();
    let client = serve(app![provide(gate.clone()), limit, wait]).await;
    let requests: Vec<_> = (0..20)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move { client.get(&format!("/wait/{n}")).send().await.status().as_u16() })
        })
        .collect();
    until(&usage, 3, 5).await;
    // All the others are refused before one that runs is done.
    while requests.iter().filter(|request| request.is_finished()).count() < 12 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(gate.begun().len(), 3);
    gate.open.add_permits(8);
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 8], vec![503; 12]].concat());
    until(&usage, 0, 0).await;
}

#[test]
#[should_panic(expected = "a limit of 0 requests lets none run")]
fn a_limit_that_lets_none_run_is_a_mistake() {
    let _ = ConcurrencyLimit::new(0, Queue { size: 1, time: LONG });
}
