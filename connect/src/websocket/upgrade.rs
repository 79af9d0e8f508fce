//! The extractor of a WebSocket request, and the response that opens the socket.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{HeaderMap, StatusCode};
use hyper::upgrade::OnUpgrade;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::handshake::{self, Handshake};
use super::origin::Origin;
use super::socket::WebSocket;
use super::task::{self, Parts, SocketResult};
use crate::connection::{Connection, Stage};
use crate::{Body, Error, FromRequest, ReadsHead, Request, Responder, Response, Result};

/// The default limit of a message: 1 MiB.
const MESSAGE: usize = 1 << 20;

/// The read buffer of each socket. tungstenite's default is 128 KiB, which is too much for a thousand idle sockets.
const READ_BUFFER: usize = 8 << 10;

/// The default interval of pings. Proxies close connections that are idle for a minute.
const PING: Duration = Duration::from_secs(30);

/// A request for a WebSocket, as a parameter of a route.
///
/// The handshake is checked before the function is called, and a malformed one is [refused](super#refused-handshakes) with a
/// message that says what is wrong. `Option<WebSocketUpgrade>` is `None` for a request that asks for no WebSocket, so that
/// one path can serve both a page and its socket.
///
/// ```
/// use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
/// use connect::{app, get};
///
/// #[get("/chat")]
/// async fn chat(ws: WebSocketUpgrade) -> SwitchingProtocols {
///     ws.max_message_size(4096).on_upgrade(async |mut socket| {
///         while let Some(Ok(message)) = socket.recv().await {
///             println!("{message}");
///         }
///     })
/// }
///
/// let app = app![chat];
/// ```
#[must_use = "a WebSocket is opened by `on_upgrade`, whose value the route returns"]
pub struct WebSocketUpgrade {
    /// None over HTTP/2.
    accept: Option<HeaderValue>,
    connection: OnUpgrade,
    config: WebSocketConfig,
    offered: Vec<String>,
    protocol: Option<HeaderValue>,
    origin: Origin,
    ping: Option<Duration>,
    server: Option<Arc<Connection>>,
    path: String,
}

impl WebSocketUpgrade {
    /// Sets the subprotocols that the server speaks, the best first: none by default.
    ///
    /// The first that the client offers too is selected (RFC 6455, section 1.9). If there is none, the socket is opened
    /// without one, and the client may close it.
    ///
    /// ```
    /// use connect::get;
    /// use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
    ///
    /// #[get("/graphql")]
    /// fn graphql(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ///     let ws = ws.protocols(["graphql-transport-ws", "graphql-ws"]);
    ///     println!("speaking {:?}", ws.protocol());
    ///     ws.on_upgrade(async |socket| drop(socket))
    /// }
    /// ```
    pub fn protocols<P: AsRef<str>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        // Names of subprotocols are case-sensitive.
        let selected =
            protocols.into_iter().find(|ours| self.offered.iter().any(|theirs| theirs == ours.as_ref()));
        self.protocol = selected.and_then(|protocol| HeaderValue::from_str(protocol.as_ref()).ok());
        self
    }

    /// The subprotocol that was selected.
    #[must_use]
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_ref()?.to_str().ok()
    }

    /// The subprotocols that the client offers, in its order of preference.
    #[must_use]
    pub fn offered_protocols(&self) -> &[String] {
        &self.offered
    }

    /// Sets how long a message may be, in bytes: 1 MiB by default. A longer one is an error of [`recv`](WebSocket::recv),
    /// and closes the socket with code 1009.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.config.max_message_size = Some(bytes);
        self
    }

    /// Sets how long a frame may be, in bytes: as long as a message by default. A message may have many frames.
    pub fn max_frame_size(mut self, bytes: usize) -> Self {
        self.config.max_frame_size = Some(bytes);
        self
    }

    /// Sets the size of the read buffer, in bytes: 8 KiB by default. It is allocated when the socket is opened.
    pub fn read_buffer_size(mut self, bytes: usize) -> Self {
        self.config.read_buffer_size = bytes;
        self
    }

    /// Sets how many bytes of messages are buffered before they are written, where messages are fed to the socket as a
    /// `Sink`: 128 KiB by default. [`send`](WebSocket::send) writes each message at once.
    pub fn write_buffer_size(mut self, bytes: usize) -> Self {
        self.config.write_buffer_size = bytes;
        self
    }

    /// Sets the interval at which the socket sends a ping: 30 seconds by default, `None` for never.
    ///
    /// If the client sends nothing for two to three intervals, not even replies to pings, it has disappeared, and
    /// [`recv`](WebSocket::recv) returns `None`. The pings also keep proxies from closing the connection as idle.
    pub fn ping_interval(mut self, every: impl Into<Option<Duration>>) -> Self {
        self.ping = every.into().filter(|every| !every.is_zero());
        self
    }

    /// Accepts only pages of these origins, and clients that are not browsers. Pages of this host are accepted only if
    /// its origin is in the list; by default only they are accepted.
    ///
    /// A list also protects against DNS rebinding: a page under a name that an attacker has pointed to this host's
    /// address is, to the browser, of the same host.
    ///
    /// ```
    /// use connect::get;
    /// use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
    ///
    /// #[get("/chat")]
    /// fn chat(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ///     ws.origins(["https://example.com", "http://localhost:5173"]).on_upgrade(async |socket| drop(socket))
    /// }
    /// ```
    pub fn origins<O: AsRef<str>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origin.allow_only(origins);
        self
    }

    /// Accepts pages of any origin. By default only those of this host are accepted.
    ///
    /// Use it if the cookies that a browser sends do not matter: for public data, or if each user sends a token over
    /// the socket.
    pub fn any_origin(mut self) -> Self {
        self.origin.allow_all();
        self
    }

    /// Makes the response that opens the socket, for the route to return.
    ///
    /// The function runs with the socket once this response is sent, in a task of its own, and never if another response is
    /// sent. It returns `()` or [`Result`](crate::Result)`<()>`: see [`SocketResult`]. The route has returned when it runs,
    /// so it has to own what it uses of the route's parameters:
    ///
    /// ```
    /// use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
    /// use connect::{app, get, provide};
    ///
    /// #[derive(Clone)]
    /// struct Greeting(String);
    ///
    /// #[get("/greeting")]
    /// fn greeting(ws: WebSocketUpgrade, greeting: &Greeting) -> SwitchingProtocols {
    ///     let Greeting(text) = greeting.clone();
    ///     ws.on_upgrade(async move |mut socket| {
    ///         socket.send(text).await?;
    ///         Ok(())
    ///     })
    /// }
    ///
    /// let app = app![provide(Greeting("hello".to_owned())), greeting];
    /// ```
    pub fn on_upgrade<F, Fut>(self, handler: F) -> SwitchingProtocols
    where
        F: FnOnce(WebSocket) -> Fut + Send + 'static,
        Fut: Future<Output: SocketResult> + Send + 'static,
    {
        if let Err(refused) = self.origin.check() {
            return SwitchingProtocols(Err(refused));
        }
        let mut headers = HeaderMap::with_capacity(4);
        let status = match self.accept {
            Some(accept) => {
                headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
                headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
                StatusCode::SWITCHING_PROTOCOLS
            }
            // Over HTTP/2 the status of the stream is the reply (RFC 8441, section 5).
            None => StatusCode::OK,
        };
        if let Some(protocol) = &self.protocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol.clone());
        }
        let (sent, is_sent) = oneshot::channel();
        let parts = Parts {
            connection: self.connection,
            config: self.config,
            protocol: self.protocol,
            server: self.server,
            ping: self.ping,
            path: self.path,
        };
        tokio::spawn(task::run(parts, is_sent, handler));
        SwitchingProtocols(Ok((status, headers, sent)))
    }
}

impl std::fmt::Debug for WebSocketUpgrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebSocketUpgrade")
            .field("path", &self.path)
            .field("offered_protocols", &self.offered)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl FromRequest for WebSocketUpgrade {
    type Reads = ReadsHead;
    type Rejection = Error;

    async fn from_request(req: &mut Request) -> Result<Self> {
        let Handshake { accept, connection } = handshake::check(req)?;
        if req.shutdown().has_reached(Stage::Closing) {
            return Err(Error::new(503, "the server is shutting down and opens no more WebSockets"));
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(MESSAGE))
            // The message limit also rejects longer frames.
            .max_frame_size(None);
        Ok(WebSocketUpgrade {
            accept,
            connection,
            config,
            offered: handshake::items(req, &SEC_WEBSOCKET_PROTOCOL).map(str::to_owned).collect(),
            protocol: None,
            origin: Origin::of(req),
            ping: Some(PING),
            server: req.connection().cloned(),
            path: req.original_uri().path().to_owned(),
        })
    }

    fn is_absent(req: &Request) -> bool {
        !handshake::is_asked_for(req)
    }
}

/// The response that opens a WebSocket, from [`on_upgrade`](WebSocketUpgrade::on_upgrade): status 101, or 200 over HTTP/2.
/// If the origin is not allowed, it is an error with status 403.
#[derive(Debug)]
#[must_use = "the route has to return it: otherwise the handshake is not answered, and the socket is never opened"]
pub struct SwitchingProtocols(Result<(StatusCode, HeaderMap, oneshot::Sender<bool>)>);

#[diagnostic::do_not_recommend]
impl Responder for SwitchingProtocols {
    fn respond(self, res: &mut Response) -> Result {
        let (status, headers, sent) = self.0?;
        res.begin()?;
        for (name, value) in &headers {
            res.set(name, value.clone());
        }
        // Layers above may change the status, and then the socket is not opened.
        res.on_finish(move |finish| {
            // There is no receiver if the program ends.
            let _ = sent.send(finish.status == Some(status));
        });
        res.status(status);
        Ok(res.finish(Body::empty()))
    }
}
