//! WebSockets (RFC 6455), with the feature `websocket`, on [tungstenite](https://docs.rs/tungstenite).
//!
//! A route takes a [`WebSocketUpgrade`], and returns the response of [`on_upgrade`](WebSocketUpgrade::on_upgrade). The
//! function given to it runs with the [`WebSocket`] once the response is sent, in a task of its own.
//!
//! ```
//! use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
//! use connect::{app, get};
//!
//! #[get("/echo")]
//! fn echo(ws: WebSocketUpgrade) -> SwitchingProtocols {
//!     ws.on_upgrade(async |mut socket| {
//!         while let Some(message) = socket.recv().await {
//!             socket.send(message?).await?;
//!         }
//!         Ok(())
//!     })
//! }
//!
//! let app = app![echo];
//! ```
//!
//! # Allowed origins
//! Browsers let any page open a WebSocket to any host, and send the cookies of that host along. So a page of another site
//! could act for a user who is logged in here, which is called cross-site WebSocket hijacking. By default a handshake with
//! an `Origin` is accepted only if that is the host that the request is for. A handshake without an `Origin` comes from no
//! browser, and is accepted. See [`origins`](WebSocketUpgrade::origins) and [`any_origin`](WebSocketUpgrade::any_origin).
//!
//! A proxy has to pass on the host with its port: nginx needs `proxy_set_header Host $http_host;`, since `$host` lacks the
//! port, and a page on `https://example.com:8443` would be of another origin.
//!
//! # Refused handshakes
//!
//! | the request | the response |
//! |---|---|
//! | has no `upgrade: websocket` | 426, with `upgrade: websocket` |
//! | has another version than 13 | 426, with `sec-websocket-version: 13` (RFC 6455, section 4.4) |
//! | has another method than GET | 405 |
//! | has no `connection: upgrade`, no `sec-websocket-key`, a malformed one, a body, or is of HTTP/1.0 | 400 |
//! | comes from a page of another origin | 403 |
//! | has no connection that can be upgraded, as in a test in process | 501 |
//!
//! # Closing, pings and shutdown
//! When the function has returned and every part of the socket is dropped, the task closes the socket:
//!
//! | the function | code |
//! |---|---|
//! | returns | 1000, or that of a [`close`](WebSocket::close) before |
//! | fails or panics | 1011 |
//! | received a message that is too long | 1009 |
//! | received text that is not UTF-8 | 1007 |
//! | received what is not the protocol | 1002 |
//!
//! A panic ends its own socket alone.
//!
//! The socket answers pings and [sends](WebSocketUpgrade::ping_interval) them, every 30 seconds by default, and so detects
//! clients that disappeared without closing the connection.
//!
//! When the server shuts down it closes each socket with 1001, "going away": the function sees its
//! [`recv`](WebSocket::recv) end. The server waits for it as for a running request.
//!
//! # Clients that do not read
//! [`send`](WebSocket::send) waits until the kernel has the message. It fails once the client has read nothing for the
//! server's [`write_timeout`](crate::Server::write_timeout), 60 seconds by default, and the connection is closed. At most
//! the [write buffer](WebSocketUpgrade::write_buffer_size), 128 KiB by default, and one message are queued.
//!
//! # Compression
//! There is none: tungstenite does not implement permessage-deflate (RFC 7692), and clients that offer it get a socket
//! without.
//!
//! # HTTP/2
//! With the feature `http2` the server announces to clients that they may open WebSockets as streams of a connection of
//! HTTP/2 (RFC 8441), as browsers then do. To routes and layers it is the same request, by GET; its status is 200, and not
//! 101.

mod counted;
mod handshake;
mod origin;
mod shared;
mod socket;
mod task;
mod upgrade;

pub use tokio_tungstenite::tungstenite::protocol::CloseFrame;
pub use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
pub use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message, Utf8Bytes};

pub use self::socket::{Sending, WebSocket, WebSocketReceiver, WebSocketSender};
pub use self::task::SocketResult;
pub use self::upgrade::{SwitchingProtocols, WebSocketUpgrade};
