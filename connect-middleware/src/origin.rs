//! Origins, as RFC 6454, section 6.2, serializes them: `https://app.example.com`.

/// A scheme and a host, perhaps with a port; or `null`.
pub(crate) fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return text == "null" };
    let is_lower = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    !scheme.is_empty()
        && !host.is_empty()
        && text.bytes().all(is_lower)
        && !host.contains(['/', '?', '#', '@', '*', ','])
}

/// Panics if it is not one.
pub(crate) fn assert_origin(text: &str) {
    assert!(
        is_origin(text),
        "`{text}` is not an origin: write a scheme and a host in lower case, and nothing behind them, as in \
         `https://app.example.com` or `http://localhost:3000`"
    );
}

/// The host of an origin, with its port.
#[cfg(feature = "csrf")]
pub(crate) fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}
