//! Cross-origin requests: which pages of other origins may read responses (the [Fetch standard](https://fetch.spec.whatwg.org/#http-cors-protocol)).
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::cors::Cors;
//! use std::time::Duration;
//!
//! #[get("/public")]
//! fn public() -> &'static str {
//!     "for every page"
//! }
//!
//! #[get("/account")]
//! fn account() -> &'static str {
//!     "for our own page, with its cookies"
//! }
//!
//! let app = app![
//!     "/open" => [Cors::any(), public],
//!     "/" => [Cors::origins(["https://app.example.com"]).credentials().max_age(Duration::from_secs(600)), account],
//! ];
//! ```
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Cors::any`] | | | every origin, `Access-Control-Allow-Origin: *` |
//! | [`Cors::origins`] | list of text | | these origins; the header names the one that asks |
//! | [`Cors::matching`] | function | | the origins for which it returns `true` |
//! | [`credentials`](Cors::credentials) | | no | pages may send cookies and read what comes back; not with [`Cors::any`], which browsers refuse |
//! | [`methods`](Cors::methods) | list | `GET, HEAD, PUT, PATCH, POST, DELETE` | what a preflight allows |
//! | [`allow_headers`](Cors::allow_headers) | list | those that the preflight asks for | request headers that a preflight allows |
//! | [`expose_headers`](Cors::expose_headers) | list | none | response headers that the page may read |
//! | [`max_age`](Cors::max_age) | `Duration` | the browser's, 5 s | how long a browser keeps the answer to a preflight |
//!
//! # Needs and provides
//! Nothing. It states no facts; its law is `cors_outside_of_refusals`: see [`facts`](crate::facts).
//!
//! # What goes wrong
//! A request of an origin that is not allowed is not refused: it goes on, and the browser does not let the page read the response.
//! Refuse such requests with a check of `Origin`, not with CORS. An origin that is not one, such as one with a path, is a panic when the
//! layer is made.
//!
//! # Differences from `cors`
//! - `*` with credentials cannot be written. The package sends both, and every browser refuses that.
//! - An `OPTIONS` request without `Origin` and `Access-Control-Request-Method` is no preflight, and goes on to the routes below. The package
//!   answers every `OPTIONS`; its `preflightContinue` is not here.
//! - `Vary: Origin` is there for a request without `Origin`, too, so that a cache does not answer one with the other.
//! - The 204 of a preflight has no `Content-Length`, which RFC 9110, section 8.6, forbids. The package sends `0`.
//! - Headers of a preflight that browsers ignore are not there: `Access-Control-Expose-Headers`, and credentials for an origin that is not
//!   allowed.

use connect::{Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Stated, StatesFacts};
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use std::fmt;
use std::time::Duration;

use crate::facts::CORS_OUTSIDE_OF_REFUSALS;
use crate::origin::assert_origin;
use crate::preflight::is_preflight;

/// The options of the layer; `Origins` is the kind of origins that are allowed.
#[derive(Debug)]
pub struct Cors<Origins> {
    origins: Origins,
    shared: Shared,
}

/// Every origin.
#[derive(Debug)]
pub struct Any(());

/// Some origins, which may send credentials.
pub struct Listed(Allows);

type Allows = Box<dyn Fn(&str) -> bool + Send + Sync>;

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listed")
    }
}

#[derive(Debug)]
struct Shared {
    credentials: bool,
    methods: HeaderValue,
    allow_headers: Option<HeaderValue>,
    expose_headers: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
}

impl Shared {
    const fn new() -> Self {
        Shared {
            credentials: false,
            methods: HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE"),
            allow_headers: None,
            expose_headers: None,
            max_age: None,
        }
    }
}

impl Cors<Any> {
    /// Pages of every origin may read responses, without cookies.
    #[must_use]
    pub const fn any() -> Self {
        Cors { origins: Any(()), shared: Shared::new() }
    }
}

impl Cors<Listed> {
    /// Pages of these origins may read responses: a scheme, a host, and a port unless it is the scheme's own.
    ///
    /// # Panics
    /// If one of them is not an origin as browsers send it: with a path or a slash at its end, in upper case, or without a scheme.
    #[must_use]
    pub fn origins<I, O>(origins: I) -> Self
    where
        I: IntoIterator<Item = O>,
        O: Into<String>,
    {
        let origins: Vec<String> = origins.into_iter().map(Into::into).collect();
        for origin in &origins {
            assert_origin(origin);
        }
        Self::matching(move |origin| origins.iter().any(|allowed| allowed == origin))
    }

    /// Pages of the origins for which a function returns `true` may read responses.
    ///
    /// It gets what the browser sends, `https://app.example.com`, or `null` for a page without an origin. Compare whole origins: a
    /// test for an end like `example.com` also allows `https://evil-example.com`.
    #[must_use]
    pub fn matching(allows: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Cors { origins: Listed(Box::new(allows)), shared: Shared::new() }
    }

    /// Lets pages send cookies and other credentials, and read what comes back.
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.shared.credentials = true;
        self
    }
}

impl<Origins> Cors<Origins> {
    /// Sets the methods that a preflight allows: by default `GET`, `HEAD`, `PUT`, `PATCH`, `POST` and `DELETE`.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        let names: Vec<String> = methods.into_iter().map(|method| method.to_string()).collect();
        self.shared.methods = list(&names);
        self
    }

    /// Sets the request headers that a preflight allows, as names or texts: by default those that it asks for.
    ///
    /// # Panics
    /// If a text is no name of a header.
    #[must_use]
    pub fn allow_headers<N>(mut self, names: impl IntoIterator<Item = N>) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Display>,
    {
        self.shared.allow_headers = Some(header_names(names));
        self
    }

    /// Sets the response headers that a page may read besides the
    /// [safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name) ones, as names or texts: by default none.
    ///
    /// # Panics
    /// If a text is no name of a header.
    #[must_use]
    pub fn expose_headers<N>(mut self, names: impl IntoIterator<Item = N>) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Display>,
    {
        self.shared.expose_headers = Some(header_names(names));
        self
    }

    /// Sets how long a browser may keep the answer to a preflight, in whole seconds: by default it decides, which is 5 seconds.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.shared.max_age = Some(age.as_secs().into());
        self
    }
}

fn header_names<N>(names: impl IntoIterator<Item = N>) -> HeaderValue
where
    N: TryInto<HeaderName, Error: fmt::Display>,
{
    let name = |name: N| match name.try_into() {
        Ok(name) => name.to_string(),
        Err(err) => panic!("a name of a header for `Cors`: {err}"),
    };
    list(&names.into_iter().map(name).collect::<Vec<_>>())
}

/// A list of names of methods or headers, which are all allowed in a value.
fn list(names: &[String]) -> HeaderValue {
    HeaderValue::try_from(names.join(",")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

mod sealed {
    use http::HeaderValue;

    pub trait Origins: Send + Sync + 'static {
        /// What `Access-Control-Allow-Origin` says to an origin.
        fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue>;

        /// What it says depends on the origin.
        const VARIES: bool;
    }
}

impl sealed::Origins for Any {
    fn allowed(&self, _: Option<&HeaderValue>) -> Option<HeaderValue> {
        const EVERY: HeaderValue = HeaderValue::from_static("*");
        Some(EVERY)
    }

    const VARIES: bool = false;
}

impl sealed::Origins for Listed {
    fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        let origin = origin?;
        let allows = &self.0;
        allows(origin.to_str().ok()?).then(|| origin.clone())
    }

    const VARIES: bool = true;
}

impl<O: sealed::Origins> IntoLayer for Cors<O> {
    type Layer = Stated<CorsLayer<O>, CorsFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(CorsLayer(self))
    }
}

/// The facts of [`Cors`].
#[derive(Debug)]
pub struct CorsFacts;

impl StatesFacts for CorsFacts {
    const FACTS: Facts = Facts::of("Cors").laws(&[CORS_OUTSIDE_OF_REFUSALS]);
}

/// What [`Cors`] becomes in a list.
#[derive(Debug)]
pub struct CorsLayer<O>(Cors<O>);

impl<O: sealed::Origins> PlainLayer for CorsLayer<O> {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        self.allow(req, res);
        if is_preflight(req) {
            return self.preflight(req, res);
        }
        if let Some(names) = &self.0.shared.expose_headers {
            res.set(header::ACCESS_CONTROL_EXPOSE_HEADERS, names.clone());
        }
        next.pass()
    }

    fn name(&self) -> &str {
        "Cors"
    }
}

impl<O: sealed::Origins> CorsLayer<O> {
    /// What every response has. It is set before the layers below run, and stays on their errors.
    fn allow(&self, req: &Request, res: &mut Response) {
        const TRUE: HeaderValue = HeaderValue::from_static("true");
        const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
        if O::VARIES && res.headers().contains_key(header::VARY) {
            res.vary("Origin");
        } else if O::VARIES {
            // Nothing is allocated for it.
            res.set(header::VARY, ORIGIN);
        }
        let Some(origin) = self.0.origins.allowed(req.headers().get(header::ORIGIN)) else { return };
        res.set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.0.shared.credentials {
            res.set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
    }

    #[cold]
    fn preflight(&self, req: &Request, res: &mut Response) -> Result {
        let shared = &self.0.shared;
        res.set(header::ACCESS_CONTROL_ALLOW_METHODS, shared.methods.clone());
        match &shared.allow_headers {
            Some(names) => {
                res.set(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
            }
            None => {
                res.vary("Access-Control-Request-Headers");
                let asked = req.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS);
                if let Some(names) = asked.filter(|names| !names.is_empty()) {
                    res.set(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
                }
            }
        }
        if let Some(age) = &shared.max_age {
            res.set(header::ACCESS_CONTROL_MAX_AGE, age.clone());
        }
        res.status(StatusCode::NO_CONTENT).end("")
    }
}
