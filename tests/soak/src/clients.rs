//! The clients: valid ones, and one for each fault.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::counts::Counts;
use crate::random::Random;
use crate::socket::Socket;

/// Longer than any step takes.
const TIMEOUT: Duration = Duration::from_secs(30);

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// Runs one client of a random kind.
pub(crate) async fn one(address: SocketAddr, random: &mut Random, counts: &Counts) {
    macro_rules! kinds {
        ($($weight:literal $kind:ident)*) => {{
            let mut at = random.below(0 $(+ $weight)*);
            $(
                if at < $weight {
                    let kind = stringify!($kind);
                    counts.kind(kind);
                    match timeout(TIMEOUT, $kind(address, random, counts)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(err)) => counts.failure(kind, &err.to_string()),
                        Err(_) => counts.failure(kind, "it hangs"),
                    }
                    return;
                }
                at -= $weight;
            )*
            let _ = at;
        }};
    }
    kinds! {
        8 keeps_alive
        4 pipelines
        3 closes_after_one_request
        2 sends_slowly
        3 resets_during_a_response
        3 sends_garbage
        3 opens_a_websocket
        1 drops_a_websocket
        1 violates_the_websocket_protocol
        2 half_closes
        2 uploads
        2 aborts_an_upload
        2 causes_a_panic
        1 causes_a_panic_in_a_body
        2 downloads
        1 sends_nothing
        2 speaks_http2
    }
}

/// How many tasks the server has, and how many requests that are not finished.
pub(crate) async fn state(address: SocketAddr) -> Result<(usize, usize)> {
    let mut socket = Socket::connect(address).await?;
    socket.get("/state").await?;
    let (_, body) = socket.response().await?;
    let body = String::from_utf8(body)?;
    let (tasks, unfinished) = body.split_once(' ').ok_or("no state")?;
    Ok((tasks.parse()?, unfinished.parse()?))
}

fn expect(what: &str, found: (u16, Vec<u8>), status: u16, body: &[u8]) -> Result {
    if found.0 == status && found.1 == body {
        return Ok(());
    }
    let (text, length) = (String::from_utf8_lossy(&found.1[..found.1.len().min(100)]), found.1.len());
    Err(format!("{what}: {} with {length} bytes, {text:?}", found.0).into())
}

async fn keeps_alive(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    for _ in 0..1 + random.below(30) {
        counts.requests(1);
        match random.below(4) {
            0 => {
                let body = random.body();
                socket.post("/echo", &body).await?;
                expect("an echo", socket.response().await?, 200, &body)?;
            }
            1 => {
                let time = random.below(20).to_string();
                socket.get(&format!("/slow/{time}")).await?;
                expect("a slow one", socket.response().await?, 200, time.as_bytes())?;
            }
            2 => {
                socket.get("/nowhere").await?;
                let (status, _) = socket.response().await?;
                if status != 404 {
                    return Err(format!("nowhere: {status}").into());
                }
            }
            _ => {
                socket.get("/").await?;
                expect("a good one", socket.response().await?, 200, b"hello")?;
            }
        }
        counts.responses(1);
    }
    Ok(())
}

async fn pipelines(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    let numbers: Vec<u64> = (0..16).map(|_| random.next()).collect();
    let requests: String =
        numbers.iter().map(|number| format!("GET /number/{number} HTTP/1.1\r\nhost: soak\r\n\r\n")).collect();
    counts.requests(16);
    socket.write(requests).await?;
    for number in numbers {
        expect("one of many", socket.response().await?, 200, number.to_string().as_bytes())?;
        counts.responses(1);
    }
    Ok(())
}

async fn closes_after_one_request(address: SocketAddr, _: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    socket.write("GET / HTTP/1.1\r\nhost: soak\r\nconnection: close\r\n\r\n").await?;
    expect("one", socket.response().await?, 200, b"hello")?;
    if !socket.rest().await.is_empty() {
        return Err("more than a response".into());
    }
    counts.responses(1);
    Ok(())
}

async fn sends_slowly(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    for piece in b"POST /echo HTTP/1.1\r\nhost: soak\r\ncontent-length: 8\r\n\r\n12345678".chunks(7) {
        socket.write(piece).await?;
        sleep(Duration::from_millis(1 + random.below(10) as u64)).await;
    }
    expect("a slow client", socket.response().await?, 200, b"12345678")?;
    counts.responses(1);
    Ok(())
}

async fn resets_during_a_response(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    socket.get(&format!("/big/{}", 1 + random.below(4096))).await?;
    let mut some = vec![0; 1 + random.below(100_000)];
    let _ = socket.stream.read(&mut some).await?;
    if random.below(2) == 0 {
        socket.stream.set_zero_linger()?;
    }
    counts.error();
    Ok(())
}

async fn sends_garbage(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    let mut garbage = random.bytes_below(2000);
    // A random first byte could begin a valid request.
    garbage.insert(0, 0x80);
    garbage.extend(b"\r\n\r\n");
    // The server may have closed before all of it was sent.
    let _ = socket.write(garbage).await;
    let response = socket.rest().await;
    if !response.is_empty() && !response.starts_with(b"HTTP/1.1 400 ") {
        return Err(format!("garbage: {:?}", String::from_utf8_lossy(&response)).into());
    }
    counts.error();
    Ok(())
}

async fn socket(address: SocketAddr) -> Result<tokio_tungstenite::WebSocketStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    Ok(tokio_tungstenite::client_async(format!("ws://{address}/socket"), stream).await?.0)
}

/// Sends messages, and checks their echoes.
async fn chat(
    socket: &mut tokio_tungstenite::WebSocketStream<TcpStream>,
    random: &mut Random,
    counts: &Counts,
) -> Result {
    for _ in 0..1 + random.below(20) {
        counts.requests(1);
        let message = match random.below(2) {
            0 => Message::text(random.next().to_string()),
            _ => Message::binary(random.body()),
        };
        socket.send(message.clone()).await?;
        if socket.next().await.ok_or("no more messages")?? != message {
            return Err("another message".into());
        }
        counts.responses(1);
    }
    Ok(())
}

async fn opens_a_websocket(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = socket(address).await?;
    chat(&mut socket, random, counts).await?;
    socket.close(None).await?;
    while let Some(message) = socket.next().await {
        if !message?.is_close() {
            return Err("a message after the end".into());
        }
    }
    Ok(())
}

async fn drops_a_websocket(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = socket(address).await?;
    chat(&mut socket, random, counts).await?;
    if random.below(2) == 0 {
        socket.get_ref().set_zero_linger()?;
    }
    counts.error();
    Ok(())
}

async fn violates_the_websocket_protocol(
    address: SocketAddr,
    random: &mut Random,
    counts: &Counts,
) -> Result {
    let mut socket = socket(address).await?;
    chat(&mut socket, random, counts).await?;
    // Bits that are reserved.
    socket.get_mut().write_all(&[0xff; 100]).await?;
    match socket.next().await {
        Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 1002 => {}
        other => return Err(format!("{other:?}").into()),
    }
    counts.error();
    Ok(())
}

async fn half_closes(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    socket.get(["/", "/slow/5"][random.below(2)]).await?;
    socket.stream.shutdown().await?;
    // To the server it may look like a disconnect: a complete response, or none.
    match socket.response().await {
        Ok((200, _)) => counts.responses(1),
        Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => counts.error(),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

async fn uploads(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    let body = random.bytes_below(4 << 20);
    let sum: u64 = body.iter().map(|byte| u64::from(*byte)).sum();
    socket.post("/upload", &body).await?;
    expect("an upload", socket.response().await?, 200, format!("{} {sum}", body.len()).as_bytes())?;
    counts.responses(1);
    Ok(())
}

async fn aborts_an_upload(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    let path = ["/upload", "/echo", "/nowhere"][random.below(3)];
    socket.write(format!("POST {path} HTTP/1.1\r\nhost: soak\r\ncontent-length: 2000000\r\n\r\n")).await?;
    socket.write(random.bytes_below(500_000)).await?;
    if random.below(2) == 0 {
        socket.stream.set_zero_linger()?;
    }
    counts.error();
    Ok(())
}

async fn causes_a_panic(address: SocketAddr, _: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(2);
    socket.get("/panics").await?;
    expect("a panic", socket.response().await?, 500, b"Internal Server Error")?;
    counts.error();
    socket.get("/").await?;
    expect("after a panic", socket.response().await?, 200, b"hello")?;
    counts.responses(1);
    Ok(())
}

async fn causes_a_panic_in_a_body(address: SocketAddr, _: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    socket.get("/breaks").await?;
    match socket.response().await {
        Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => counts.error(),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

async fn downloads(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let mut socket = Socket::connect(address).await?;
    counts.requests(1);
    let kib = random.below(4096);
    socket.get(&format!("/big/{kib}")).await?;
    let (status, body) = socket.response().await?;
    if status != 200 || body.len() != kib * 1024 {
        return Err(format!("a download: {status}, {} of {} bytes", body.len(), kib * 1024).into());
    }
    counts.responses(1);
    Ok(())
}

async fn sends_nothing(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let socket = Socket::connect(address).await?;
    sleep(Duration::from_millis(random.below(300) as u64)).await;
    drop(socket);
    counts.error();
    Ok(())
}

async fn speaks_http2(address: SocketAddr, random: &mut Random, counts: &Counts) -> Result {
    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await?;
    let connection = tokio::spawn(connection);
    let numbers: Vec<u64> = (0..1 + random.below(50)).map(|_| random.next()).collect();
    let requests = numbers.iter().map(async |number| {
        let mut sender = sender.clone();
        counts.requests(1);
        let url = format!("http://soak/number/{number}");
        let response = sender.send_request(hyper::Request::get(url).body(Empty::<Bytes>::new())?).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        expect("a stream", (status, body.to_vec()), 200, number.to_string().as_bytes())?;
        counts.responses(1);
        Result::Ok(())
    });
    let responses = futures_util::future::join_all(requests).await;
    // Some streams are reset before their response, some connections while idle.
    if random.below(2) == 0 {
        let left =
            sender.clone().send_request(hyper::Request::get("http://soak/slow/50").body(Empty::new())?);
        let _ = timeout(Duration::from_millis(5), left).await;
        counts.error();
    }
    if random.below(2) == 0 {
        connection.abort();
    }
    responses.into_iter().collect()
}
