//! Requests for a WebSocket over HTTP/2.

use http::Extensions;

/// Whether a request asks for a WebSocket over HTTP/2 (RFC 8441, section 5).
pub(crate) fn is_extended_connect(extensions: &Extensions) -> bool {
    #[cfg(feature = "http2")]
    return extensions
        .get::<hyper::ext::Protocol>()
        .is_some_and(|protocol| protocol.as_str().eq_ignore_ascii_case("websocket"));
    #[cfg(not(feature = "http2"))]
    {
        let _ = extensions;
        false
    }
}
