//! The headers that a proxy sends on, removes and adds.

use std::fmt::Write as _;

use connect::{Request, Response};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{StatusCode, Version};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Whether a header is for this connection alone (RFC 9110, section 7.6.1). `Proxy` is no header of HTTP, but CGI programs take it
/// for a setting.
fn is_of_connection(name: &HeaderName) -> bool {
    *name == header::CONNECTION
        || *name == header::TRANSFER_ENCODING
        || *name == header::UPGRADE
        || *name == header::TE
        || *name == KEEP_ALIVE
        || *name == "proxy"
        || name.as_str().starts_with("proxy-")
}

/// Whether a header says where a request comes from, or is set anew for the target.
fn is_set_anew(name: &HeaderName) -> bool {
    *name == header::HOST
        || *name == header::CONTENT_LENGTH
        || *name == header::EXPECT
        || *name == header::FORWARDED
        || *name == "x-real-ip"
        || name.as_str().starts_with("x-forwarded-")
}

/// Whether a list in a header has a word, compared without case.
pub(super) fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let mut items = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        items.any(|item| {
            // `trailers;q=0.5` has a parameter.
            let item = item.split(|byte| *byte == b';').next().unwrap_or_default();
            item.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
        })
    })
}

/// The headers that go to the target, except those of the body and of an upgrade.
pub(super) fn of_request(req: &Request, host: Option<HeaderValue>) -> HeaderMap {
    let received = req.headers();
    let has_named = received.contains_key(header::CONNECTION);
    let mut sent = HeaderMap::with_capacity(received.len() + 5);
    for (name, value) in received {
        let is_named = has_named && lists(received, &header::CONNECTION, name.as_str());
        if !(is_named || is_of_connection(name) || is_set_anew(name)) {
            sent.append(name.clone(), value.clone());
        }
    }
    if lists(received, &header::TE, "trailers") {
        sent.insert(header::TE, HeaderValue::from_static("trailers"));
        sent.insert(header::CONNECTION, HeaderValue::from_static("te"));
    }
    if let Some(host) = host {
        sent.insert(header::HOST, host);
    }
    add_forwarded(req, &mut sent);
    sent.append(header::VIA, via(req.version()));
    sent
}

/// What the app itself believes goes on: so much as trusted proxies have said, and nothing of other clients.
fn add_forwarded(req: &Request, sent: &mut HeaderMap) {
    let mut addresses = String::new();
    for ip in req.ips() {
        let _ = write!(addresses, "{ip}, ");
    }
    if let Some(peer) = req.peer() {
        let _ = write!(addresses, "{}", peer.ip().to_canonical());
        if let Ok(addresses) = HeaderValue::try_from(addresses) {
            sent.insert("x-forwarded-for", addresses);
        }
    }
    if let Ok(scheme) = HeaderValue::from_str(req.scheme()) {
        sent.insert("x-forwarded-proto", scheme);
    }
    if let Some(host) = req.host().and_then(|host| HeaderValue::from_str(host).ok()) {
        sent.insert("x-forwarded-host", host);
    }
}

fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 connect",
        Version::HTTP_2 => "2.0 connect",
        _ => "1.1 connect",
    })
}

/// Sets the status and the headers of the target's response. They replace those of layers above; a list that both have is one.
pub(super) fn answer(status: StatusCode, received: &HeaderMap, res: &mut Response) {
    res.status(status);
    let has_named = received.contains_key(header::CONNECTION);
    // A length beside it is not that of the body (RFC 9112, section 6.3).
    let is_coded = received.contains_key(header::TRANSFER_ENCODING);
    for name in received.keys() {
        let is_named = has_named && lists(received, &header::CONNECTION, name.as_str());
        if is_named || is_of_connection(name) || (is_coded && *name == header::CONTENT_LENGTH) {
            continue;
        }
        if *name != header::SET_COOKIE && *name != header::VARY {
            res.headers_mut().remove(name);
        }
        for value in received.get_all(name) {
            res.headers_mut().append(name.clone(), value.clone());
        }
    }
}
