//! Requests with an `Idempotency-Key`: a client that sends one again gets the response of the first, and nothing is done twice.
//!
//! ```
//! use connect::{app, detached, post};
//! use connect_middleware::idempotency_key::{IdempotencyKey, MemoryStore};
//!
//! #[post("/payments")]
//! async fn pay(body: String) -> String {
//!     format!("paid {body}")
//! }
//!
//! let keys = IdempotencyKey::by(MemoryStore::new(), |req| req.header("x-customer").map(str::to_owned));
//! let app = app![keys.required(), detached(), pay];
//! ```
//!
//! It follows draft-ietf-httpapi-idempotency-key-header for `POST` and `PATCH`; other methods pass. The value is a text of 1 to
//! 255 visible characters, with or without quotes.
//!
//! The function of [`by`](IdempotencyKey::by) says whose key it is: a principal, a tenant. Keys of different clients never meet, and no
//! client gets the response of another. Take it from what was authenticated: from [`req.provided`](connect::Request::provided).
//!
//! # What is stored
//! The status, the body, and the headers that were set below this layer, except for `Set-Cookie`. The response that is sent again has
//! `Idempotent-Replayed: true`, and the headers that layers above set for it.
//!
//! | the first request | another one with the key |
//! |---|---|
//! | is still running | 409 |
//! | was answered with a status below 500, other than 408, 425 and 429 | gets this response |
//! | was answered with another status, or the handler has panicked | runs |
//! | was answered with a stream, a file or more than `response_limit` | 409: it was done, and the response was not kept |
//! | was dropped before its end: the client left, a timeout above ended it | 409 until the key expires, since nobody knows what was done; a memory store that is full may forget it before |
//!
//! With [`detached()`](connect::detached()) below this layer a request runs to its end although its client leaves, and the client gets the
//! response when it tries again. List the two together.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`by`](IdempotencyKey::by) | store, function | | whose key it is; a request with `None` passes without a key |
//! | [`for_everyone`](IdempotencyKey::for_everyone) | store | | all clients share their keys |
//! | [`required`](IdempotencyKey::required) | | not required | a request without a key is refused |
//! | [`lifetime`](IdempotencyKey::lifetime) | `Duration` | 24 hours | how long a key is known |
//! | [`response_limit`](IdempotencyKey::response_limit) | bytes | 262,144 | how long a body may be that is kept |
//! | [`store_if`](IdempotencyKey::store_if) | function | below 500, not 408, 425, 429 | which statuses are kept |
//!
//! [`MemoryStore`] is for one process. For several ones implement [`Store`].
//!
//! The request body is read here, up to [`req.body_limit()`](connect::Request::body_limit), and can be read again below.
//!
//! # Needs and provides
//! Nothing. It states [`REFUSES`] and [`READS_BODY`]: authentication stands above it, by the law
//! `authentication_outside_of_body_readers`, so that a key is looked up only for a client that is known:
//!
#![cfg_attr(feature = "auth", doc = "```compile_fail,E0080")]
#![cfg_attr(not(feature = "auth"), doc = "```ignore")]
//! # use connect::{app, post};
//! # use connect_middleware::auth::BasicAuth;
//! # use connect_middleware::idempotency_key::{IdempotencyKey, MemoryStore};
//! # struct User;
//! # #[post("/payments")]
//! # fn pay() -> &'static str { "paid" }
//! # let keys = || IdempotencyKey::for_everyone(MemoryStore::new());
//! # let auth = || BasicAuth::new(|_name: String, _password: String| async { Ok(None::<User>) });
//! # let right = app![auth(), keys(), pay];
//! let app = app![keys(), auth(), pay];
//! ```
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | the key is missing and required, or is no key | 400 |
//! | the key is that of another request: another method, host, target or body | 422 |
//! | the request with this key is running, or its response is not known | 409 |
//! | the request body is too long | 413 |
//! | the store fails, or is full | 503; the request was not begun |
//!
//! All of these are errors on the error track. If the store fails when a request is done, an error is logged, and the key stays as
//! of a request that is running. In a route's own stack, an error that is handled outside of it releases the key.
//!
//! # Differences from Express
//! Express has none of its own. As with Stripe's API: the header of replays, 24 hours, and that requests with another body are refused.

mod memory;
mod store;

use std::fmt;
use std::time::Duration;

use connect::bytes::Bytes;
use connect::{
    Error, Facts, IntoLayer, Layer, Next, Outcome, Request, Response, Rest, Result, Stated, StatesFacts,
};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::facts::{READS_BODY, REFUSES};

pub use self::memory::MemoryStore;
pub use self::store::{Begun, Digest, Store, StoreError, StoredResponse};

/// The layer, with its options: see the [module](self).
pub struct IdempotencyKey<S = MemoryStore> {
    store: S,
    scope: Option<ScopeOf>,
    required: bool,
    lifetime: Duration,
    response_limit: usize,
    // A function that users give as an option.
    store_if: Box<dyn Fn(StatusCode) -> bool + Send + Sync>,
}

// The same.
type ScopeOf = Box<dyn Fn(&Request) -> Option<String> + Send + Sync>;

impl<S: Store> IdempotencyKey<S> {
    /// Keys that belong to what a function returns: a principal, a tenant. A request with `None` passes without its key.
    #[must_use]
    pub fn by(store: S, scope: impl Fn(&Request) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::new(store, Some(Box::new(scope)))
    }

    /// Keys that all clients share: a client that sends another one's key and request gets the response that the other got. For services
    /// whose clients trust each other.
    #[must_use]
    pub fn for_everyone(store: S) -> Self {
        Self::new(store, None)
    }

    fn new(store: S, scope: Option<ScopeOf>) -> Self {
        IdempotencyKey {
            store,
            scope,
            required: false,
            lifetime: Duration::from_secs(24 * 60 * 60),
            response_limit: 256 * 1024,
            store_if: Box::new(is_final),
        }
    }

    /// Refuses requests without a key, with status 400. By default they pass.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets how long a key is known, from the beginning of its request on: by default 24 hours.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets how many bytes the body of a response may have that is kept: by default 262,144.
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Sets for which statuses the response is kept; with others the key is released. By default for those below 500, other than 408, 425
    /// and 429.
    #[must_use]
    pub fn store_if(mut self, is_final: impl Fn(StatusCode) -> bool + Send + Sync + 'static) -> Self {
        self.store_if = Box::new(is_final);
        self
    }
}

/// Whether the same request would get the same response again.
fn is_final(status: StatusCode) -> bool {
    const RETRIED: [StatusCode; 3] =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !RETRIED.contains(&status)
}

impl<S: fmt::Debug> fmt::Debug for IdempotencyKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyKey")
            .field("store", &self.store)
            .field("required", &self.required)
            .field("lifetime", &self.lifetime)
            .field("response_limit", &self.response_limit)
            .finish_non_exhaustive()
    }
}

/// The facts of [`IdempotencyKey`].
#[derive(Debug)]
pub struct IdempotencyKeyFacts;

impl StatesFacts for IdempotencyKeyFacts {
    const FACTS: Facts = Facts::of("IdempotencyKey").states(&[REFUSES, READS_BODY]);
}

impl<S: Store> IntoLayer for IdempotencyKey<S> {
    type Layer = Stated<IdempotencyKeyLayer<S>, IdempotencyKeyFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(IdempotencyKeyLayer(self))
    }
}

/// What [`IdempotencyKey`] becomes in a list.
#[derive(Debug)]
pub struct IdempotencyKeyLayer<S>(IdempotencyKey<S>);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

impl<S: Store> Layer for IdempotencyKeyLayer<S> {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        if !matches!(*req.method(), Method::POST | Method::PATCH) {
            return next.pass();
        }
        // In a box, so that what only these requests need is no part of every request's future.
        Box::pin(self.answer_once(req, res, next)).await
    }

    fn name(&self) -> &str {
        "IdempotencyKey"
    }
}

impl<S: Store> IdempotencyKeyLayer<S> {
    async fn answer_once<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let IdempotencyKey { store, scope, required, lifetime, .. } = &self.0;
        let scope = match scope {
            Some(scope) => scope(req),
            None => Some(String::new()),
        };
        let Some(scope) = scope else { return next.pass() };
        let key = match key_of(req.headers()) {
            Ok(Some(key)) => digest(&[scope.as_bytes(), key]),
            Ok(None) if *required => {
                return next.fail(Error::new(400, "this request needs an `Idempotency-Key`"));
            }
            Ok(None) => return next.pass(),
            Err(err) => return next.fail(err),
        };
        let body = read(req).await?;
        let target = req.original_uri().path_and_query().map_or("", |target| target.as_str());
        let host = req.host().unwrap_or_default();
        let request = digest(&[req.method().as_str().as_bytes(), host.as_bytes(), target.as_bytes(), &body]);
        match store.begin(&key, &request, *lifetime).await {
            Ok(Begun::New) => {}
            Ok(Begun::Finished(response)) => return replay(response, res),
            Ok(Begun::Running) => {
                let err = Error::new(409, "a request with this `Idempotency-Key` has not been answered yet");
                return next.fail(err.with_header(header::RETRY_AFTER, 1));
            }
            Ok(Begun::NotKept) => {
                return next.fail(Error::new(
                    409,
                    "the request with this `Idempotency-Key` is done, and its response was not kept",
                ));
            }
            Ok(Begun::OtherRequest) => {
                return next.fail(Error::new(422, "this `Idempotency-Key` belongs to another request"));
            }
            Err(err) => return next.fail(Error::new(503, "the store of responses failed").with_source(err)),
        }
        let above = res.headers().clone();
        let running = Running { store, key: &key, request: &request };
        let done = next.run(req, res).await;
        std::mem::forget(running);
        let is_answered = !matches!(done.outcome(), Outcome::HandedOn | Outcome::Failed);
        let ended = if is_answered && (self.0.store_if)(res.status_code()) {
            store.finish(&key, &request, self.kept(&above, res)).await
        } else {
            store.release(&key, &request).await
        };
        if let Err(err) = ended {
            tracing::error!("the end of a request with an `Idempotency-Key` could not be stored: {err}");
        }
        Ok(done)
    }

    /// What is kept of a response: not what layers above have set, since they do it again.
    fn kept(&self, above: &HeaderMap, res: &Response) -> Option<StoredResponse> {
        const OF_ONE_RESPONSE: [HeaderName; 5] = [
            header::SET_COOKIE,
            header::CONTENT_LENGTH,
            header::CONNECTION,
            header::TRANSFER_ENCODING,
            header::DATE,
        ];
        let body = res.body().as_bytes().filter(|body| body.len() <= self.0.response_limit)?;
        let mut headers = HeaderMap::new();
        for name in res.headers().keys().filter(|name| !OF_ONE_RESPONSE.contains(name)) {
            let values = res.headers().get_all(name);
            if values.iter().ne(above.get_all(name)) {
                for value in values {
                    headers.append(name, value.clone());
                }
            }
        }
        Some(StoredResponse { status: res.status_code(), headers, body: body.clone() })
    }
}

/// Tells the store if the layers below are dropped.
struct Running<'a, S: Store> {
    store: &'a S,
    key: &'a Digest,
    request: &'a Digest,
}

impl<S: Store> Drop for Running<'_, S> {
    fn drop(&mut self) {
        self.store.dropped(self.key, self.request);
    }
}

fn replay(stored: StoredResponse, res: &mut Response) -> Result {
    for name in stored.headers.keys() {
        res.headers_mut().remove(name);
    }
    for (name, value) in &stored.headers {
        res.headers_mut().append(name, value.clone());
    }
    res.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    res.status(stored.status).end(stored.body)
}

/// The key that the client has sent, if it is one.
fn key_of(headers: &HeaderMap) -> Result<Option<&[u8]>> {
    const LONGEST: usize = 255;
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let value = value.as_bytes();
    // The draft's form is a text in quotes.
    let key = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value);
    let is_key = (1..=LONGEST).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !is_key || values.next().is_some() {
        return Err(Error::new(400, "`Idempotency-Key` is not one text of 1 to 255 visible characters"));
    }
    Ok(Some(key))
}

/// Reads the body as the client has sent it, and leaves it for the layers below.
async fn read(req: &mut Request) -> Result<Bytes> {
    match req.body().as_bytes() {
        Some(bytes) if !bytes.is_empty() => return Ok(bytes.clone()),
        // Empty, or read by a layer above.
        Some(_) => return req.bytes().await,
        None => {}
    }
    let limit = req.body_limit();
    let mut all = Vec::new();
    while let Some(chunk) = req.body_mut().chunk().await {
        let chunk = chunk?;
        if all.len() + chunk.len() > limit {
            return Err(Error::new(413, format!("the body is longer than {limit} bytes")));
        }
        all.extend_from_slice(&chunk);
    }
    let all = Bytes::from(all);
    req.set_body(all.clone());
    Ok(all)
}

/// A hash of parts, none of which runs into the next.
fn digest(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Digest::from_bytes(hash.finalize().into())
}
