//! Answers that are sent piece by piece, and what happens when they are over.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::Client;
use connect::{Event, Events, Finish, Next, Request, Response, Result, app, get, middleware};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::StreamExt;

use crate::support;

const SOON: Duration = Duration::from_secs(20);

/// Gives what `on_finish` says to a channel.
fn told() -> (mpsc::UnboundedSender<Finish>, mpsc::UnboundedReceiver<Finish>) {
    mpsc::unbounded_channel()
}

#[middleware]
fn watched(
    #[config] to: mpsc::UnboundedSender<Finish>,
    _req: &mut Request,
    res: &mut Response,
    next: Next,
) -> Result {
    // The test may be over.
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
    let whole = server.ask("GET /sum/1/2", &[]).await.body;
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
async fn what_is_written_is_sent_at_once_and_in_order() {
    let over_socket = Client::serve(app![numbers]).await.expect("a port");
    for client in [Client::new(app![numbers]), over_socket] {
        client.get("/numbers").send().await.assert_status(200).assert_text("0,1,2,done");
        let mut answer = client.get("/numbers").open().await;
        assert_eq!(answer.chunk().await.expect("a piece"), "0,");
    }
}

#[tokio::test]
async fn a_writer_that_fails_leaves_the_body_without_its_end() {
    let client = Client::serve(app![fails]).await.expect("a port");
    let mut answer = client.get("/fails").open().await;
    assert_eq!(answer.chunk().await.expect("a piece"), "a part");
    let read = tokio::spawn(answer.read()).await;
    assert!(read.is_err(), "the client sees that something is missing");
}

#[tokio::test]
async fn a_finish_tells_status_and_bytes_when_all_was_sent() {
    let (to, mut finishes) = told();
    let client = Client::serve(app![watched(to), text, numbers]).await.expect("a port");
    for (path, status) in [("/text", 200), ("/numbers", 200), ("/none", 404)] {
        let answer = client.get(path).send().await;
        answer.assert_status(status);
        let finish = timeout(SOON, finishes.recv()).await.expect("in time").expect("a finish");
        let length = answer.bytes().len() as u64;
        assert_eq!(
            (finish.status.map(|status| status.as_u16()), finish.bytes, finish.complete),
            (Some(status), length, true),
            "{path}"
        );
    }
    client.head("/text").send().await.assert_header("content-length", "5");
    let finish = timeout(SOON, finishes.recv()).await.expect("in time").expect("a finish");
    assert_eq!((finish.bytes, finish.complete), (0, true));
}

#[tokio::test]
async fn a_finish_tells_that_the_client_left() {
    let (to, mut finishes) = told();
    let client = Client::serve(app![watched(to), endless, slow]).await.expect("a port");
    let mut answer = client.get("/endless").open().await;
    answer.chunk().await.expect("a piece");
    drop(answer);
    let finish = timeout(SOON, finishes.recv()).await.expect("in time").expect("a finish");
    assert!(!finish.complete && finish.bytes > 0, "{finish:?}");

    // Before there was an answer at all.
    let mut asks = support::Client::connect(client.address().expect("a port")).await;
    asks.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    asks.reset();
    let finish = timeout(SOON, finishes.recv()).await.expect("in time").expect("a finish");
    assert_eq!((finish.status, finish.bytes, finish.complete), (None, 0, false));
}

#[tokio::test]
async fn a_finish_that_panics_takes_nothing_with_it() {
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
async fn events_are_sent_as_they_come_with_a_comment_when_there_are_none() {
    #[get("/events")]
    fn events(req: &Request) -> Events<impl tokio_stream::Stream<Item = Event> + Send + use<>> {
        let from: u32 = req.last_event_id().and_then(|id| id.parse().ok()).map_or(0, |last: u32| last + 1);
        let first = tokio_stream::iter([Event::data("first").id(from)]);
        Events::new(first.chain(tokio_stream::pending())).keep_alive(Duration::from_millis(20))
    }
    let client = Client::serve(app![events]).await.expect("a port");
    let mut answer = client.get("/events").header("last-event-id", "6").open().await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-cache");
    assert_eq!(
        timeout(SOON, answer.chunk()).await.expect("in time").expect("an event"),
        "id: 7\ndata: first\n\n"
    );
    for _ in 0..2 {
        assert_eq!(timeout(SOON, answer.chunk()).await.expect("in time").expect("a comment"), ":\n\n");
    }
}

/// More than the sockets between keep.
#[get("/long")]
fn long() -> Vec<u8> {
    vec![b'x'; 16 << 20]
}

#[tokio::test]
async fn an_answer_is_complete_when_the_system_has_taken_it_and_not_when_the_client_leaves_before() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (to, mut finished) = told();
    let server = support::Server::start(app![watched(to), text, long]).await;
    let ask = async |path: &str| {
        let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("written");
        stream
    };
    // hyper has taken all of it, and most is still to be written.
    let mut stream = ask("/long").await;
    stream.read_exact(&mut [0; 100]).await.expect("the beginning");
    assert!(timeout(Duration::from_millis(200), finished.recv()).await.is_err());
    stream.set_zero_linger().expect("a socket");
    drop(stream);
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (false, 16 << 20));

    let mut stream = ask("/long").await;
    let mut came = vec![0; 16 << 20];
    stream.read_exact(&mut came).await.expect("the answer");
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 16 << 20));

    // The last answer of a connection, and one that the client has read before it leaves.
    let mut stream = ask("/text").await;
    stream.read_exact(&mut [0; 50]).await.expect("the answer");
    drop(stream);
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 5));
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
    stream.write_all(b"GET /text HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("written");
    stream.read_to_end(&mut came).await.expect("the answer");
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 5));
}

#[tokio::test]
async fn an_answer_in_front_of_a_long_one_is_complete_when_it_has_gone_out() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (to, mut finished) = told();
    let server = support::Server::start(app![watched(to), text, long]).await;
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("accepted");
    let both = b"GET /text HTTP/1.1\r\nhost: x\r\n\r\nGET /long HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(both).await.expect("written");
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 5));
    stream.read_exact(&mut [0; 100]).await.expect("the beginning");
    stream.set_zero_linger().expect("a socket");
    drop(stream);
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (false, 16 << 20));
}

#[tokio::test]
async fn a_file_is_complete_with_its_last_byte_and_so_are_parts_of_it() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("a.bin"), vec![b'x'; 300_000]).expect("a file");
    let (to, mut finished) = told();
    let server = support::Server::start(app![watched(to), connect::serve_static(dir.path())]).await;
    for (fields, bytes) in
        [(&[][..], 300_000), (&["range: bytes=0-199999"][..], 200_000), (&["range: bytes=0-1,5-6"][..], 0)]
    {
        let answer = server.ask("GET /a.bin", fields).await;
        let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
        assert_eq!((finish.complete, finish.bytes), (true, answer.body.len() as u64), "{fields:?}");
        assert!(bytes == 0 || finish.bytes == bytes);
    }
}

#[tokio::test]
async fn a_stream_that_says_its_length_is_complete_with_its_last_byte() {
    #[get("/")]
    fn index(res: &mut Response) -> Result {
        res.set("content-length", "10").write(async |mut out| out.write("0123456789").await)
    }
    let (to, mut finished) = told();
    let server = support::Server::start(app![watched(to), index]).await;
    assert_eq!(server.ask("GET /", &[]).await.body, "0123456789");
    let finish = timeout(SOON, finished.recv()).await.expect("it is over").expect("a finish");
    assert_eq!((finish.complete, finish.bytes), (true, 10));
}
