//! WebSockets: two connections whose bytes are copied in both directions.

use connect::{Error, Request, Response, Result, Shutdown};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::sync::oneshot;

use super::headers::{self, lists};

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const UPGRADE: HeaderValue = HeaderValue::from_static("upgrade");

/// How a client asks for a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// By `Upgrade` in HTTP/1.1.
    Upgrade,
    /// By the extended `CONNECT` of HTTP/2 (RFC 8441), which connect presents as a `GET`.
    Connect,
}

/// Whether a request asks for a WebSocket. No other protocol is tunnelled: by `Upgrade: h2c` requests would get past all layers.
pub(super) fn asked(req: &Request) -> Option<Asked> {
    if *req.method() != Method::GET || req.extensions().get::<OnUpgrade>().is_none() {
        return None;
    }
    match req.version() {
        // Only an extended `CONNECT` has an upgrade in HTTP/2.
        Version::HTTP_2 => Some(Asked::Connect),
        Version::HTTP_11
            if lists(req.headers(), &header::UPGRADE, "websocket")
                && lists(req.headers(), &header::CONNECTION, "upgrade") =>
        {
            Some(Asked::Upgrade)
        }
        _ => None,
    }
}

/// Adds what asks the target for a WebSocket.
pub(super) fn ask(asked: Asked, sent: &mut HeaderMap) -> Result<()> {
    sent.insert(header::CONNECTION, UPGRADE);
    sent.insert(header::UPGRADE, WEBSOCKET);
    if asked == Asked::Connect {
        use base64::Engine as _;
        // HTTP/2 has no such header, and HTTP/1.1 requires it.
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(|err| Error::msg("no random bytes").with_source(err))?;
        let key = base64::engine::general_purpose::STANDARD.encode(key);
        sent.insert(header::SEC_WEBSOCKET_KEY, HeaderValue::try_from(key)?);
    }
    Ok(())
}

/// Answers a client whose WebSocket the target has opened, and copies the bytes from then on.
pub(super) fn open(
    asked: Asked,
    mut upstream: http::Response<Incoming>,
    req: &mut Request,
    res: &mut Response,
) -> Result {
    if !lists(upstream.headers(), &header::UPGRADE, "websocket") {
        return Err(Error::new(502, "the upstream server has switched to another protocol"));
    }
    let Some(client) = req.extensions_mut().remove::<OnUpgrade>() else {
        return Err(Error::new(501, "this connection cannot be upgraded"));
    };
    let status = match asked {
        Asked::Upgrade => StatusCode::SWITCHING_PROTOCOLS,
        Asked::Connect => StatusCode::OK,
    };
    headers::answer(StatusCode::OK, upstream.headers(), res);
    match asked {
        Asked::Upgrade => {
            res.set(header::CONNECTION, UPGRADE).set(header::UPGRADE, WEBSOCKET);
        }
        Asked::Connect => {
            res.remove(header::SEC_WEBSOCKET_ACCEPT.as_str());
        }
    }
    let (sent, is_sent) = oneshot::channel();
    // Layers above may change the status, and then there is no tunnel.
    res.on_finish(move |finish| {
        let _ = sent.send(finish.status == Some(status));
    });
    tokio::spawn(copy(client, hyper::upgrade::on(&mut upstream), is_sent, req.shutdown()));
    let done = res.end("")?;
    // Not before: methods that answer refuse 1xx, which by itself would be no response.
    res.status(status);
    Ok(done)
}

async fn copy(client: OnUpgrade, upstream: OnUpgrade, is_sent: oneshot::Receiver<bool>, shutdown: Shutdown) {
    if !matches!(is_sent.await, Ok(true)) {
        return;
    }
    let (client, upstream) = match tokio::try_join!(client, upstream) {
        Ok(both) => both,
        Err(err) => {
            tracing::debug!("no WebSocket was opened through the proxy: {err}");
            return;
        }
    };
    let (mut client, mut upstream) = (TokioIo::new(client), TokioIo::new(upstream));
    tokio::select! {
        ended = copy_bidirectional(&mut client, &mut upstream) => {
            if let Err(err) = ended {
                tracing::debug!("a WebSocket through the proxy ended: {err}");
            }
        }
        // The server waits for no tunnel, and its client opens another one elsewhere.
        () = shutdown.started() => {}
    }
}
