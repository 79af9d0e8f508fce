//! Streamed responses, and `on_finish`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::Client;
use connect::{Event, Events, Finish, Next, Request, Response, Result, app, get, middleware};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::StreamExt;

use crate::support;

const TIMEOUT: Duration = Duration::from_secs(20);

/// A channel for the `Finish` of each response.
fn finish_channel() -> (mpsc::UnboundedSender<Finish>, mpsc::UnboundedReceiver<Finish>) {
    mpsc::unbounded_channel()
}

#[middleware]
fn watched(
    #[config] to: mpsc::UnboundedSender<Finish>,
    _req: &mut Request,
    res: &mut Response,
    next: Next,
) -> Result {
    // The test may have ended.
    res.on_finish(move |finish| to.send(finish).unwrap_or(()));
    next.pass()
}

#[get("/text")]
fn text() -> &'static str {
    "hello"
}

#[get("/numbers")]
fn numbers(res: &mut Response) -> Result {
    res.write(async |mut out| {
        for number in 0..3 {
            out.write(format!("{number},")).await?;
            out.write("").await?;
        }
        out.end("done").await
    })
}

#[get("/endless")]
fn endless(res: &mut Response) -> Result {
    res.write(async |mut out| {
        loop {
            out.write(vec![b'x'; 1 << 16]).await?;
        }
    })
}

#[get("/fails")]
fn fails(res: &mut Response) -> Result {
    res.write(async |mut out| {
        out.write("a part").await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::other("the disk is full").into())
    })
}

/// Errors of two types, and none that says which the function has.
#[get("/sum/:a/:b")]
fn sum(a: String, b: String, res: &mut Response) -> Result {
    res.write(async move |mut out| {
        let a: u32 = a.parse()?;
        out.write(format!("{a} + ")).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let b: u32 = b.parse()?;
        out.write(format!("{b} = {}", a + b)).await?;
        Ok(())
    })
}

#[tokio::test]
async fn a_function_that_writes_may_fail_with_any_error() {
    let server = support::Server::start(app![sum]).await;
    let whole = server.request("GET /sum/1/2", &[]).await.body;
    assert!(whole.contains("1 + ") && whole.contains("2 = 3"), "{whole}");
    let mut client = server.connect().await;
    client.write("GET /sum/1/x HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let cut = client.rest().await;
    assert!(cut.starts_with("HTTP/1.1 200 ") && cut.contains("1 + ") && !cut.ends_with("0\r\n\r\n"), "{cut}");
}

#[get("/slow")]
async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(60)).await;
    "too late"
}

#[tokio::test]
async fn written_chunks_are_sent_at_once_and_in_order() {
    let over_socket = Client::serve(app![numbers]).await.expect("a port");
    for client in [Client::new(app![numbers]), over_socket] {
        client.get("/numbers").send().await.assert_status(200).assert_text("0,1,2,done");
        let mut response = client.get("/numbers").open().await;
        assert_eq!(response.chunk().await.expect("a piece"), "0,");
    }
}

#[tokio::test]
async fn a_failed_writer_leaves_the_body_incomplete() {
    let client = Client::serve(app![fails]).await.expect("a port");
    let mut response = client.get("/fails").open().await;
    assert_eq!(response.chunk().await.expect("a piece"), "a part");
    let read = tokio::spawn(response.read()).await;
    assert!(read.is_err(), "the client sees that something is missing");
}

#[tokio::test]
async fn on_finish_gets_the_status_and_the_bytes_sent() {
    let (to, mut finishes) = finish_channel();
    let client = Client::serve(app![watched(to), text, numbers]).await.expect("a port");
    for (path, status) in [("/text", 200), ("/numbers", 200), ("/none", 404)] {
        let response = client.get(path).send().await;
        response.assert_status(status);
        let finish = timeout(TIMEOUT, finishes.recv()).await.expect("in time").expect("a finish");
        let length = response.bytes().len() as u64;
        assert_eq!(
            (finish.status.map(|status| status.as_u16()), finish.bytes, finish.complete),
            (Some(status), length, true),
            "{path}"
        );
    }
    client.head("/text").send().await.assert_header("content-length", "5");
    let finish = timeout(TIMEOUT, finishes.recv()).await.expect("in time").expect("a finish");
    assert_eq!((finish.bytes, finish.complete), (0, true));
}

#[tokio::test]
async fn on_finish_reports_a_disconnect() {
    let (to, mut finishes) = finish_channel();
    let client = Client::serve(app![watched(to), endless, slow]).await.expect("a port");
    let mut response = client.get("/endless").open().await;
    response.chunk().await.expect("a piece");
    drop(response);
    let finish = timeout(TIMEOUT, finishes.recv()).await.expect("in time").expect("a finish");
    assert!(!finish.complete && finish.bytes > 0, "{finish:?}");

    // The client disconnects before there is a response.
    let mut client_without_response = support::Client::connect(client.address().expect("a port")).await;
    client_without_response.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    client_without_response.reset();
    let finish = timeout(TIMEOUT, finishes.recv()).await.expect("in time").expect("a finish");
    assert_eq!((finish.status, finish.bytes, finish.complete), (None, 0, false));
}

#[tokio::test]
async fn a_panic_in_on_finish_affects_nothing_else() {
    let seen = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&seen);
    #[middleware]
    fn twice(
        #[config] counted: Arc<Mutex<u32>>,
        _req: &mut Request,
        res: &mut Response,
        next: Next,
    ) -> Result {
        res.on_finish(|_| panic!("as a test does"));
        res.on_finish(move |_| *counted.lock().expect("not poisoned") += 1);
        next.pass()
    }
    let client = Client::serve(app![twice(counted), text]).await.expect("a port");
    client.get("/text").send().await.assert_text("hello");
    client.get("/text").send().await.assert_text("hello");
    assert_eq!(*seen.lock().expect("not poisoned"), 2);
}

#[tokio::test]
async fn events_are_sent_at_once_with_keep_alive_comments_between() {
    #[get("/events")]
    fn events(req: &Request) -> Events<impl tokio_stream::Stream<Item = Event> + Send + use<>> {
        let from: u32 = req.last_event_id().and_then(|id| id.parse().ok()).map_or(0, |last: u32| last + 1);
        let first = tokio_stream::iter([Event::data("first").id(from)]);
        Events::new(first.chain(tokio_stream::pending())).keep_alive(Duration::from_millis(20))
    }
    let client = Client::serve(app![events]).await.expect("a port");
    let mut response = client.get("/events").header("last-event-id", "6").open().await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(
        timeout(TIMEOUT, response.chunk()).await.expect("in time").expect("an event"),
        "id: 7\ndata: first\n\n"
    );
    for _ in 0..2 {
        assert_eq!(timeout(TIMEOUT, response.chunk()).await.expect("in time").expect("a comment"), ":\n\n");
    }
}

/// More than the socket buffers hold.
#[get("/long")]
fn long() -> Vec<u8> {
    vec![b'x'; 16 << 20]
}

#[tokio::test]
async fn a_response_is_complete_once_the_kernel_has_it_and_incomplete_after_a_disconnect() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (to, mut finished) = finish_channel();
    let server = support::Server::start(app![watched(to), text, long]).await;
    let send = async |path: &str| {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("written");
        stream
    };
    // hyper has buffered all of it, and most is not written yet.
    let mut stream = send("/long").await;
    stream.read_exact(&mut [0; 100]).await.expect("the beginning");
    assert!(timeout(Duration::from_millis(200), finished.recv()).await.is_err());
    stream.set_zero_linger().expect("a socket");
    drop(stream);
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (false, 16 << 20));

    let mut stream = send("/long").await;
    let mut received = vec![0; 16 << 20];
    stream.read_exact(&mut received).await.expect("the response");
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 16 << 20));

    // A response that the client has read before it disconnects, and the last one of a connection.
    let mut stream = send("/text").await;
    stream.read_exact(&mut [0; 50]).await.expect("the response");
    drop(stream);
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 5));
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
    stream.write_all(b"GET /text HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("written");
    stream.read_to_end(&mut received).await.expect("the response");
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 5));
}

#[tokio::test]
async fn a_pipelined_response_is_complete_before_the_next_one_is_written() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (to, mut finished) = finish_channel();
    let server = support::Server::start(app![watched(to), text, long]).await;
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
    let both = b"GET /text HTTP/1.1\r\nhost: x\r\n\r\nGET /long HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(both).await.expect("written");
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 5));
    stream.read_exact(&mut [0; 100]).await.expect("the beginning");
    stream.set_zero_linger().expect("a socket");
    drop(stream);
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (false, 16 << 20));
}

#[tokio::test]
async fn a_file_or_range_is_complete_with_its_last_byte() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("a.bin"), vec![b'x'; 300_000]).expect("a file");
    let (to, mut finished) = finish_channel();
    let server = support::Server::start(app![watched(to), connect::serve_static(dir.path())]).await;
    for (fields, bytes) in
        [(&[][..], 300_000), (&["range: bytes=0-199999"][..], 200_000), (&["range: bytes=0-1,5-6"][..], 0)]
    {
        let response = server.request("GET /a.bin", fields).await;
        let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
        assert_eq!((finish.complete, finish.bytes), (true, response.body.len() as u64), "{fields:?}");
        assert!(bytes == 0 || finish.bytes == bytes);
    }
}

#[tokio::test]
async fn a_stream_with_a_content_length_is_complete_with_its_last_byte() {
    #[get("/")]
    fn index(res: &mut Response) -> Result {
        res.set("content-length", "10").write(async |mut out| out.write("0123456789").await)
    }
    let (to, mut finished) = finish_channel();
    let server = support::Server::start(app![watched(to), index]).await;
    assert_eq!(server.request("GET /", &[]).await.body, "0123456789");
    let finish = timeout(TIMEOUT, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 10));
}
