//! How a response ended, as `on_finish` says it.

use std::sync::Mutex;
use std::time::Duration;

use connect::http::Request;
use connect::{Body, Ended, Event, Events, Finish, Next, Response, Result, app, get, middleware};
use http_body_util::BodyExt as _;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_stream::Stream;

use super::{TestServer, index, sleep};

const SOON: Duration = Duration::from_secs(10);

#[middleware]
fn watched(
    #[config] to: UnboundedSender<Finish>,
    _req: &mut connect::Request,
    res: &mut Response,
    next: Next,
) -> Result {
    res.on_finish(move |finish| to.send(finish).unwrap_or(()));
    next.pass()
}

/// More than fits into the buffers of a connection.
#[get("/endless")]
fn endless(res: &mut Response) -> Result {
    res.stream(tokio_stream::iter(std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 1 << 14]))))
}

#[get("/fails")]
fn fails(res: &mut Response) -> Result {
    res.write(async |mut out| {
        out.write("a part").await?;
        Err(std::io::Error::other("the disk is full").into())
    })
}

#[get("/panics")]
fn panics(res: &mut Response) -> Result {
    let mut pieces = 0;
    res.stream(tokio_stream::iter(std::iter::repeat_with(move || {
        pieces += 1;
        assert!(pieces < 3, "as a test does");
        Ok::<_, std::io::Error>("a part")
    })))
}

#[get("/short")]
fn short(res: &mut Response) -> Result {
    res.set("content-length", 100).stream(tokio_stream::iter([Ok::<_, std::io::Error>("too short")]))
}

async fn next(finishes: &mut UnboundedReceiver<Finish>) -> Finish {
    let finish = tokio::time::timeout(SOON, finishes.recv()).await.expect("in time").expect("a finish");
    assert_eq!(finish.complete, finish.ended == Ended::Complete, "{finish:?}");
    finish
}

async fn http2(running: &TestServer) -> SendRequest<Body> {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn ask(path: &str) -> Request<Body> {
    Request::get(format!("http://x{path}")).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_body_that_was_sent_is_complete_and_one_that_fails_is_not() {
    let (to, mut finishes) = unbounded_channel();
    let running = TestServer::start(app![watched(to), index, fails, panics, short], |server| server);
    let paths = [
        ("/", Ended::Complete),
        ("/none", Ended::Complete),
        ("/fails", Ended::Failed),
        ("/panics", Ended::Failed),
        ("/short", Ended::Failed),
    ];
    for (path, ended) in paths {
        let mut client = running.client().await;
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        client.rest().await;
        assert_eq!(next(&mut finishes).await.ended, ended, "HTTP/1 {path}");
        let mut sender = http2(&running).await;
        // The reset may overtake the head.
        if let Ok(response) = sender.send_request(ask(path)).await {
            let _ = response.into_body().collect().await;
        }
        assert_eq!(next(&mut finishes).await.ended, ended, "HTTP/2 {path}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_told_from_one_that_does_not_read() {
    let (to, mut finishes) = unbounded_channel();
    let running = TestServer::start(app![watched(to), endless, sleep], |server| server);
    for (path, has_status) in [("/endless", true), ("/sleep/60000", false)] {
        let mut client = running.client().await;
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.reset();
        let finish = next(&mut finishes).await;
        assert_eq!((finish.ended, finish.status.is_some()), (Ended::ClientLeft, has_status), "HTTP/1 {path}");

        // A reset of the stream alone.
        let mut sender = http2(&running).await;
        let asked = tokio::time::timeout(Duration::from_millis(100), sender.send_request(ask(path))).await;
        drop(asked);
        let finish = next(&mut finishes).await;
        assert_eq!((finish.ended, finish.status.is_some()), (Ended::ClientLeft, has_status), "HTTP/2 {path}");

        // The end of the connection.
        let mut sender = http2(&running).await;
        let task = tokio::spawn(async move {
            let _response = sender.send_request(ask(path)).await;
            std::future::pending::<()>().await;
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        task.abort();
        let finish = next(&mut finishes).await;
        assert_eq!((finish.ended, finish.status.is_some()), (Ended::ClientLeft, has_status), "HTTP/2 {path}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_runs_into_the_write_timeout() {
    let (to, mut finishes) = unbounded_channel();
    let limit = Duration::from_millis(300);
    let running = TestServer::start(app![watched(to), endless], |server| server.write_timeout(limit));
    let mut client = running.client().await;
    client.write("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(next(&mut finishes).await.ended, Ended::TimedOut);
    drop(client);

    // The client gives the stream no window, and answers pings.
    let mut sender = http2(&running).await;
    let response = sender.send_request(ask("/endless")).await.unwrap();
    assert_eq!(next(&mut finishes).await.ended, Ended::TimedOut);
    drop(response);
}

#[tokio::test]
async fn what_the_shutdown_drops_says_so_before_the_server_has_ended() {
    for (path, workers) in [("/sleep/60000", None), ("/endless", None), ("/sleep/60000", Some(2))] {
        let (to, mut finishes) = unbounded_channel();
        let running = TestServer::start(app![watched(to), endless, sleep], |server| {
            let server = server.shutdown_timeout(Duration::from_millis(200));
            match workers {
                Some(workers) => server.workers(workers),
                None => server,
            }
        });
        let mut client = running.client().await;
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        let mut sender = http2(&running).await;
        let response = tokio::spawn(async move {
            let _response = sender.send_request(ask(path)).await;
            std::future::pending::<()>().await;
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        running.shutdown.start();
        running.ended().await;
        for _ in 0..2 {
            let finish = finishes.try_recv().unwrap_or_else(|err| panic!("{path} {workers:?}: {err}"));
            assert_eq!(finish.ended, Ended::Shutdown, "{path} {workers:?}");
        }
        response.abort();
    }
}

#[tokio::test]
async fn a_stream_of_events_that_the_shutdown_ends_says_so() {
    #[get("/events")]
    fn events() -> Events<impl Stream<Item = Result<Event>>> {
        Events::new(tokio_stream::pending())
    }

    let (to, mut finishes) = unbounded_channel();
    let running = TestServer::start(app![watched(to), events], |server| server);
    let mut client = running.client().await;
    client.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut sender = http2(&running).await;
    let response = sender.send_request(ask("/events")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.shutdown.start();
    for _ in 0..2 {
        assert_eq!(next(&mut finishes).await.ended, Ended::Shutdown);
    }
    // For the client it is the end, and not a fault.
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    assert!(client.rest().await.ends_with("\r\n\r\n0\r\n\r\n"));
    running.ended().await;
}

#[test]
fn what_the_end_of_the_runtime_drops_says_so() {
    static SEEN: Mutex<Vec<Ended>> = Mutex::new(Vec::new());
    #[middleware]
    fn notes(_req: &mut connect::Request, res: &mut Response, next: Next) -> Result {
        res.on_finish(|finish| SEEN.lock().unwrap().push(finish.ended));
        next.pass()
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clients = runtime.block_on(async {
        let running = TestServer::start(app![notes, sleep], |server| server);
        let mut client = running.client().await;
        client.write("GET /sleep/60000 HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let mut sender = http2(&running).await;
        tokio::spawn(async move { drop(sender.send_request(ask("/sleep/60000")).await) });
        tokio::time::sleep(Duration::from_millis(100)).await;
        // As a program does that ends in the midst of it.
        std::mem::forget(running);
        client
    });
    drop(runtime);
    assert_eq!(*SEEN.lock().unwrap(), [Ended::Shutdown; 2]);
    drop(clients);
}
