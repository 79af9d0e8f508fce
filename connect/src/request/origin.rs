//! The client's address, host and scheme, also behind trusted proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::header::{self, HeaderName};

use super::{Request, TrustProxy, is_host};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The client, the host and the scheme. Headers of proxies are used only with
/// [`App::trust_proxy`](crate::App::trust_proxy).
impl Request {
    /// The address of the client: that of the connection, or, behind trusted proxies, the nearest address in
    /// `X-Forwarded-For` that is not a trusted proxy's.
    ///
    /// `None` if it is not known: the request did not arrive over a connection, or the proxy sent something that is not
    /// an address.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let mut req = Request::from(http::Request::new(""));
    /// req.set_peer(([203, 0, 113, 7], 4711).into());
    /// req.headers_mut().insert("x-forwarded-for", http::HeaderValue::from_static("198.51.100.1"));
    /// assert_eq!(req.ip().unwrap().to_string(), "203.0.113.7");
    /// ```
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        if self.trust.is_none() {
            return self.peer.map(|peer| peer.ip());
        }
        self.addresses().last().copied().flatten()
    }

    /// The addresses from the client to the proxy nearest to this app, as far as they are trusted and valid; empty
    /// without trusted proxies (Express's `req.ips`).
    ///
    /// ```
    /// use connect::{app, get, Request, TrustProxy};
    ///
    /// #[get("/way")]
    /// fn way(req: &Request) -> String {
    ///     format!("{:?}", req.ips())
    /// }
    ///
    /// let app = app![way].trust_proxy(TrustProxy::hops(2));
    /// ```
    #[must_use]
    pub fn ips(&self) -> Vec<IpAddr> {
        let mut way = self.addresses();
        // The list does not contain the peer itself.
        way.remove(0);
        way.into_iter().rev().flatten().collect()
    }

    /// The peer, and then the forwarded addresses, as far as each proxy is trusted.
    fn addresses(&self) -> Vec<Option<IpAddr>> {
        let mut way = vec![self.peer.map(|peer| peer.ip())];
        let Some(trust) = &self.trust else { return way };
        // A header that is not text counts as one invalid address, so nothing beyond it is trusted.
        let lines: Vec<_> =
            self.headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("")).collect();
        let behind = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim);
        let mut behind = behind.filter(|text| !text.is_empty());
        while trust.trusts(way.last().copied().flatten(), way.len() - 1) {
            match behind.next() {
                Some(text) => way.push(address(text)),
                None => break,
            }
        }
        way
    }

    /// Whether the peer is a trusted proxy, whose own headers can be relied on: for a layer that reads one, such as the id of a
    /// request. `false` without [`App::trust_proxy`](crate::App::trust_proxy).
    ///
    /// ```
    /// use connect::{app, get, Request, TrustProxy};
    ///
    /// #[get("/id")]
    /// fn id(req: &Request) -> String {
    ///     let given = req.header("x-request-id").filter(|_| req.is_from_trusted_proxy());
    ///     given.unwrap_or("none").to_owned()
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// # use connect::testing::Client;
    /// let proxies: TrustProxy = "10.0.0.0/8".parse().unwrap();
    /// let client = Client::new(app![id].trust_proxy(proxies));
    /// let ask = |peer: [u8; 4]| client.get("/id").header("x-request-id", "7").peer((peer, 4711).into()).send();
    /// ask([10, 0, 0, 1]).await.assert_text("7");
    /// ask([203, 0, 113, 7]).await.assert_text("none");
    /// # }
    /// ```
    #[must_use]
    pub fn is_from_trusted_proxy(&self) -> bool {
        let peer = self.peer.map(|peer| peer.ip());
        self.trust.as_ref().is_some_and(|trust| trust.trusts(peer, 0))
    }

    /// The first value of a header, if the peer is trusted.
    fn forwarded(&self, name: &HeaderName) -> Option<&str> {
        if !self.is_from_trusted_proxy() {
            return None;
        }
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value.split(',').next().unwrap_or(value).trim()).filter(|value| !value.is_empty())
    }

    /// The host that the client asked for, with the port if it gave one: from `X-Forwarded-Host` behind a trusted
    /// proxy, else from a target in absolute form (RFC 9112, section 3.2.2), else from `Host`.
    ///
    /// `None` if it is not a valid host (RFC 9110, section 7.2); the server answers such requests with a 400 before the
    /// app sees them. User information in a target is removed.
    ///
    /// The client chooses it: do not build links for other users from it.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("host", "example.com:3000").body("").unwrap().into();
    /// assert_eq!(req.host(), Some("example.com:3000"));
    /// ```
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let of_target = || {
            let authority = self.original_uri().authority()?.as_str();
            Some(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
        };
        let of_header = || self.headers.get(header::HOST)?.to_str().ok();
        let host = self.forwarded(&FORWARDED_HOST).or_else(of_target).or_else(of_header)?;
        Some(host).filter(|host| is_host(host.as_bytes()))
    }

    /// The [`host`](Request::host) without the port. An IPv6 address keeps its brackets. The letters have the client's
    /// case, which is not significant: compare with [`eq_ignore_ascii_case`](str::eq_ignore_ascii_case).
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("host", "example.com:3000").body("").unwrap().into();
    /// assert_eq!(req.hostname(), Some("example.com"));
    /// ```
    #[must_use]
    pub fn hostname(&self) -> Option<&str> {
        let host = self.host()?;
        // The colons of an IPv6 address are inside the brackets.
        let begin = if host.starts_with('[') { host.find(']').map_or(0, |end| end + 1) } else { 0 };
        let colon = host.as_bytes()[begin..].iter().position(|&byte| byte == b':');
        let end = colon.map_or(host.len(), |colon| begin + colon);
        Some(&host[..end])
    }

    /// The scheme, `http` or `https`: that of the connection, or that in `X-Forwarded-Proto` behind a trusted proxy
    /// (Express's `req.protocol`).
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let mut req = Request::from(http::Request::new(""));
    /// assert_eq!(req.scheme(), "http");
    /// req.set_encrypted(true);
    /// assert_eq!(req.scheme(), "https");
    /// ```
    #[must_use]
    pub fn scheme(&self) -> &str {
        let own = if self.encrypted { "https" } else { "http" };
        self.forwarded(&FORWARDED_PROTO).unwrap_or(own)
    }

    /// Whether the [`scheme`](Request::scheme) is `https`.
    ///
    /// ```
    /// use connect::{middleware, Next, Request, Response, Result};
    ///
    /// #[middleware]
    /// fn hsts(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     if req.secure() {
    ///         res.set("strict-transport-security", "max-age=31536000");
    ///     }
    ///     next.pass()
    /// }
    /// ```
    #[must_use]
    pub fn secure(&self) -> bool {
        self.scheme() == "https"
    }

    /// Sets whether the connection is encrypted, when a host server calls the app as a service: see
    /// [`scheme`](Request::scheme).
    pub fn set_encrypted(&mut self, encrypted: bool) -> &mut Self {
        self.encrypted = encrypted;
        self
    }

    /// Returns whether the request has `X-Requested-With: XMLHttpRequest`, which some client libraries send and
    /// browsers do not (Express's `req.xhr`).
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request =
    ///     http::Request::get("/").header("x-requested-with", "XMLHttpRequest").body("").unwrap().into();
    /// assert!(req.xhr());
    /// ```
    #[must_use]
    pub fn xhr(&self) -> bool {
        self.header("x-requested-with").is_some_and(|value| value.eq_ignore_ascii_case("xmlhttprequest"))
    }

    pub(crate) fn set_trust(&mut self, trust: &Arc<TrustProxy>) {
        self.trust = Some(Arc::clone(trust));
    }
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Request, TrustProxy};

    fn request(trust: TrustProxy, headers: &[(&str, &str)]) -> Request {
        let mut builder = http::Request::get("/");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let mut req = Request::from(builder.body("").unwrap());
        req.set_peer("10.0.0.1:1234".parse().unwrap()).set_trust(&Arc::new(trust));
        req
    }

    fn seen(trust: TrustProxy, forwarded: &str) -> (String, Vec<String>) {
        let req = request(trust, &[("x-forwarded-for", forwarded)]);
        let ip = req.ip().map_or("none".to_owned(), |ip| ip.to_string());
        (ip, req.ips().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn addresses_are_trusted_as_far_as_the_proxies_are() {
        let networks = |text: &str| text.parse::<TrustProxy>().unwrap();
        let list = "1.1.1.1, 2.2.2.2, 10.0.0.2";
        let three = ["1.1.1.1", "2.2.2.2", "10.0.0.2"];
        for (trust, ip, ips) in [
            (TrustProxy::none(), "10.0.0.1", &three[3..]),
            (TrustProxy::hops(1), "10.0.0.2", &three[2..]),
            (TrustProxy::hops(2), "2.2.2.2", &three[1..]),
            (TrustProxy::hops(9), "1.1.1.1", &three[..]),
            (TrustProxy::all(), "1.1.1.1", &three[..]),
            (networks("loopback"), "10.0.0.1", &three[3..]),
            (networks("10.0.0.1"), "10.0.0.2", &three[2..]),
            (networks("uniquelocal"), "2.2.2.2", &three[1..]),
            (networks("10.0.0.0/8, 2.0.0.0/8"), "1.1.1.1", &three[..]),
        ] {
            let ips: Vec<String> = ips.iter().map(|ip| (*ip).to_owned()).collect();
            assert_eq!(seen(trust.clone(), list), (ip.to_owned(), ips), "{trust:?}");
        }
    }

    #[test]
    fn an_invalid_address_is_not_trusted() {
        let networks: TrustProxy = "0.0.0.0/0".parse().unwrap();
        assert_eq!(seen(networks, "1.1.1.1, unknown, 10.0.0.2").0, "none");
        assert_eq!(seen(TrustProxy::hops(1), "[2001:db8::1]:443").0, "2001:db8::1");
        assert_eq!(seen(TrustProxy::hops(1), "1.2.3.4:80").0, "1.2.3.4");
        assert_eq!(seen(TrustProxy::hops(1), "1.2.3.4, ,").0, "1.2.3.4");
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2, 3.3.3.3")];
        assert_eq!(request(TrustProxy::hops(3), &lines).ip().unwrap().to_string(), "1.1.1.1");
    }

    #[test]
    fn host_and_scheme_are_those_of_a_trusted_proxy() {
        let headers = [
            ("host", "inner:3000"),
            ("x-forwarded-host", "example.com:443, other"),
            ("x-forwarded-proto", "https, http"),
        ];
        let req = request(TrustProxy::hops(1), &headers);
        assert_eq!((req.host(), req.hostname()), (Some("example.com:443"), Some("example.com")));
        assert!(req.secure());
        let req = request(TrustProxy::none(), &headers);
        assert_eq!((req.hostname(), req.scheme()), (Some("inner"), "http"));
    }

    #[test]
    fn a_host_that_is_an_address_keeps_its_brackets() {
        for (host, name) in [("[::1]:3000", "[::1]"), ("[::1]", "[::1]"), ("x", "x")] {
            assert_eq!(request(TrustProxy::none(), &[("host", host)]).hostname(), Some(name), "{host}");
        }
    }

    #[test]
    fn an_invalid_host_is_none() {
        for host in ["", "a b", "x/y", "a\"><script>", "user@evil:80/x", "[::1"] {
            let headers = [("host", host), ("x-forwarded-host", host)];
            for trust in [TrustProxy::none(), TrustProxy::hops(1)] {
                let req = request(trust, &headers);
                assert_eq!((req.host(), req.hostname()), (None, None), "{host}");
            }
        }
    }

    #[test]
    fn user_information_in_a_target_is_not_part_of_the_host() {
        let target = http::Request::get("http://good.com:pw@evil.com:80/").body("").unwrap();
        let req = Request::from(target);
        assert_eq!((req.host(), req.hostname()), (Some("evil.com:80"), Some("evil.com")));
    }
}
