//! The app that the suites run against.

use std::path::PathBuf;
use std::time::Duration;

use connect::bytes::Bytes;
use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{
    App, Body, Chain, Event, Events, Request, Response, Result, app, body_limit, get, post, serve_static,
};
use tokio_stream::StreamExt;

/// The largest message, frame and body, in bytes. Autobahn's largest message is 16 MiB.
const LARGEST: usize = 64 << 20;

/// A text that is longer than the windows which h2spec sets.
#[get("/")]
fn index() -> &'static str {
    "connect: a server for h2spec, Autobahn, slowhttptest and proxies\n"
}

/// Every message of a WebSocket, sent back.
#[get("/echo")]
fn echo(ws: WebSocketUpgrade) -> SwitchingProtocols {
    let ws = ws.max_message_size(LARGEST).max_frame_size(LARGEST).any_origin();
    ws.on_upgrade(async |mut socket| {
        while let Some(message) = socket.recv().await {
            socket.send(message?).await?;
        }
        Ok(())
    })
}

/// The body of the request, sent back, so that the client can compare it.
#[post("/upload", body_limit(LARGEST))]
fn upload(body: Bytes) -> Body {
    body.into()
}

/// 16 MiB, made while they are sent.
#[get("/big")]
fn big(res: &mut Response) -> Result {
    res.write(async move |mut out| {
        for _ in 0..256 {
            out.write(vec![b'x'; 64 << 10]).await?;
        }
        Ok(())
    })
}

/// An event every 200 ms. It goes on after the client's `Last-Event-ID`.
#[get("/events")]
fn events(req: &Request, res: &mut Response) -> Result {
    let first = req.last_event_id().and_then(|id| id.parse().ok()).map_or(0, |last: u64| last + 1);
    let ticks = tokio_stream::iter(first..).throttle(Duration::from_millis(200));
    res.events(Events::new(ticks.map(|tick| Event::data(format!("tick {tick}")).id(tick))))
}

/// The app, with the files of a folder under `/files`.
pub(crate) fn app(files: Option<PathBuf>) -> App<impl Chain> {
    app![index, echo, upload, big, events, "/files" => [files.map(serve_static)]]
}
