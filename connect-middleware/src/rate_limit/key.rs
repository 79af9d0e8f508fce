//! What requests are counted by.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use connect::{Request, Startup, TrustProxy};

/// Requests of one address are counted together.
#[derive(Debug)]
pub struct Address(());

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
        Address(())
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
    fn key(&self, req: &Request) -> Option<Key>;

    /// Warns where the app makes it worthless.
    fn on_startup(&self, startup: &Startup) {
        let _ = startup;
    }
}

impl By for Address {
    fn key(&self, req: &Request) -> Option<Key> {
        Some(Key::of(req.ip()))
    }

    fn on_startup(&self, startup: &Startup) {
        if startup.trust_proxy().is_some_and(TrustProxy::trusts_every_address) {
            tracing::warn!(
                "the app trusts every proxy, as with `TrustProxy::all`: clients choose their address with \
                 `X-Forwarded-For`, and a limit by address limits nobody. Name the proxies, or their number with \
                 `TrustProxy::hops`"
            );
        }
    }
}

impl By for Chosen {
    fn key(&self, req: &Request) -> Option<Key> {
        (self.0)(req).map(Key::Text)
    }
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
