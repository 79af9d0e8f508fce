//! Checking the client's handshake (RFC 6455, section 4.2.1).

use http::header::{CONNECTION, HeaderName, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{Method, Version};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::request::is_extended_connect;
use crate::{Error, Request, Result};

/// The result of a correct handshake.
pub(super) struct Handshake {
    /// The value of `sec-websocket-accept`; none over HTTP/2, which has no such header.
    pub(super) accept: Option<HeaderValue>,
    /// The connection, once the response is sent.
    pub(super) connection: OnUpgrade,
}

/// Whether the request asks for a WebSocket, correctly or not.
pub(super) fn is_asked_for(req: &Request) -> bool {
    is_extended_connect(req.extensions()) || lists(req, &UPGRADE, "websocket")
}

/// Checks a handshake, and takes the connection out of the request.
pub(super) fn check(req: &mut Request) -> Result<Handshake> {
    if !is_asked_for(req) {
        // RFC 9110, section 15.5.22, requires that the response names the protocol.
        return Err(Error::new(
            426,
            "this address serves only WebSockets, and the request has no `upgrade: websocket`",
        )
        .with_header(CONNECTION, "upgrade")
        .with_header(UPGRADE, "websocket"));
    }
    let is_extended_connect = is_extended_connect(req.extensions());
    if !is_extended_connect {
        if *req.method() != Method::GET {
            return Err(Error::new(
                405,
                format!("a WebSocket is opened by GET, and not by {}", req.method()),
            )
            .with_header("allow", "GET"));
        }
        if req.version() != Version::HTTP_11 {
            return Err(bad(format!("a WebSocket is opened by HTTP/1.1, and not by {:?}", req.version())));
        }
        if !lists(req, &CONNECTION, "upgrade") {
            return Err(bad("the request has `upgrade: websocket` without `connection: upgrade`"));
        }
    }
    if req.headers().get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Error::new(426, "the version of the WebSocket protocol has to be 13")
            .with_header(SEC_WEBSOCKET_VERSION, "13"));
    }
    let accept = if is_extended_connect { None } else { Some(accept(req)?) };
    if !req.body().is_end_stream() {
        return Err(bad("the request for a WebSocket has a body"));
    }
    match req.extensions_mut().remove::<OnUpgrade>() {
        Some(connection) => Ok(Handshake { accept, connection }),
        None => Err(Error::new(501, CANNOT_UPGRADE)),
    }
}

const CANNOT_UPGRADE: &str = "this connection cannot be upgraded to a WebSocket: in a test in process there is none (use \
     `testing::Client::serve`), or another layer has taken it";

/// The value of `sec-websocket-accept` for the client's key.
fn accept(req: &Request) -> Result<HeaderValue> {
    use base64::Engine as _;
    let mut keys = req.headers().get_all(SEC_WEBSOCKET_KEY).iter();
    let key = keys.next().ok_or_else(|| bad("the request for a WebSocket has no `sec-websocket-key`"))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(key);
    if keys.next().is_some() || bytes.map_or(true, |bytes| bytes.len() != 16) {
        return Err(bad("the `sec-websocket-key` is not 16 bytes in base64"));
    }
    let accept = derive_accept_key(key.as_bytes());
    HeaderValue::try_from(accept).map_err(Error::from)
}

fn bad(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(400, message)
}

/// Whether a header is a list with this word in it, compared without case.
fn lists(req: &Request, name: &HeaderName, word: &str) -> bool {
    items(req, name).any(|item| item.eq_ignore_ascii_case(word))
}

/// The items of a header that is a list.
pub(super) fn items<'a>(req: &'a Request, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = req.headers().get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty())
}
