//! Compressed responses, as clients over sockets get them.
#![cfg(feature = "compression")]

use std::convert::Infallible;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use connect::testing::{Client, TestResponse};
use connect::{App, Chain, Error, Html, Request, Response, Result, app, error_handler, get, guard, post};
use connect_middleware::compression::{self, Coding, Compression};
use tokio::sync::mpsc;

/// Bytes that do not compress well, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

fn text(length: usize) -> String {
    "lorem ipsum dolor sit amet ".chars().cycle().take(length).collect()
}

#[get("/text/:length")]
fn of_length(length: usize) -> String {
    text(length)
}

#[get("/noise/:length")]
fn of_noise(length: usize, res: &mut Response) -> Result {
    res.content_type("text/plain").end(noise(length))
}

#[get("/strong")]
fn strong(res: &mut Response) -> Result {
    res.set("etag", "\"v1\"").set("accept-ranges", "bytes").text(text(2000))
}

#[get("/part")]
fn part(res: &mut Response) -> Result {
    res.status(206).set("content-range", "bytes 0-1999/4000").text(text(2000))
}

#[get("/digest")]
fn digest(res: &mut Response) -> Result {
    res.set("content-digest", "sha-256=:AAAA:").text(text(2000))
}

#[get("/encoded")]
fn encoded(res: &mut Response) -> Result {
    res.set("content-encoding", "x-own").text(text(2000))
}

#[get("/no-transform")]
fn no_transform(res: &mut Response) -> Result {
    res.set("cache-control", "public, No-Transform").text(text(2000))
}

#[get("/picture")]
fn picture(res: &mut Response) -> Result {
    res.content_type("png").end(text(2000))
}

#[get("/secret")]
fn secret(res: &mut Response) -> Result {
    res.encoded(false).text(text(2000))
}

#[get("/account")]
fn account() -> Html<String> {
    Html(text(2000))
}

#[get("/nothing")]
fn nothing(res: &mut Response) -> Result {
    res.status(204).end("")
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, text(2000)))
}

#[post("/posted")]
fn posted() -> String {
    text(2000)
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(err.public_message())
}

fn site(layer: Compression) -> App<impl Chain> {
    app![
        layer,
        of_length,
        of_noise,
        strong,
        part,
        digest,
        encoded,
        no_transform,
        picture,
        secret,
        guard![compression::off() => account],
        nothing,
        fails,
        posted,
        on_error,
    ]
}

/// The body without its `Content-Encoding`, by decoders that are not those of the layer.
fn decoded(res: &TestResponse) -> Vec<u8> {
    let (mut plain, bytes) = (Vec::new(), &**res.bytes());
    match res.header("content-encoding") {
        Some("gzip") => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
        Some("br") => drop(brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain).unwrap()),
        Some("zstd") => plain = zstd::decode_all(bytes).unwrap(),
        _ => plain.extend_from_slice(bytes),
    }
    plain
}

async fn client() -> Client {
    Client::serve(site(Compression::new())).await.unwrap()
}

async fn get(client: &Client, path: &str, accept: &str) -> TestResponse {
    client.get(path).header("accept-encoding", accept).send().await
}

#[tokio::test]
async fn bodies_of_every_length_are_what_they_were() {
    let client = client().await;
    for coding in ["gzip", "br", "zstd"] {
        for length in [1024, 1025, 32 * 1024, 32 * 1024 + 1, 100_000, 10_000_000] {
            for path in [format!("/text/{length}"), format!("/noise/{length}")] {
                let res = get(&client, &path, coding).await;
                res.assert_status(200)
                    .assert_header("content-encoding", coding)
                    .assert_header("vary", "Accept-Encoding");
                let plain = if path.starts_with("/text") { text(length).into_bytes() } else { noise(length) };
                assert!(decoded(&res) == plain, "{coding} {path}");
                if path.starts_with("/text") {
                    assert!(res.bytes().len() < length / 10, "{coding} {path}: {}", res.bytes().len());
                }
                // Compressed at once, it has a length.
                assert_eq!(res.header("content-length").is_some(), length <= 32 * 1024, "{coding} {path}");
            }
        }
        for length in [0, 1, 1023] {
            let res = get(&client, &format!("/text/{length}"), coding).await;
            res.assert_status(200)
                .assert_no_header("content-encoding")
                .assert_header("vary", "Accept-Encoding");
            assert_eq!(res.text(), text(length));
        }
    }
}

#[tokio::test]
async fn what_is_described_byte_by_byte_or_is_a_secret_stays_as_it_is() {
    let client = client().await;
    for (path, status, varies) in [
        ("/part", 206, true),
        ("/digest", 200, true),
        ("/encoded", 200, true),
        ("/no-transform", 200, false),
        ("/picture", 200, false),
        ("/secret", 200, false),
        ("/account", 200, false),
        ("/nothing", 204, false),
        ("/nowhere", 404, true),
    ] {
        let res = get(&client, path, "gzip").await;
        res.assert_status(status);
        assert_ne!(res.header("content-encoding"), Some("gzip"), "{path}");
        let vary = res.header("vary");
        assert_eq!(
            vary.is_some_and(|vary| vary.contains("Accept-Encoding")),
            varies,
            "{path}: {:?}",
            res.headers()
        );
    }
    let res = get(&client, "/fails", "gzip").await;
    res.assert_status(429).assert_header("content-encoding", "gzip");
    assert_eq!(decoded(&res), text(2000).into_bytes());
    client
        .post("/posted")
        .header("accept-encoding", "gzip")
        .send()
        .await
        .assert_header("content-encoding", "gzip");
}

#[tokio::test]
async fn validators_are_weakened_and_a_304_varies() {
    let client = client().await;
    let res = get(&client, "/strong", "gzip").await;
    res.assert_header("etag", "W/\"v1\"").assert_no_header("accept-ranges");
    let plain = client.get("/strong").send().await;
    plain
        .assert_header("etag", "\"v1\"")
        .assert_header("accept-ranges", "bytes")
        .assert_header("vary", "Accept-Encoding");
    let automatic = get(&client, "/text/5000", "br").await.header("etag").unwrap().to_owned();
    client.get("/text/5000").send().await.assert_header("etag", &automatic);
    for (path, tag) in [("/strong", "\"v1\""), ("/strong", "W/\"v1\""), ("/text/5000", &automatic)] {
        for accept in ["gzip", "identity"] {
            let res =
                client.get(path).header("accept-encoding", accept).header("if-none-match", tag).send().await;
            res.assert_status(304)
                .assert_header("vary", "Accept-Encoding")
                .assert_no_header("content-encoding");
            assert!(
                res.header("etag")
                    .is_some_and(|etag| etag.trim_start_matches("W/") == tag.trim_start_matches("W/"))
            );
        }
    }
}

#[tokio::test]
async fn a_head_has_the_headers_of_the_get() {
    let client = client().await;
    for path in ["/text/2000", "/text/100000", "/text/10", "/strong"] {
        let head =
            client.request("HEAD".parse().unwrap(), path).header("accept-encoding", "gzip").send().await;
        let get = get(&client, path, "gzip").await;
        for name in ["content-encoding", "content-type", "etag", "vary"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        assert!(head.bytes().is_empty());
        // It is not compressed to learn the length.
        assert!(
            head.header("content-length").is_none_or(|length| Some(length) == get.header("content-length")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_codings_the_threshold_and_the_responses_are_options() {
    let only = Client::new(site(Compression::new().codings([Coding::Gzip, Coding::Br]).threshold(10)));
    get(&only, "/text/10", "br, gzip, zstd").await.assert_header("content-encoding", "gzip");
    get(&only, "/text/9", "br, gzip").await.assert_no_header("content-encoding");
    get(&only, "/text/10", "zstd")
        .await
        .assert_no_header("content-encoding")
        .assert_header("vary", "Accept-Encoding");
    let pictures = Compression::new().when(|res| res.header("content-type") == Some("image/png"));
    let pictures = Client::new(site(pictures));
    get(&pictures, "/picture", "zstd").await.assert_header("content-encoding", "zstd");
    get(&pictures, "/text/2000", "zstd").await.assert_no_header("content-encoding").assert_no_header("vary");
    let lengths = [0, 5, 11].map(|level| Client::new(site(Compression::new().level(Coding::Br, level))));
    let mut sizes = Vec::new();
    for client in &lengths {
        sizes.push(get(client, "/noise/20000", "br").await.bytes().len());
    }
    assert!(sizes.iter().all(|size| *size > 0), "{sizes:?}");
    let nothing = std::panic::catch_unwind(|| Compression::new().codings([]));
    let level = std::panic::catch_unwind(|| Compression::new().level(Coding::Gzip, 10));
    assert!(nothing.is_err() && level.is_err());
}

type Chunks = mpsc::Receiver<Result<&'static str, std::io::Error>>;

/// What the stream of the next request is.
struct Next(std::sync::Mutex<Option<Chunks>>);

#[get("/stream")]
fn stream(next: &Arc<Next>, req: &Request, res: &mut Response) -> Result {
    let mut chunks = next.0.lock().unwrap().take().unwrap();
    res.content_type(if req.uri().query().is_some() { "text/event-stream" } else { "text/plain" });
    res.stream(futures_util::stream::poll_fn(move |cx| chunks.poll_recv(cx)))
}

struct Open {
    sender: mpsc::Sender<Result<&'static str, std::io::Error>>,
    socket: std::net::TcpStream,
    head: String,
    read: Vec<u8>,
}

/// A stream over a socket, with its head read.
async fn open(query: &str, coding: &str) -> Open {
    let (sender, receiver) = mpsc::channel(16);
    let next = Arc::new(Next(std::sync::Mutex::new(Some(receiver))));
    let app = app![connect::provide(next), Compression::new(), stream];
    let server = app.server().listen("127.0.0.1:0").banner(false).bind().unwrap();
    let port = server.addresses()[0].port();
    tokio::spawn(server.run());
    let request = format!("GET /stream{query} HTTP/1.1\r\nhost: a\r\naccept-encoding: {coding}\r\n\r\n");
    let socket = tokio::task::spawn_blocking(move || {
        let mut socket = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket
    });
    let mut open = Open { sender, socket: socket.await.unwrap(), head: String::new(), read: Vec::new() };
    open.sender.send(Ok("first, ")).await.unwrap();
    open = open.until(|read| read.windows(4).any(|part| part == b"\r\n\r\n")).await;
    let end = open.read.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
    open.head = String::from_utf8(open.read.drain(..end).collect()).unwrap().to_ascii_lowercase();
    open
}

impl Open {
    /// Reads until this is so, or the connection ends.
    async fn until(mut self, is_enough: impl Fn(&[u8]) -> bool + Send + 'static) -> Self {
        tokio::task::spawn_blocking(move || {
            let mut part = [0; 4096];
            while !is_enough(&self.read) {
                match self.socket.read(&mut part).unwrap() {
                    0 => break,
                    read => self.read.extend_from_slice(&part[..read]),
                }
            }
            self
        })
        .await
        .unwrap()
    }
}

/// The data of the chunks so far, and whether the last one of them was there.
fn dechunked(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    while let Some(end) = bytes.windows(2).position(|part| part == b"\r\n") {
        let size = usize::from_str_radix(str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return (data, true);
        }
        let Some(chunk) = bytes.get(end + 2..end + 2 + size) else { break };
        data.extend_from_slice(chunk);
        bytes = bytes.get(end + 2 + size + 2..).unwrap_or_default();
    }
    (data, false)
}

/// As much as can be decoded.
fn decoded_so_far(coding: &str, bytes: &[u8]) -> String {
    let mut plain = Vec::new();
    // They fail at the end of what is there.
    let _ = match coding {
        "gzip" => std::io::copy(&mut flate2::read::GzDecoder::new(bytes), &mut plain),
        "br" => std::io::copy(&mut brotli::Decompressor::new(bytes, 64), &mut plain),
        _ => std::io::copy(&mut zstd::Decoder::new(bytes).unwrap(), &mut plain),
    };
    String::from_utf8(plain).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunk_arrives_before_the_next_one_is_made() {
    for coding in ["gzip", "br", "zstd"] {
        let mut open = open("", coding).await;
        assert!(open.head.contains(&format!("content-encoding: {coding}\r\n")), "{}", open.head);
        let mut expected = String::from("first, ");
        for next in ["second, ", "third, ", "last"] {
            let wanted = expected.clone();
            open = open.until(move |read| decoded_so_far(coding, &dechunked(read).0) == wanted).await;
            assert_eq!(decoded_so_far(coding, &dechunked(&open.read).0), expected, "{coding}");
            open.sender.send(Ok(next)).await.unwrap();
            expected.push_str(next);
        }
        drop(std::mem::replace(&mut open.sender, mpsc::channel(1).0));
        open = open.until(|read| dechunked(read).1).await;
        assert_eq!(decoded_so_far(coding, &dechunked(&open.read).0), expected, "{coding}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_fails_is_incomplete_for_the_client() {
    for coding in ["gzip", "br", "zstd"] {
        let mut open = open("", coding).await;
        open.sender.send(Err(std::io::Error::other("the disk is gone"))).await.unwrap();
        open = open.until(|read| dechunked(read).1).await;
        assert!(!dechunked(&open.read).1, "{coding}: the last chunk was sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_not_compressed() {
    let mut open = open("?events", "gzip").await;
    assert!(!open.head.contains("content-encoding") && !open.head.contains("vary"), "{}", open.head);
    open = open.until(|read| dechunked(read).0 == b"first, ").await;
    assert_eq!(dechunked(&open.read).0, b"first, ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_ends_the_stream() {
    let open = open("", "br").await;
    let Open { sender, socket, .. } = open;
    drop(socket);
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while !sender.is_closed() {
        assert!(std::time::Instant::now() < end, "the stream is still there");
        let _ = sender.try_send(Ok("more"));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[get("/counted")]
fn counted(reads: &Arc<AtomicUsize>, res: &mut Response) -> Result {
    let reads = Arc::clone(reads);
    let stream = futures_util::stream::repeat_with(move || {
        reads.fetch_add(1, SeqCst);
        Ok::<_, Infallible>(text(1000))
    });
    res.set("etag", "\"1\"").content_type("text/plain").stream(futures_util::StreamExt::take(stream, 20))
}

#[tokio::test]
async fn a_head_and_a_304_compress_nothing() {
    let reads = Arc::new(AtomicUsize::new(0));
    let client =
        Client::serve(app![connect::provide(Arc::clone(&reads)), Compression::new(), counted]).await.unwrap();
    client
        .request("HEAD".parse().unwrap(), "/counted")
        .header("accept-encoding", "br")
        .send()
        .await
        .assert_status(200);
    assert_eq!(reads.load(SeqCst), 0);
    let res = get(&client, "/counted", "br").await;
    assert_eq!((decoded(&res).len(), reads.load(SeqCst)), (20_000, 20));
}

#[test]
fn curl_decodes_what_it_asks_for() {
    let has_curl = std::process::Command::new("curl").arg("--version").output();
    let Ok(version) = has_curl else {
        println!("ignored: there is no curl");
        return;
    };
    let features = String::from_utf8(version.stdout).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = runtime.block_on(async {
        let server = site(Compression::new()).server().listen("127.0.0.1:0").banner(false).bind().unwrap();
        let address = server.addresses()[0];
        tokio::spawn(server.run());
        address
    });
    for length in [2000, 100_000] {
        let output = std::process::Command::new("curl")
            .args(["--compressed", "--silent", "--show-error", "--dump-header", "-"])
            .arg(format!("http://{address}/text/{length}"))
            .output()
            .unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.to_ascii_lowercase().contains("content-encoding: "), "{features}\n{head}");
        assert!(body == text(length), "{} bytes", body.len());
    }
}
