//! The app of the fault tests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{App, Chain, Request, Response, Result, app, get, post};

/// The number of requests that have reached a handler.
pub static STARTED: AtomicU64 = AtomicU64::new(0);

#[get("/")]
fn hello() -> &'static str {
    STARTED.fetch_add(1, Ordering::Relaxed);
    "hello"
}

/// Responds after some milliseconds.
#[get("/slow/:ms")]
async fn slow(ms: u64) -> &'static str {
    STARTED.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(ms)).await;
    "slow"
}

/// Waits for some milliseconds, reads a body, and waits again.
#[post("/slow-upload/:ms")]
async fn slow_upload(ms: u64, req: &mut Request) -> Result<String> {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    let body = req.text().await?;
    tokio::time::sleep(Duration::from_millis(ms)).await;
    Ok(body)
}

/// Blocks its thread for some milliseconds.
#[get("/block/:ms")]
async fn block(ms: u64) -> &'static str {
    std::thread::sleep(Duration::from_millis(ms));
    "blocked"
}

/// Blocks a thread of `spawn_blocking`.
#[get("/spawn-blocking/:ms")]
async fn spawn_blocking(ms: u64) -> Result<&'static str> {
    tokio::task::spawn_blocking(move || std::thread::sleep(Duration::from_millis(ms))).await?;
    Ok("blocked")
}

/// A stream of many bytes.
#[get("/big/:kib")]
fn big(kib: u64, res: &mut Response) -> Result {
    res.write(async move |mut out| {
        for _ in 0..kib {
            out.write(vec![b'x'; 1024]).await?;
        }
        Ok(())
    })
}

/// As many bytes in one buffer.
#[get("/buffer/:kib")]
fn buffer(kib: usize) -> Vec<u8> {
    vec![b'x'; kib * 1024]
}

/// Reads a body of at most 100 kB.
#[post("/small")]
async fn small(body: bytes::Bytes) -> String {
    body.len().to_string()
}

/// Sends messages to a WebSocket until it fails.
#[get("/flood_websocket/:kib")]
fn flood_websocket(kib: usize, ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async move |mut socket| {
        let message = vec![0; kib * 1024];
        while socket.send(message.clone()).await.is_ok() {}
        ENDED.fetch_add(1, Ordering::Relaxed);
    })
}

/// The number of WebSockets of `flood_websocket` that have ended.
pub static ENDED: AtomicU64 = AtomicU64::new(0);

/// Responds with `ENDED`.
#[get("/ended")]
fn ended() -> String {
    ENDED.load(Ordering::Relaxed).to_string()
}

/// Counts the bytes of the body.
#[post("/upload")]
async fn upload(req: &mut Request) -> Result<String> {
    let mut bytes = 0;
    while let Some(chunk) = req.body_mut().chunk().await {
        bytes += chunk?.len();
    }
    Ok(bytes.to_string())
}

#[get("/socket")]
fn socket(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

pub fn app() -> App<impl Chain> {
    app![
        hello,
        slow,
        slow_upload,
        block,
        spawn_blocking,
        big,
        buffer,
        small,
        upload,
        socket,
        flood_websocket,
        ended
    ]
}
