//! A chat: a page, and a WebSocket for each client that has it open.
//!
//! It listens on the address in the variable `ADDRESS`, by default `127.0.0.1:3000`, and prints the address and the stack.
//! Open it in two windows. With PEM files in `CERTIFICATES` and `KEY` it serves HTTPS, and browsers use HTTP/2.

use std::env;

use connect::websocket::{CloseCode, Message, SwitchingProtocols, Utf8Bytes, WebSocketUpgrade};
use connect::{Html, Tls, app, get, provide};
use tokio::sync::broadcast::{self, error::RecvError};

/// Broadcasts every message to all clients. A text is shared between the sockets, not copied.
#[derive(Clone)]
struct Room(broadcast::Sender<Utf8Bytes>);

#[get("/")]
fn page() -> Html<&'static str> {
    Html(include_str!("../../public/chat.html"))
}

#[get("/chat")]
fn chat(ws: WebSocketUpgrade, room: &Room) -> SwitchingProtocols {
    let Room(room) = room.clone();
    ws.max_message_size(4096).on_upgrade(async move |mut socket| {
        let mut messages = room.subscribe();
        loop {
            tokio::select! {
                message = socket.recv() => match message {
                    // There is at least one receiver: this socket.
                    Some(Ok(Message::Text(text))) => drop(room.send(text)),
                    Some(Ok(_)) => socket.close(CloseCode::Unsupported, "text, please").await?,
                    // Closed, or disconnected.
                    Some(Err(_)) | None => return Ok(()),
                },
                text = messages.recv() => match text {
                    Ok(text) => socket.send(Message::Text(text)).await?,
                    // This client reads too slowly.
                    Err(RecvError::Lagged(missed)) => socket.send(format!("({missed} messages are missing)")).await?,
                    Err(RecvError::Closed) => return Ok(()),
                },
            }
        }
    })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let room = Room(broadcast::Sender::new(256));
    let mut server = app![provide(room), page, chat].server().listen(connect_examples::address());
    if let (Ok(certificates), Ok(key)) = (env::var("CERTIFICATES"), env::var("KEY")) {
        server = server.tls(Tls::pem_files(certificates, key)?);
    }
    server.run().await
}
