//! Requests by the client's address: some networks alone, or all but some.
//!
//! ```
//! use connect::{app, get, router};
//! use connect_middleware::ip_filter::IpFilter;
//!
//! #[get("/")]
//! fn admin() -> &'static str {
//!     "for the office"
//! }
//!
//! let app = app!["/admin" => router![IpFilter::allow(["203.0.113.0/24", "2001:db8::/32"]), admin]];
//! ```
//!
//! # Options
//! | option | type | effect |
//! |---|---|---|
//! | [`IpFilter::allow`] | addresses and networks | all others are refused |
//! | [`IpFilter::deny`] | addresses and networks | these are refused |
//! | [`except`](IpFilter::except) | addresses and networks | the other way round for these |
//!
//! The address is [`req.ip()`](connect::Request::ip): behind a proxy it is the proxy's own until
//! [`App::trust_proxy`](connect::App::trust_proxy) names it. An IPv4 address that IPv6 maps, `::ffff:203.0.113.7`, counts as IPv4.
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`].
//!
//! # What goes wrong
//! A refused request is a 403 on the error track. An address that is not known, as of a client on a Unix socket, is refused by both kinds.
//! A text that is no network is a panic when the layer is made.
//!
//! # Differences from Express
//! Neither Connect nor Express lists such a package; `express-ipfilter` has `mode`, which is the choice of constructor here.

use connect::ipnet::IpNet;
use connect::{
    Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Stated, StatesFacts,
};
use std::net::IpAddr;

use crate::facts::REFUSES;

/// Refuses requests by the client's address.
#[derive(Debug)]
pub struct IpFilter {
    allows: bool,
    networks: Vec<IpNet>,
    except: Vec<IpNet>,
}

fn networks<I: IntoIterator<Item: AsRef<str>>>(texts: I) -> Vec<IpNet> {
    let network = |text: &str| match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
        (Ok(network), _) => network,
        (_, Ok(address)) => address.into(),
        _ => panic!("`{text}` is neither an address nor a network: write `203.0.113.7` or `203.0.113.0/24`"),
    };
    texts.into_iter().map(|text| network(text.as_ref())).collect()
}

impl IpFilter {
    /// Refuses all but these addresses and networks.
    ///
    /// # Panics
    /// If one of them is neither an address nor a network.
    #[must_use]
    pub fn allow<I: IntoIterator<Item: AsRef<str>>>(addresses: I) -> Self {
        IpFilter { allows: true, networks: networks(addresses), except: Vec::new() }
    }

    /// Refuses these addresses and networks.
    ///
    /// # Panics
    /// If one of them is neither an address nor a network.
    #[must_use]
    pub fn deny<I: IntoIterator<Item: AsRef<str>>>(addresses: I) -> Self {
        IpFilter { allows: false, networks: networks(addresses), except: Vec::new() }
    }

    /// Treats these addresses and networks the other way round.
    ///
    /// # Panics
    /// If one of them is neither an address nor a network.
    #[must_use]
    pub fn except<I: IntoIterator<Item: AsRef<str>>>(mut self, addresses: I) -> Self {
        self.except.extend(networks(addresses));
        self
    }

    fn passes(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
        self.allows == (is_in(&self.networks) && !is_in(&self.except)) || !self.allows && is_in(&self.except)
    }
}

/// The facts of [`IpFilter`].
#[derive(Debug)]
pub struct IpFilterFacts;

impl StatesFacts for IpFilterFacts {
    const FACTS: Facts = Facts::of("IpFilter").states(&[REFUSES]);
}

impl IntoLayer for IpFilter {
    type Layer = Stated<IpFilterLayer, IpFilterFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(IpFilterLayer(self))
    }
}

/// What [`IpFilter`] becomes in a list.
#[derive(Debug)]
pub struct IpFilterLayer(IpFilter);

impl PlainLayer for IpFilterLayer {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        match req.ip() {
            Some(address) if self.0.passes(address) => next.pass(),
            _ => next.fail(Error::new(403, "requests from this address are refused")),
        }
    }

    fn name(&self) -> &str {
        "IpFilter"
    }
}

#[cfg(test)]
mod tests {
    use super::IpFilter;

    #[test]
    fn a_filter_allows_or_denies_networks_with_exceptions() {
        let allow = IpFilter::allow(["203.0.113.0/24", "2001:db8::/32"]).except(["203.0.113.9"]);
        let deny = IpFilter::deny(["203.0.113.0/24"]).except(["203.0.113.9"]);
        for (address, allowed, not_denied) in [
            ("203.0.113.7", true, false),
            ("::ffff:203.0.113.7", true, false),
            ("203.0.113.9", false, true),
            ("198.51.100.1", false, true),
            ("2001:db8::1", true, true),
            ("2001:db9::1", false, true),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(allow.passes(address), allowed, "{address}");
            assert_eq!(deny.passes(address), not_denied, "{address}");
        }
    }
}
