//! Operational middleware: a request id, a span, an access log, counters and limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use connect::http::Method;
use connect::{Error, Next, Outcome, Request, Response, Result, With, get, middleware};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tracing::Instrument;

/// How long the layers below may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A request that takes longer is logged with a warning.
const SLOW: Duration = Duration::from_secs(1);

/// How many requests are handled concurrently.
const CONCURRENCY: usize = 256;

/// The number of a request, for the log.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(u64);

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Counts {
    requests: AtomicU64,
    failed: AtomicU64,
}

/// The permits for concurrent requests.
#[must_use]
pub fn permits() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(CONCURRENCY))
}

/// Gives each request its number.
#[middleware]
pub async fn request_id(req: &mut Request, res: &mut Response, next: Next<RequestId>) -> Result {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let id = RequestId(LAST.fetch_add(1, Relaxed) + 1);
    let done = next.with(id).run(req, res).await;
    res.set("x-request-id", id.0);
    Ok(done)
}

/// Runs each request in a span.
#[middleware]
pub async fn span(req: &mut With<RequestId>, res: &mut Response, next: Next) -> Result {
    let id = req.get::<RequestId>().0;
    let span = tracing::info_span!("request", id, method = %req.method(), url = %req.original_url());
    Ok(next.run(req, res).instrument(span).await)
}

/// Logs one line for each request.
#[middleware]
pub async fn access_log(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    tracing::info!(status = res.status_code().as_u16(), took = ?started.elapsed(), "handled");
    Ok(done)
}

/// Sends the duration to the client.
#[middleware]
pub async fn response_time(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    res.set("server-timing", format!("app;dur={:.1}", started.elapsed().as_secs_f64() * 1000.0));
    Ok(done)
}

/// Logs a warning for slow requests.
#[middleware]
pub async fn slow(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    if started.elapsed() > SLOW {
        tracing::warn!(took = ?started.elapsed(), "slow");
    }
    Ok(done)
}

/// Counts requests and failures.
#[middleware]
pub async fn count(req: &mut With<Counts>, res: &mut Response, next: Next) -> Result {
    req.get::<Counts>().requests.fetch_add(1, Relaxed);
    let done = next.run(req, res).await;
    if res.status_code().is_server_error() {
        req.get::<Counts>().failed.fetch_add(1, Relaxed);
    }
    Ok(done)
}

/// Limits the concurrent requests.
#[middleware]
pub async fn concurrency_limit(
    #[config] permits: &Arc<Semaphore>,
    req: &mut Request,
    res: &mut Response,
    next: Next,
) -> Result {
    let Ok(_permit) = permits.try_acquire() else {
        return next.fail(Error::new(503, "too many requests at the same time"));
    };
    Ok(next.run(req, res).await)
}

/// Drops requests that take too long. The stream of changes is not limited: its response is ready at once.
#[middleware]
pub async fn deadline(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(DEADLINE, next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(504, "it took too long")),
    }
}

/// Refuses all changes.
#[middleware]
pub fn read_only(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    match *req.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => next.pass(),
        _ => next.fail(Error::new(503, "the notes can only be read at present")),
    }
}

/// Logs changes for an audit.
#[middleware]
pub async fn audit(req: &mut With<RequestId>, res: &mut Response, next: Next) -> Result {
    let id = *req.get::<RequestId>();
    let is_change = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let done = next.run(req, res).await;
    if is_change && done.outcome() == Outcome::Layer {
        tracing::info!(target: "audit", id = id.0, ip = ?req.ip(), "changed");
    }
    Ok(done)
}

/// The counters, for monitoring.
#[get("/status")]
pub fn status(counts: &Counts) -> connect::Json<Value> {
    connect::Json(json!({ "requests": counts.requests.load(Relaxed), "failed": counts.failed.load(Relaxed) }))
}
