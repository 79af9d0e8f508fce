//! What every request meets before it comes to the notes: an id, a span, a log, counts and limits.

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

/// From when on a request is worth a warning.
const SLOW: Duration = Duration::from_secs(1);

/// How many requests are answered at the same time.
const AT_ONCE: usize = 256;

/// The number of a request, for those who read the log.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(u64);

/// What has happened since the start.
#[derive(Debug, Default)]
pub struct Counts {
    requests: AtomicU64,
    failed: AtomicU64,
}

/// The places for requests.
#[must_use]
pub fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// Numbers the requests.
#[middleware]
pub async fn request_id(req: &mut Request, res: &mut Response, next: Next<RequestId>) -> Result {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let id = RequestId(LAST.fetch_add(1, Relaxed) + 1);
    let done = next.with(id).run(req, res).await;
    res.set("x-request-id", id.0);
    Ok(done)
}

/// A span around all that is done for a request.
#[middleware]
pub async fn span(req: &mut With<RequestId>, res: &mut Response, next: Next) -> Result {
    let id = req.get::<RequestId>().0;
    let span = tracing::info_span!("request", id, method = %req.method(), url = %req.original_uri());
    Ok(next.run(req, res).instrument(span).await)
}

/// One line a request.
#[middleware]
pub async fn access_log(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    tracing::info!(status = res.status_code().as_u16(), took = ?started.elapsed(), "answered");
    Ok(done)
}

/// How long it took, for the client.
#[middleware]
pub async fn response_time(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    res.set("server-timing", format!("app;dur={:.1}", started.elapsed().as_secs_f64() * 1000.0));
    Ok(done)
}

/// Warns of slow requests.
#[middleware]
pub async fn slow(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    if started.elapsed() > SLOW {
        tracing::warn!(took = ?started.elapsed(), "slow");
    }
    Ok(done)
}

/// Counts what was asked, and what failed.
#[middleware]
pub async fn count(req: &mut With<Counts>, res: &mut Response, next: Next) -> Result {
    req.get::<Counts>().requests.fetch_add(1, Relaxed);
    let done = next.run(req, res).await;
    if res.status_code().is_server_error() {
        req.get::<Counts>().failed.fetch_add(1, Relaxed);
    }
    Ok(done)
}

/// Refuses what is too much at the same time.
#[middleware]
pub async fn at_once(
    #[config] places: &Arc<Semaphore>,
    req: &mut Request,
    res: &mut Response,
    next: Next,
) -> Result {
    let Ok(_place) = places.try_acquire() else {
        return next.fail(Error::new(503, "too many requests at the same time"));
    };
    Ok(next.run(req, res).await)
}

/// Gives up what takes too long. A stream of changes is an answer at once, and goes on.
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

/// Writes down who changed something.
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

/// The counts, for whoever watches over the notes.
#[get("/status")]
pub fn status(counts: &Counts) -> connect::Json<Value> {
    connect::Json(json!({ "requests": counts.requests.load(Relaxed), "failed": counts.failed.load(Relaxed) }))
}
