//! Requests by the host that they are for: [`AllowedHosts`] refuses the others, [`VHost`] keeps a router for some.
//!
//! ```
//! use connect::{app, get, router};
//! use connect_middleware::hosts::{AllowedHosts, Host, VHost};
//!
//! #[get("/")]
//! fn user_page(host: &Host) -> String {
//!     format!("the page of {}", host.label(0).unwrap_or_default())
//! }
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "the main page"
//! }
//!
//! let app = app![
//!     AllowedHosts::new(["example.com", "*.example.com"]),
//!     router![VHost::new("*.users.example.com"), user_page],
//!     index,
//! ];
//! ```
//!
//! A pattern is a host name without a port, in any case of letters. A `*` stands for one or more characters, and for no dot:
//! `*.example.com` matches `tobi.example.com`, and neither `example.com` nor `a.b.example.com`.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`AllowedHosts::new`] | patterns | | a request for another host, or for none, is refused |
//! | [`VHost::new`] | pattern | | the router that it stands in is left unless the host matches |
//!
//! The host is [`req.hostname()`](connect::Request::hostname), with `X-Forwarded-Host` behind a proxy that is trusted.
//!
//! # Needs and provides
//! [`VHost`] provides the [`Host`]. [`AllowedHosts`] states [`REFUSES`].
//!
//! # What goes wrong
//! [`AllowedHosts`] refuses with a 421 on the error track (RFC 9110, section 15.5.20): a link that the app makes of the host of a request would lead
//! to where the client says. A list without patterns is a panic when the layer is made.
//!
//! # Differences from `vhost`
//! It takes no regular expression and no handler: it is the first layer of a router. `req.vhost` is the value [`Host`].

use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result,
    Stated, StatesFacts,
};

use crate::facts::REFUSES;

/// A host name, in lower case.
#[derive(Debug)]
struct Pattern {
    text: String,
    has_stars: bool,
}

impl Pattern {
    fn new(text: &str) -> Self {
        assert!(
            !text.is_empty() && !text.contains(['/', ' ']) && !has_port(text),
            "`{text}` is not a host name: write it without a scheme and a port, as in `example.com` or `*.example.com`"
        );
        Pattern { text: text.to_ascii_lowercase(), has_stars: text.contains('*') }
    }

    fn is_of(&self, host: &str) -> bool {
        if self.has_stars {
            return self.matches(host).is_some();
        }
        // Nearly all clients send it in lower case.
        self.text == host || self.text.eq_ignore_ascii_case(host)
    }

    /// What each `*` stands for; the leftmost as short as it can be.
    fn matches<'a>(&self, host: &'a str) -> Option<Vec<&'a str>> {
        let mut labels = Vec::new();
        let mut rest = host;
        let mut parts = self.text.split('*').peekable();
        let first = parts.next()?;
        rest = strip(rest, first)?;
        while let Some(part) = parts.next() {
            let end = match parts.peek() {
                None => rest.len().checked_sub(part.len())?,
                Some(_) => find(rest, part)?,
            };
            if end == 0 {
                return None;
            }
            let label = rest.get(..end)?;
            if label.contains('.') {
                return None;
            }
            labels.push(label);
            rest = strip(rest.get(end..)?, part)?;
        }
        rest.is_empty().then_some(labels)
    }
}

fn has_port(text: &str) -> bool {
    let behind_address = text.rfind(']').map_or(0, |end| end);
    text[behind_address..].contains(':')
}

/// What is behind a text, whatever its case.
fn strip<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

/// Where a text begins behind the first character.
fn find(text: &str, part: &str) -> Option<usize> {
    (1..text.len()).find(|&at| text.get(at..).is_some_and(|rest| strip(rest, part).is_some()))
}

/// Refuses requests for other hosts.
#[derive(Debug)]
pub struct AllowedHosts {
    patterns: Vec<Pattern>,
}

impl AllowedHosts {
    /// These hosts are allowed.
    ///
    /// # Panics
    /// If there is none, or one of them has a scheme, a port or a path.
    #[must_use]
    pub fn new<I, H>(hosts: I) -> Self
    where
        I: IntoIterator<Item = H>,
        H: AsRef<str>,
    {
        let patterns: Vec<_> = hosts.into_iter().map(|host| Pattern::new(host.as_ref())).collect();
        assert!(!patterns.is_empty(), "no host is allowed: name one, such as `example.com`");
        AllowedHosts { patterns }
    }
}

/// The facts of [`AllowedHosts`].
#[derive(Debug)]
pub struct AllowedHostsFacts;

impl StatesFacts for AllowedHostsFacts {
    const FACTS: Facts = Facts::of("AllowedHosts").states(&[REFUSES]);
}

impl IntoLayer for AllowedHosts {
    type Layer = Stated<AllowedHostsLayer, AllowedHostsFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(AllowedHostsLayer(self))
    }
}

/// What [`AllowedHosts`] becomes in a list.
#[derive(Debug)]
pub struct AllowedHostsLayer(AllowedHosts);

impl PlainLayer for AllowedHostsLayer {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let is_allowed = |host: &str| self.0.patterns.iter().any(|pattern| pattern.is_of(host));
        match req.hostname() {
            Some(host) if is_allowed(host) => next.pass(),
            _ => next.fail(Error::new(421, "this server does not answer for the host of the request")),
        }
    }

    fn name(&self) -> &str {
        "AllowedHosts"
    }
}

/// Keeps the router that it stands in for the hosts that match a pattern.
#[derive(Debug)]
pub struct VHost {
    pattern: Pattern,
}

impl VHost {
    /// The pattern, such as `users.example.com` or `*.example.com`.
    ///
    /// # Panics
    /// If it is empty, or has a scheme, a port or a path.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        VHost { pattern: Pattern::new(pattern) }
    }
}

impl IntoLayer for VHost {
    type Layer = Declared<VHostLayer, Declares<(), (Host,)>>;

    fn into_layer(self) -> Self::Layer {
        Declared::new(VHostLayer(self))
    }
}

/// What [`VHost`] becomes in a list.
#[derive(Debug)]
pub struct VHostLayer(VHost);

impl PlainLayer for VHostLayer {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let matched = req.hostname().filter(|host| self.0.pattern.is_of(host)).and_then(|host| {
            let labels = self.0.pattern.matches(host)?;
            Some(Host { name: host.to_owned(), labels: labels.into_iter().map(str::to_owned).collect() })
        });
        let Some(host) = matched else { return next.router() };
        req.provide(host);
        next.pass()
    }

    fn name(&self) -> &str {
        "VHost"
    }
}

/// The host of a request that [`VHost`] matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: String,
    labels: Vec<String>,
}

impl Host {
    /// The whole name, as the client wrote it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a `*` of the pattern stands for, counted from 0.
    #[must_use]
    pub fn label(&self, star: usize) -> Option<&str> {
        self.labels.get(star).map(|label| &**label)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_star_stands_for_one_or_more_characters_of_a_label() {
        for (pattern, host, labels) in [
            ("example.com", "example.com", Some(vec![])),
            ("example.com", "EXAMPLE.com", Some(vec![])),
            ("Example.com", "example.COM", Some(vec![])),
            ("example.com", "www.example.com", None),
            ("example.com", "example.com.evil", None),
            ("*.example.com", "tobi.example.com", Some(vec!["tobi"])),
            ("*.example.com", "a.b.example.com", None),
            ("*.example.com", ".example.com", None),
            ("*.example.com", "example.com", None),
            ("*.example.com", "evilexample.com", None),
            ("*.*.example.com", "a.b.example.com", Some(vec!["a", "b"])),
            ("*.*.example.com", "a.b.c.example.com", None),
            ("*-*.example.com", "a-b-c.example.com", Some(vec!["a", "b-c"])),
            ("api-*.example.com", "api-eu.example.com", Some(vec!["eu"])),
            ("api-*.example.com", "api-.example.com", None),
            ("api-*.example.com", "api-a.b.example.com", None),
            ("example.*", "example.org", Some(vec!["org"])),
            ("*", "anything", Some(vec!["anything"])),
            ("[::1]", "[::1]", Some(vec![])),
        ] {
            assert_eq!(Pattern::new(pattern).matches(host), labels, "{pattern} {host}");
        }
    }
}
