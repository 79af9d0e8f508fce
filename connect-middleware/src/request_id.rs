//! An id for each request: in the response, in the log, and for the routes below.
//!
//! ```
//! use connect::{app, error_handler, get, Error, Response, Result};
//! use connect_middleware::request_id::{RequestId, RequestIds};
//!
//! #[get("/")]
//! fn index(id: &RequestId) -> String {
//!     format!("this is request {id}")
//! }
//!
//! #[error_handler]
//! fn page(err: Error, id: Option<&RequestId>, res: &mut Response) -> Result {
//!     let id = id.map_or("unknown", RequestId::as_str);
//!     let text = format!("something went wrong: tell us {id}");
//!     res.error(&err).text(text)
//! }
//!
//! let app = app![RequestIds::new(), index, page];
//! ```
//!
//! The id is 16 random bytes as 32 hexadecimal digits. The layer sets it in the header of the request, too, for tower services and proxies
//! below, and in the header of the response, whatever that is: a page, a 404, a 304, an error.
//!
//! # Ids of others
//! An id in the header of the request is taken over if the peer is a trusted proxy ([`App::trust_proxy`](connect::App::trust_proxy)), and
//! otherwise replaced. A client that chooses the id could give several requests the same one, or that of somebody else's request, and lead
//! a search in the log astray. The proxy should overwrite what its clients send, as nginx does with
//! `proxy_set_header X-Request-Id $request_id`. [`from_anyone`](RequestIds::from_anyone) takes ids of all clients over.
//!
//! What is taken over is one header of 1 to 128 visible ASCII characters without a comma. Anything else is replaced, so that an id can stand
//! in a line of a log.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`header`](RequestIds::header) | header name | `x-request-id` | the header, of requests and of responses |
//! | [`from_anyone`](RequestIds::from_anyone) | | from trusted proxies | ids of all clients are taken over |
//! | [`from_nobody`](RequestIds::from_nobody) | | from trusted proxies | no id is taken over |
//! | [`generate`](RequestIds::generate) | function | 32 random hexadecimal digits | makes an id |
//!
//! # Needs and provides
//! It provides a [`RequestId`]: routes take `id: &RequestId`, and error handlers `id: Option<&RequestId>`, since an error may come from
//! above the layer. Its law is `request_ids_outside_of_refusals`
//! in [`facts`](crate::facts): a response of a layer above has no id. The layer of an app that is mounted in another with ids
//! leaves those as they are.
//!
//! # What goes wrong
//! An id of [`generate`](RequestIds::generate) that is not one, as above, is a 500. So is a system that has no random bytes.
//!
//! # Differences from Express
//! Express lists no such package; `express-request-id` takes over the id of any client.

use std::fmt;

use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result,
    Stated, StatesFacts,
};
use http::{HeaderName, HeaderValue};

use crate::facts::REQUEST_IDS_OUTSIDE_OF_REFUSALS;

/// The longest id that is taken over, in bytes.
const LONGEST: usize = 128;

/// The id of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Checked when it was made.
        self.0.to_str().unwrap_or_default()
    }

    fn of(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let is_id = (1..=LONGEST).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_graphic() && *byte != b',');
        is_id.then(|| RequestId(value.clone()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<str> for RequestId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Gives each request an id.
pub struct RequestIds {
    header: HeaderName,
    from: From,
    generate: Option<Generate>,
}

// A function that users give as an option.
type Generate = Box<dyn Fn() -> String + Send + Sync>;

/// Whose ids are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    TrustedProxies,
    Anyone,
    Nobody,
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestIds {
    /// Random ids, in the header `x-request-id`.
    #[must_use]
    pub fn new() -> Self {
        const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
        RequestIds { header: REQUEST_ID, from: From::TrustedProxies, generate: None }
    }

    /// Sets the header: by default `x-request-id`.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.header = name;
        self
    }

    /// Takes over the ids of all clients: for services that only other services of one's own can reach. By default those of trusted
    /// proxies alone.
    #[must_use]
    pub fn from_anyone(mut self) -> Self {
        self.from = From::Anyone;
        self
    }

    /// Takes over no id, for a trusted proxy that passes on what its clients send. By default those of trusted proxies.
    #[must_use]
    pub fn from_nobody(mut self) -> Self {
        self.from = From::Nobody;
        self
    }

    /// Sets the function that makes an id of 1 to 128 visible ASCII characters without a comma: by default 32 random hexadecimal digits.
    #[must_use]
    pub fn generate(mut self, generate: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.generate = Some(Box::new(generate));
        self
    }

    fn taken_over(&self, req: &Request) -> Option<RequestId> {
        let takes = match self.from {
            From::TrustedProxies => req.is_from_trusted_proxy(),
            From::Anyone => true,
            From::Nobody => false,
        };
        let mut values = req.headers().get_all(&self.header).iter();
        match (values.next(), values.next()) {
            (Some(value), None) if takes => RequestId::of(value),
            _ => None,
        }
    }

    fn made(&self) -> Result<RequestId> {
        let Some(generate) = &self.generate else { return random() };
        let id = generate();
        HeaderValue::try_from(id.as_str()).ok().as_ref().and_then(RequestId::of).ok_or_else(|| {
            Error::msg(format!(
                "{id:?} is not an id of a request: it has to be 1 to {LONGEST} visible characters"
            ))
        })
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestIds")
            .field("header", &self.header)
            .field("from", &self.from)
            .field("generate", &self.generate.is_some())
            .finish()
    }
}

fn random() -> Result<RequestId> {
    let bytes: [u8; 16] =
        crate::random::bytes().map_err(|err| Error::msg(format!("no random bytes: {err}")))?;
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    Ok(RequestId(HeaderValue::from_bytes(&digits)?))
}

/// The facts of [`RequestIds`].
#[derive(Debug)]
pub struct RequestIdsFacts;

impl StatesFacts for RequestIdsFacts {
    const FACTS: Facts = Facts::of("RequestIds").laws(&[REQUEST_IDS_OUTSIDE_OF_REFUSALS]);
}

impl IntoLayer for RequestIds {
    type Layer = Stated<Declared<RequestIdsLayer, Declares<(), (RequestId,)>>, RequestIdsFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(RequestIdsLayer(self)))
    }
}

/// What [`RequestIds`] becomes in a list.
#[derive(Debug)]
pub struct RequestIdsLayer(RequestIds);

impl PlainLayer for RequestIdsLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if req.provided::<RequestId>().is_some() {
            return next.pass();
        }
        let id = match self.0.taken_over(req) {
            Some(id) => id,
            None => self.0.made()?,
        };
        req.headers_mut().insert(self.0.header.clone(), id.0.clone());
        res.set(self.0.header.clone(), id.0.clone());
        req.provide(id);
        next.pass()
    }

    fn name(&self) -> &str {
        "RequestIds"
    }
}
