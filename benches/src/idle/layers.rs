//! The layers. One more is one more entry.

use std::hint::black_box;
use std::time::Duration;

use connect::{
    CookieKeys, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest, Result, Rewrite, RewritingLayer,
    app, get, middleware, router,
};
use connect_middleware::auth::{BearerAuth, secrets_match};
use connect_middleware::compression::Compression;
use connect_middleware::concurrency_limit::{ConcurrencyLimit, Queue};
use connect_middleware::cookie_session::CookieSession;
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;
use connect_middleware::csrf::token::CsrfTokens;
use connect_middleware::error_page::ErrorPage;
use connect_middleware::favicon::Favicon;
use connect_middleware::health::Health;
use connect_middleware::helmet::Helmet;
use connect_middleware::hosts::{AllowedHosts, VHost};
use connect_middleware::idempotency_key::{self, IdempotencyKey};
use connect_middleware::ip_filter::IpFilter;
use connect_middleware::load_shed::LoadShed;
use connect_middleware::logger::Logger;
use connect_middleware::maintenance::Maintenance;
use connect_middleware::method_override::MethodOverride;
use connect_middleware::metrics::Metrics;
use connect_middleware::rate_limit::RateLimit;
use connect_middleware::request_id::RequestIds;
use connect_middleware::response_time::ResponseTime;
use connect_middleware::session::{MemoryStore, Session};
use connect_middleware::timeout::Timeout;
use connect_middleware::trace::Trace;
use http::HeaderName;
use http::header::{self, HeaderValue};

use serde::{Deserialize, Serialize};

use super::{Idle, requests};
use crate::in_process::{Case, work};

/// Plain layers are called in a loop.
struct EmptyPlain;

impl PlainLayer for EmptyPlain {
    fn run(&self, _req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        next.pass()
    }
}

/// Of a layer that may wait and is written by hand, what it hands on to is a part of a list that begins anew.
struct EmptyAsync;

impl Layer for EmptyAsync {
    async fn run<R: Rest>(&self, _req: &mut Request, _res: &mut Response, next: Next<(), R>) -> Result {
        next.pass()
    }
}

/// One that runs what follows.
struct EmptyRunning;

impl Layer for EmptyRunning {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        Ok(next.run(req, res).await)
    }
}

/// One that may change the method.
struct EmptyRewriting;

impl RewritingLayer for EmptyRewriting {
    async fn run<R: Rest>(&self, _req: &mut Rewrite, _res: &mut Response, next: Next<(), R>) -> Result {
        next.pass()
    }
}

/// What is left of [`Cors`] where there is nothing to allow: it looks for a header, and sets one for caches.
struct LikeCors;

impl PlainLayer for LikeCors {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        black_box(req.headers().get(header::ORIGIN));
        res.set(header::VARY, HeaderValue::from_static("Origin"));
        next.pass()
    }
}

/// What a layer cannot do without that looks at the host.
struct ReadsHost;

impl PlainLayer for ReadsHost {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        black_box(req.hostname());
        next.pass()
    }
}

#[middleware]
fn reads_host_and_leaves(req: &mut Request, next: Next) -> Result {
    black_box(req.hostname());
    next.router()
}

#[get("/users/:id")]
async fn hello(id: u64) -> &'static str {
    black_box(id);
    "hello"
}

fn get() -> Request {
    let mut req = Request::from(work::request(""));
    req.set_peer(([203, 0, 113, 7], 4711).into());
    req
}

fn with(name: HeaderName, value: &'static str) -> Request {
    let mut req = get();
    req.headers_mut().insert(name, HeaderValue::from_static(value));
    req
}

fn from_a_page() -> Request {
    with(header::ORIGIN, "https://app.example.com")
}

fn with_a_token() -> Request {
    with(header::AUTHORIZATION, "Bearer s3cret")
}

#[derive(Default, Serialize, Deserialize)]
struct Cart {
    items: Vec<String>,
}

fn limit() -> RateLimit {
    RateLimit::new(1_000_000, Duration::from_secs(1))
}

macro_rules! layers {
    ($($name:literal $label:literal, above $empty:literal, $request:expr, [$($layer:expr),*] $(, $most:literal $does:literal)?;)*) => {
        pub(super) const LAYERS: &[Idle] = &[$(Idle {
            name: $name,
            label: $label,
            empty: $empty,
            make: {
                fn make() -> Case {
                    requests(app![$($layer,)* hello], $request)
                }
                make
            },
            does: layers!(@does $($most $does)?),
        }),*];
    };
    (@does) => { None };
    (@does $most:literal $does:literal) => { Some(($most, $does)) };
}
layers! {
    "plain" "an empty plain layer", above "plain", get, [EmptyPlain];
    "async" "an empty layer that may wait", above "async", get, [EmptyAsync];
    "async-token" "an empty layer", above "async-token", with_a_token, [EmptyAsync];
    "running" "an empty layer that runs what follows", above "running", get, [EmptyRunning];
    "like-cors" "a layer that looks for `Origin` and sets `Vary`", above "plain", get, [LikeCors], 400.0 "two headers";
    "origin-like-cors" "the same", above "origin-like-cors", from_a_page, [LikeCors];
    "cors" "`Cors`, no `Origin`, above that", above "like-cors", get, [Cors::origins(["https://app.example.com"])];
    "cors-origin" "`Cors`, an allowed `Origin`, above the same", above "origin-like-cors", from_a_page,
        [Cors::origins(["https://app.example.com"])], 600.0 "one header more";
    "csrf" "`Csrf`, `GET`", above "plain", get, [Csrf::new()];
    "reads-host" "a layer that reads `req.hostname()`", above "plain", get, [ReadsHost], 500.0 "looks the header up and checks it";
    "router" "a router that is left behind it", above "router", get, [router![reads_host_and_leaves]];
    "hosts" "`AllowedHosts`, an allowed host, above one that reads it", above "reads-host", get, [AllowedHosts::new(["localhost"])], 120.0 "compares a name";
    "vhost" "`VHost`, another host, the same", above "router", get, [router![VHost::new("example.com")]];
    "ip-filter" "`IpFilter`, another address", above "plain", get, [IpFilter::deny(["198.51.100.0/24"])], 150.0 "compares an address";
    "session" "`Session`, not used", above "running", get, [Session::new(MemoryStore::new())], 800.0 "provides a value: two allocations";
    "session-plain" "`Session` and an empty plain layer", above "session-plain", get, [Session::new(MemoryStore::new()), EmptyPlain];
    "csrf-token" "`CsrfTokens`, `GET`, below `Session`", above "session-plain", get,
        [Session::new(MemoryStore::new()), CsrfTokens::new()], 700.0 "provides a value";
    "cookie-session" "`CookieSession`, not used", above "running", get, [CookieSession::<Cart>::new(CookieKeys::generate())],
        1500.0 "provides a value, and a hook for its cookie";
    "idempotency-key" "`IdempotencyKey`, `GET`", above "async", get, [IdempotencyKey::for_everyone(idempotency_key::MemoryStore::new())];
    "load-shed" "`LoadShed`", above "plain", get, [LoadShed::new(100)], 1000.0 "counts until the response is finished";
    "helmet" "`Helmet`", above "plain", get, [Helmet::new()], 6000.0 "twelve headers";
    "rate-limit" "`RateLimit`", above "plain", get, [limit()], 6000.0 "counts, two headers";
    "bearer" "`BearerAuth`", above "async-token", with_a_token,
        [BearerAuth::new(|token: String| async move { Ok(secrets_match(&token, "s3cret").then_some(())) })],
        1500.0 "checks a token, provides a value";
    "health" "`Health`", above "async", get, [Health::new()], 120.0 "compares two paths";
    "maintenance" "`Maintenance`, off", above "plain", get, [Maintenance::off()];
    "favicon" "`Favicon`", above "plain", get, [Favicon::svg("<svg/>")];
    "error-page" "`ErrorPage`", above "plain", get, [ErrorPage::new()];
    "rewriting" "an empty layer that may change the method", above "rewriting", get, [EmptyRewriting];
    "method-override" "`MethodOverride`, no header", above "rewriting", get, [MethodOverride::new()];
    "timeout" "`Timeout`", above "running", get, [Timeout::new(Duration::from_secs(10))], 250.0 "reads the clock";
    "concurrency-limit" "`ConcurrencyLimit`", above "async", get, [ConcurrencyLimit::new(100, Queue { size: 10, time: Duration::from_secs(1) })], 1200.0 "counts until the response is finished";
    "request-id" "`RequestIds`", above "plain", get, [RequestIds::new()], 3000.0 "an id, a header, provides a value";
    "response-time" "`ResponseTime`", above "plain", get, [ResponseTime::new()], 800.0 "reads the clock, a hook";
    "compression" "`Compression`, not accepted", above "plain", get, [Compression::new()], 800.0 "a hook for `Vary`";
    "metrics" "`Metrics`", above "plain", get, [Metrics::new()], 3000.0 "counts until the response is finished";
    "trace" "`Trace`, without a subscriber", above "running", get, [Trace::new()], 600.0 "provides a value";
    "logger" "`Logger`, without a subscriber", above "plain", get, [Logger::combined()];
}
