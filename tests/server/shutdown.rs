use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use connect::http::StatusCode;
use connect::{Shutdown, app, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{TestServer, index, sleep, support};

#[get("/health")]
fn health(shutdown: Shutdown) -> StatusCode {
    if shutdown.is_started() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

#[tokio::test]
async fn the_health_check_fails_during_the_shutdown_delay() {
    let delay = Duration::from_millis(400);
    let running = TestServer::start(app![health, index], |server| server.shutdown_delay(delay));
    let mut client = running.client().await;
    client.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(client.response().await.expect("a response").status, 200);
    running.shutdown.start();
    let started = Instant::now();
    // On the open connection, and on a new one.
    for mut client in [client, running.client().await] {
        client.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let response = client.response().await.expect("a response");
        assert_eq!((response.status, response.header("connection")), (503, None));
    }
    let address = running.address;
    running.ended().await;
    assert!(started.elapsed() >= delay);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_last_response_during_shutdown_has_connection_close() {
    let running = TestServer::start(app![sleep], |server| server);
    let mut busy = running.client().await;
    busy.write("GET /sleep/300 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.shutdown.start();
    let response = busy.response().await.expect("a response");
    assert_eq!((response.body.as_str(), response.header("connection")), ("slept 300 ms", Some("close")));
    assert_eq!(busy.rest().await, "");
    running.ended().await;
}

#[tokio::test]
async fn requests_are_dropped_at_the_shutdown_timeout() {
    let limit = Duration::from_millis(300);
    let running = TestServer::start(app![sleep], |server| server.shutdown_timeout(limit));
    let mut busy = running.client().await;
    busy.write("GET /sleep/60000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.shutdown.start();
    let started = Instant::now();
    running.ended().await;
    assert!(
        started.elapsed() >= limit && started.elapsed() < Duration::from_secs(30),
        "{:?}",
        started.elapsed()
    );
    assert!(busy.response().await.is_none());
}

#[tokio::test]
async fn an_endless_stream_can_end_at_shutdown() {
    #[get("/forever")]
    async fn forever(shutdown: Shutdown) -> connect::Body {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<&'static str, std::io::Error>>(1);
        tokio::spawn(async move {
            let _ = sender.send(Ok("hello")).await;
            shutdown.started().await;
            let _ = sender.send(Ok("goodbye")).await;
        });
        connect::Body::stream(tokio_stream::wrappers::ReceiverStream::new(receiver))
    }
    let running = TestServer::start(app![forever], |server| server);
    let mut client = running.client().await;
    client.write("GET /forever HTTP/1.1\r\nhost: x\r\n\r\n").await;
    client.head().await;
    running.shutdown.start();
    let rest = client.rest().await;
    assert!(rest.contains("goodbye\r\n0\r\n\r\n"), "{rest}");
    running.ended().await;
}

#[tokio::test]
async fn events_end_at_shutdown_and_other_streams_complete() {
    fn slowly() -> impl tokio_stream::Stream<Item = &'static str> {
        use tokio_stream::StreamExt;
        tokio_stream::iter(["one", "two"]).throttle(Duration::from_millis(800))
    }
    #[get("/events")]
    async fn events() -> connect::Events<impl tokio_stream::Stream<Item = connect::Event>> {
        connect::Events::new(tokio_stream::StreamExt::map(slowly(), connect::Event::data))
    }
    #[get("/stream")]
    async fn stream() -> connect::Body {
        connect::Body::stream(tokio_stream::StreamExt::map(slowly(), Ok::<_, std::io::Error>))
    }
    let running = TestServer::start(app![events, stream], |server| server);
    let (mut one, mut other) = (running.client().await, running.client().await);
    one.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await;
    other.write("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.shutdown.start();
    let (one, other) = (one.rest().await, other.rest().await);
    // Both responses are complete.
    assert!(one.ends_with("data: one\n\n\r\n0\r\n\r\n"), "{one}");
    assert!(other.ends_with("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), "{other}");
    running.ended().await;
}

/// Clients that send requests without a pause, each on one connection after the other, while the server shuts down: every
/// accepted request gets a complete response.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_under_load_drops_no_accepted_request() {
    let handled = Arc::new(AtomicUsize::new(0));
    #[get("/count")]
    async fn count(handled: &Arc<AtomicUsize>) -> &'static str {
        tokio::time::sleep(Duration::from_millis(2)).await;
        handled.fetch_add(1, Ordering::SeqCst);
        "counted"
    }
    for workers in [None, Some(2)] {
        handled.store(0, Ordering::SeqCst);
        let app = app![connect::provide(Arc::clone(&handled)), count];
        let running =
            TestServer::start(app, |server| if let Some(n) = workers { server.workers(n) } else { server });
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..20)
            .map(|_| tokio::spawn(request_until_refused(running.address, Arc::clone(&stop))))
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        running.shutdown.start();
        running.ended().await;
        stop.store(true, Ordering::SeqCst);
        let (mut answered, mut cut) = (0, 0);
        for client in clients {
            let (whole, lost) = client.await.unwrap();
            answered += whole;
            cut += lost;
        }
        let handled = handled.load(Ordering::SeqCst);
        println!("workers {workers:?}: {handled} requests handled, {answered} answered, {cut} cut");
        assert!(handled > 100);
        assert_eq!((answered, cut), (handled, 0));
    }
}

/// Sends requests until the server refuses them; returns the complete and the incomplete responses.
async fn request_until_refused(address: std::net::SocketAddr, stop: Arc<AtomicBool>) -> (usize, usize) {
    let (mut answered, mut cut) = (0, 0);
    'connections: while !stop.load(Ordering::SeqCst) {
        let Ok(mut stream) = TcpStream::connect(address).await else { break };
        loop {
            if stream.write_all(b"GET /count HTTP/1.1\r\nhost: x\r\n\r\n").await.is_err() {
                cut += 1;
                break;
            }
            let mut response = Vec::new();
            while !response.ends_with(b"counted") {
                if !matches!(stream.read_buf(&mut response).await, Ok(1..)) {
                    cut += 1;
                    continue 'connections;
                }
            }
            answered += 1;
            if String::from_utf8_lossy(&response).contains("connection: close") {
                break;
            }
        }
    }
    (answered, cut)
}

#[tokio::test]
async fn dropping_a_server_with_workers_stops_its_threads() {
    let running = TestServer::start(app![index, sleep], |server| server.workers(2));
    let address = running.address;
    let mut client = support::Client::connect(address).await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(client.response().await.expect("a response").status, 200);
    client.write("GET /sleep/60000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    drop(running);
    assert_eq!(client.rest().await, "");
    let started = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(started.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
