//! WebSockets (RFC 6455), with the feature `websocket`, on [tungstenite](https://docs.rs/tungstenite).
//!
//! A route takes a [`WebSocketUpgrade`], and answers with what [`on_upgrade`](WebSocketUpgrade::on_upgrade) makes of
//! it. The function given there is run with the [`WebSocket`] once the client has its answer, in a task of its own.
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
//! # Whose pages may connect
//! Browsers let any page open a WebSocket to any host, and send the cookies of that host along. So a page elsewhere
//! could speak for a user who is logged in here, which is called cross-site WebSocket hijacking. Unless it is said otherwise
//! a handshake with an `Origin` is taken only if that is the host that the request is for; without an
//! `Origin` it comes from no browser, and is taken. See [`origins`](WebSocketUpgrade::origins) and
//! [`any_origin`](WebSocketUpgrade::any_origin).
//!
//! Behind a proxy the host has to come through with its port: nginx needs `proxy_set_header Host $http_host;`, since `$host` is without
//! it, and a page on `https://example.com:8443` would be of another origin.
//!
//! # What is answered to what is no handshake
//!
//! | | |
//! |---|---|
//! | no `upgrade: websocket` | 426, with `upgrade: websocket` |
//! | a version other than 13 | 426, with `sec-websocket-version: 13` (RFC 6455, section 4.4) |
//! | another method than GET | 405 |
//! | no `connection: upgrade`, no `sec-websocket-key` or not one, a body, HTTP/1.0 | 400 |
//! | a page of another origin | 403 |
//! | a connection that cannot be upgraded, such as that of a test in process | 501 |
//!
//! # The end
//! When the function returns and every part of the socket is dropped, the socket is closed, with code 1000 unless
//! a [`close`](WebSocket::close) has said otherwise; with 1011 if the function fails or panics, and with 1009, 1007 or 1002 if it fails
//! for a message that is too long, for text that is not UTF-8, or for what is not the protocol. A panic takes nothing
//! else down.
//!
//! Pings are answered, and [sent](WebSocketUpgrade::ping_interval): a client that vanishes without a word is found out.
//!
//! When the server shuts down it closes each socket with 1001, "going away": the function sees its
//! [`recv`](WebSocket::recv) end. The server waits for it as for a request that is running.
//!
//! # Clients that do not read
//! [`send`](WebSocket::send) waits until the operating system has the message. It fails once the other side has taken nothing for the
//! server's [`write_timeout`](crate::Server::write_timeout), and the connection is closed. What is queued is at most the
//! [write buffer](WebSocketUpgrade::write_buffer_size), 128 KiB by default, and one message.
//!
//! # Compression
//! There is none: tungstenite does not implement permessage-deflate (RFC 7692), and clients that offer it are answered without.
//!
//! # HTTP/2
//! With the feature `http2` the server says to clients that they may open WebSockets as streams of a connection of HTTP/2 (RFC 8441), as
//! browsers then do. To routes and layers it is the same request, by GET; the status is 200 then, and not 101.

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
