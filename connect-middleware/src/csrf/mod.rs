//! Protection from cross-site request forgery by what browsers say about where a request comes from: `Sec-Fetch-Site` and `Origin`.
//!
//! ```
//! use connect::{app, post, Redirect};
//! use connect_middleware::csrf::Csrf;
//!
//! #[post("/transfer")]
//! fn transfer() -> Redirect {
//!     Redirect::to("/done")
//! }
//!
//! let app = app![Csrf::new().trust(["https://login.example.com"]), transfer];
//! ```
//!
//! There is no token: nothing has to be put into forms, and nothing is kept. It is the scheme of Go 1.25's
//! [`CrossOriginProtection`](https://pkg.go.dev/net/http#CrossOriginProtection). A request passes if one of these is so:
//!
//! 1. its method is `GET`, `HEAD` or `OPTIONS`: routes for these must not change anything;
//! 2. its `Origin` is trusted;
//! 3. `Sec-Fetch-Site` is `same-origin`, or `none`, as for a bookmark;
//! 4. it has no `Sec-Fetch-Site`, and its `Origin` has the host of the request, or it has neither header: then it is from a program
//!    and not from a page of a browser, or from a browser of before 2020 that does not send `Origin` with a form.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`trust`](Csrf::trust) | list of text | none | origins whose pages may send requests too |
//! | [`exempt`](Csrf::exempt) | function | none | requests that pass whatever they say, such as callbacks of a payment service |
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`] and [`CHECKS_ORIGIN`].
//!
//! # What goes wrong
//! A request that does not pass is a 403 on the error track. A page of the same site and another origin, `https://blog.example.com` beside
//! `https://example.com`, does not pass unless its origin is trusted. Behind a proxy that changes `Host` browsers still pass by
//! `Sec-Fetch-Site`; those without it need [`App::trust_proxy`](connect::App::trust_proxy), so that
//! [`req.host()`](connect::Request::host) is what the browser asked for. Browsers send `Sec-Fetch-Site` to `https` and to `localhost` alone.
//!
//! # Differences from `csurf`
//! `csurf` keeps a secret in a cookie or a session and wants a token in each form; it is archived. Its options are about tokens: where
//! browsers of before 2020 have to be served, see `csrf::token`, of the feature `csrf-token`. A list has one of the two.

#[cfg(feature = "csrf-token")]
pub mod token;

use connect::{
    Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Stated, StatesFacts,
};
use http::{Method, header};
use std::fmt;

use crate::facts::{CHECKS_ORIGIN, REFUSES};
use crate::origin::{assert_origin, host_of};

/// Refuses requests that pages of other sites send.
#[derive(Default)]
pub struct Csrf {
    trusted: Vec<String>,
    exempt: Option<Exempt>,
}

/// Whether a request passes without a check.
type Exempt = Box<dyn Fn(&Request) -> bool + Send + Sync>;

impl Csrf {
    /// Nothing is trusted but pages of the same origin.
    #[must_use]
    pub fn new() -> Self {
        Csrf::default()
    }

    /// Trusts pages of these origins too: a scheme, a host, and a port unless it is the scheme's own.
    ///
    /// # Panics
    /// If one of them is not an origin as browsers send it: with a path or a slash at its end, in upper case, or without a scheme.
    #[must_use]
    pub fn trust<I, O>(mut self, origins: I) -> Self
    where
        I: IntoIterator<Item = O>,
        O: Into<String>,
    {
        for origin in origins {
            let origin = origin.into();
            assert_origin(&origin);
            self.trusted.push(origin);
        }
        self
    }

    /// Lets requests pass for which a function returns `true`. Such a request must not count on the browser's cookies.
    #[must_use]
    pub fn exempt(mut self, exempt: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.exempt = Some(Box::new(exempt));
        self
    }
}

impl fmt::Debug for Csrf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csrf").field("trusted", &self.trusted).finish_non_exhaustive()
    }
}

/// Whether the request may change something, by its method.
fn changes(req: &Request) -> bool {
    !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The facts of [`Csrf`].
#[derive(Debug)]
pub struct CsrfFacts;

impl StatesFacts for CsrfFacts {
    const FACTS: Facts = Facts::of("Csrf").states(&[REFUSES, CHECKS_ORIGIN]);
}

impl IntoLayer for Csrf {
    type Layer = Stated<CsrfLayer, CsrfFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(CsrfLayer(self))
    }
}

/// What [`Csrf`] becomes in a list.
#[derive(Debug)]
pub struct CsrfLayer(Csrf);

impl PlainLayer for CsrfLayer {
    #[inline]
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if changes(req) {
            self.check(req)?;
        }
        next.pass()
    }

    fn name(&self) -> &str {
        "Csrf"
    }
}

impl CsrfLayer {
    fn check(&self, req: &Request) -> Result<()> {
        // Of two headers none says anything.
        let one = |name: &str| {
            let mut values = req.headers().get_all(name).iter();
            (values.next(), values.next().is_some())
        };
        let (site, several_sites) = one("sec-fetch-site");
        let (origin, several_origins) = one(header::ORIGIN.as_str());
        let origin = origin.map(|origin| origin.to_str().unwrap_or_default());
        let passes = match (site, origin) {
            _ if several_sites || several_origins => false,
            (_, Some(origin)) if self.0.trusted.iter().any(|trusted| trusted == origin) => true,
            (Some(site), _) => matches!(site.as_bytes(), b"same-origin" | b"none"),
            (None, Some(origin)) => host_of(origin)
                .is_some_and(|host| req.host().is_some_and(|own| own.eq_ignore_ascii_case(host))),
            (None, None) => true,
        };
        if passes || self.0.exempt.as_ref().is_some_and(|exempt| exempt(req)) {
            return Ok(());
        }
        Err(Error::new(403, "a page of another site sent this request"))
    }
}
