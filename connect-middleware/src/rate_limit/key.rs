//! What requests are counted by.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use connect::Request;
use http::header::{HeaderName, HeaderValue};

/// Requests of one address are counted together.
#[derive(Debug)]
pub struct Address {
    /// Whether a request has shown which proxies the app trusts.
    checked: AtomicBool,
}

/// Requests with one key are counted together.
pub struct Chosen(KeyOf);

type KeyOf = Box<dyn Fn(&Request) -> Option<String> + Send + Sync>;

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chosen")
    }
}

impl Address {
    pub(super) fn new() -> Self {
        Address { checked: AtomicBool::new(false) }
    }
}

impl Chosen {
    pub(super) fn new(key: impl Fn(&Request) -> Option<String> + Send + Sync + 'static) -> Self {
        Chosen(Box::new(key))
    }
}

/// The key of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    V4(Ipv4Addr),
    /// The first 56 bits.
    V6(u64),
    Unknown,
    Text(String),
}

impl Key {
    fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Key::V4(address),
            Some(IpAddr::V6(address)) => Key::V6((address.to_bits() >> 72) as u64),
            None => Key::Unknown,
        }
    }
}

/// How a layer finds the key of a request.
pub trait By: Send + Sync + 'static {
    /// What a request counts to, if it counts.
    fn key(&self, req: &mut Request) -> Option<Key>;
}

impl By for Address {
    fn key(&self, req: &mut Request) -> Option<Key> {
        if !self.checked.load(Relaxed) && !self.checked.swap(true, Relaxed) && trusts_everybody(req) {
            tracing::warn!(
                "the app trusts every proxy, as with `TrustProxy::all`: clients choose their address with \
                 `X-Forwarded-For`, and a limit by address limits nobody. Name the proxies, or their number with \
                 `TrustProxy::hops`"
            );
        }
        Some(Key::of(req.ip()))
    }
}

impl By for Chosen {
    fn key(&self, req: &mut Request) -> Option<Key> {
        (self.0)(req).map(Key::Text)
    }
}

/// Whether the app trusts more proxies in a row than there are in front of any app.
///
/// A layer cannot read the app's `TrustProxy`, so the header names many proxies for a moment, to see how many are trusted.
#[cold]
fn trusts_everybody(req: &mut Request) -> bool {
    const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    const PROXIES: usize = 100;
    // An address for documentation, which no list of proxies contains.
    let Ok(proxies) = HeaderValue::try_from(vec!["192.0.2.1"; PROXIES].join(",")) else { return false };
    let sent: Vec<_> = req.headers().get_all(&FORWARDED_FOR).iter().cloned().collect();
    req.headers_mut().insert(FORWARDED_FOR, proxies);
    let trusts = req.ips().len() == PROXIES;
    req.headers_mut().remove(FORWARDED_FOR);
    for value in sent {
        req.headers_mut().append(FORWARDED_FOR, value);
    }
    trusts
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn addresses_of_one_customer_are_one_key() {
        let key = |text: &str| Key::of(Some(text.parse().unwrap()));
        assert_eq!(key("203.0.113.7"), key("::ffff:203.0.113.7"));
        assert_ne!(key("203.0.113.7"), key("203.0.113.8"));
        assert_eq!(key("2001:db8:0:1200::1"), key("2001:db8:0:12ff:ffff::9"));
        assert_ne!(key("2001:db8:0:1200::1"), key("2001:db8:0:1300::1"));
        assert_eq!(Key::of(None), Key::Unknown);
    }
}
