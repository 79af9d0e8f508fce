//! Trusted proxies.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// The proxies in front of an app whose `X-Forwarded-*` headers are trusted: Express's `trust proxy`. By default none
/// is.
///
/// Any client can send these headers. Trust only proxies that are there: otherwise clients can choose their own
/// address. The proxies have to remove or overwrite `X-Forwarded-Host` and `X-Forwarded-Proto` of their clients, and to
/// append to `X-Forwarded-For`.
///
/// ```
/// use connect::TrustProxy;
///
/// // One proxy in front of the app, whatever its address.
/// let one = TrustProxy::hops(1);
/// // The proxies at these addresses.
/// let known: TrustProxy = "loopback, 10.0.0.0/8, fd00::1".parse().unwrap();
/// assert!("10.0.0.0/33".parse::<TrustProxy>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustProxy(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Hops(usize),
    Networks(Vec<IpNet>),
}

/// The names for networks, as in Express.
const NAMED: [(&str, &[&str]); 3] = [
    ("loopback", &["127.0.0.1/8", "::1/128"]),
    ("linklocal", &["169.254.0.0/16", "fe80::/10"]),
    ("uniquelocal", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]),
];

impl TrustProxy {
    /// Trusts no proxy: the address of a request is that of the connection.
    #[must_use]
    pub const fn none() -> Self {
        TrustProxy(Kind::Hops(0))
    }

    /// Trusts the nearest `hops` proxies. Use it if every connection to the app passes through so many.
    #[must_use]
    pub const fn hops(hops: usize) -> Self {
        TrustProxy(Kind::Hops(hops))
    }

    /// Trusts every address. Use it only if the outermost proxy overwrites all of the headers.
    #[must_use]
    pub const fn all() -> Self {
        TrustProxy(Kind::Hops(usize::MAX))
    }

    /// Trusts proxies with addresses in these networks.
    ///
    /// ```
    /// use connect::{ipnet::IpNet, TrustProxy};
    ///
    /// let net: IpNet = "10.0.0.0/8".parse().unwrap();
    /// assert_eq!(TrustProxy::networks([net]), "10.0.0.0/8".parse().unwrap());
    /// ```
    #[must_use]
    pub fn networks(networks: impl IntoIterator<Item = IpNet>) -> Self {
        TrustProxy(Kind::Networks(networks.into_iter().collect()))
    }

    /// Whether every address is trusted, as by [`all`](TrustProxy::all) and by the network `0.0.0.0/0`: then a client chooses its
    /// own address, unless the outermost proxy overwrites the headers. A layer that counts or refuses by address asks
    /// [`Startup::trust_proxy`](crate::Startup::trust_proxy) for it.
    ///
    /// ```
    /// use connect::TrustProxy;
    ///
    /// assert!(TrustProxy::all().trusts_every_address());
    /// assert!("::/0".parse::<TrustProxy>().unwrap().trusts_every_address());
    /// assert!(!TrustProxy::hops(1).trusts_every_address());
    /// ```
    #[must_use]
    pub fn trusts_every_address(&self) -> bool {
        match &self.0 {
            Kind::Hops(hops) => *hops == usize::MAX,
            Kind::Networks(networks) => networks.iter().any(|network| network.prefix_len() == 0),
        }
    }

    /// Whether to trust an address so many hops away; the peer of the connection is 0.
    pub(super) fn trusts(&self, address: Option<IpAddr>, steps: usize) -> bool {
        match &self.0 {
            Kind::Hops(hops) => steps < *hops,
            // The address may be an IPv4-mapped IPv6 address.
            Kind::Networks(networks) => address.is_some_and(|address| {
                let plain = address.to_canonical();
                networks.iter().any(|network| network.contains(&plain) || network.contains(&address))
            }),
        }
    }
}

impl Default for TrustProxy {
    fn default() -> Self {
        Self::none()
    }
}

impl FromStr for TrustProxy {
    type Err = InvalidNetwork;

    /// Parses a comma-separated list of networks, addresses, and the names `loopback`, `linklocal` and `uniquelocal`.
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let mut networks = Vec::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let named = NAMED.iter().find(|(name, _)| *name == entry);
            let texts = named.map_or(std::slice::from_ref(&entry), |(_, texts)| texts);
            for text in texts {
                networks.push(network(text).ok_or_else(|| InvalidNetwork(entry.to_owned()))?);
            }
        }
        Ok(TrustProxy(Kind::Networks(networks)))
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// An entry in the text of a [`TrustProxy`] that is neither a network nor an address nor a known name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidNetwork(String);

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a network: expected one like `10.0.0.0/8`, an address, `loopback`, `linklocal` or `uniquelocal`",
            self.0
        )
    }
}

impl std::error::Error for InvalidNetwork {}

#[cfg(test)]
mod tests {
    use super::TrustProxy;

    #[test]
    fn an_ipv4_mapped_ipv6_address_is_in_its_ipv4_network() {
        let trust: TrustProxy = "10.0.0.0/8, ::1".parse().unwrap();
        for (address, trusted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("::1", true),
            ("::2", false),
        ] {
            assert_eq!(trust.trusts(address.parse().ok(), 0), trusted, "{address}");
        }
        assert!(!trust.trusts(None, 0));
    }

    #[test]
    fn a_wrong_entry_is_named() {
        let err = "10.0.0.0/8, nonsense".parse::<TrustProxy>().unwrap_err();
        assert!(err.to_string().starts_with("`nonsense` is not a network"), "{err}");
    }
}
