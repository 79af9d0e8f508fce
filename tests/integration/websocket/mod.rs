//! WebSockets over real sockets, with tungstenite's client, and with raw bytes where that client would not send them.

mod handshake;
mod http2;
mod lifecycle;
mod messages;

use std::time::Duration;

use connect::websocket::{Message, SwitchingProtocols, WebSocketError, WebSocketUpgrade};
use connect::{App, Chain, Environment, Result, get};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::Server;

const TIMEOUT: Duration = Duration::from_secs(20);

const HANDSHAKE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
     sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[get("/echo")]
fn echo(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.max_message_size(100_000).on_upgrade(async |mut socket| {
        while let Some(message) = socket.recv().await {
            socket.send(message?).await?;
        }
        Ok(())
    })
}

/// Opens a WebSocket, with headers; the status if the handshake is refused.
async fn open(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    let stream = TcpStream::connect(server.address).await.expect("the server accepts");
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, response)) => {
            let protocol = response.headers().get("sec-websocket-protocol");
            let protocol = protocol.map(|protocol| protocol.to_str().expect("text").to_owned());
            Ok(Socket { socket, protocol })
        }
        Err(WebSocketError::Http(response)) => Err(response.status().as_u16()),
        Err(err) => panic!("no response: {err}"),
    }
}

struct Socket {
    socket: WebSocketStream<TcpStream>,
    protocol: Option<String>,
}

impl Socket {
    async fn open(server: &Server, path: &str) -> Self {
        open(server, path, &[]).await.expect("it is opened")
    }

    async fn send(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).await.expect("it is sent");
    }

    /// The next message of whatever kind; `None` at the end.
    async fn next(&mut self) -> Option<Message> {
        let next = timeout(TIMEOUT, self.socket.next()).await.expect("in time");
        next.map(|message| message.expect("a message"))
    }

    /// Reads up to the code that the server closes the socket with.
    async fn code(&mut self) -> u16 {
        loop {
            match self.next().await.expect("a message that closes it") {
                Message::Close(frame) => return frame.expect("a code").code.into(),
                _ => continue,
            }
        }
    }
}

/// Starts a server, with the sender that shuts it down.
async fn start_until<C: Chain>(app: App<C>) -> (RunningServer, tokio::sync::oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(app.environment(Environment::Test).serve_until(listener, stopped));
    (RunningServer { address, task }, stop)
}

struct RunningServer {
    address: std::net::SocketAddr,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn open_at(address: std::net::SocketAddr, path: &str) -> Socket {
    let request = format!("ws://{address}{path}").into_client_request().expect("a request");
    let stream = TcpStream::connect(address).await.expect("the server accepts");
    let (socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("it is opened");
    Socket { socket, protocol: None }
}
