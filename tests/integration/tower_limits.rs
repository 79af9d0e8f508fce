//! tower's own layers in a stack: limits, load shedding, a buffer, and trying again.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use connect::{Body, Error, Next, Request, Response, Result, app, error_handler, get, middleware, tower};
use tokio::sync::{Notify, Semaphore};
use tower::ServiceBuilder;
use tower::limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer, RateLimitLayer};
use tower::load_shed::error::Overloaded;
use tower::retry::{Policy, RetryLayer};

use crate::support::{Dropped, Server};

/// Blocks requests until it is opened, and counts those inside and the most at a time.
#[derive(Clone)]
struct Gate {
    inside: Arc<AtomicU32>,
    most: Arc<AtomicU32>,
    open: Arc<Semaphore>,
}

impl Gate {
    fn closed() -> Self {
        Gate { inside: Arc::default(), most: Arc::default(), open: Arc::new(Semaphore::new(0)) }
    }

    async fn until_inside(&self, n: u32) {
        while self.inside.load(SeqCst) < n {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[middleware]
async fn waits(#[config] gate: Gate, _req: &mut Request, res: &mut Response) -> Result {
    let now = gate.inside.fetch_add(1, SeqCst) + 1;
    gate.most.fetch_max(now, SeqCst);
    let _ = gate.open.acquire().await;
    gate.inside.fetch_sub(1, SeqCst);
    res.send("done")
}

#[error_handler]
fn overloaded(_err: Overloaded, req: &mut Request, res: &mut Response, _next: Next) -> Result {
    let text = format!("overloaded at {}", req.path());
    res.status(503).set("retry-after", 1).send(text)
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[tokio::test]
async fn a_concurrency_limit_holds_until_the_layers_below_have_responded() {
    for shared in [true, false] {
        let gate = Gate::closed();
        let server = if shared {
            Server::start(app![tower(GlobalConcurrencyLimitLayer::new(2)), waits(gate.clone())]).await
        } else {
            Server::start(app![tower(ConcurrencyLimitLayer::new(2)), waits(gate.clone())]).await
        };
        let server = Arc::new(server);
        let requests: Vec<_> = (0..5)
            .map(|_| {
                let server = Arc::clone(&server);
                tokio::spawn(async move { server.get("/").await.status })
            })
            .collect();
        gate.until_inside(2).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(gate.inside.load(SeqCst), 2);
        gate.open.add_permits(5);
        for status in requests {
            assert_eq!(status.await.expect("no panic"), 200);
        }
        assert_eq!(gate.most.load(SeqCst), 2);
    }
}

#[tokio::test]
async fn load_shedding_sends_overloaded_to_its_typed_handler() {
    let gate = Gate::closed();
    let shed = ServiceBuilder::new().load_shed().concurrency_limit(1);
    let server = Arc::new(Server::start(app![tower(shed), waits(gate.clone()), overloaded]).await);
    let first = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.get("/").await.status }
    });
    gate.until_inside(1).await;
    let response = server.post("/b", "", vec![b'x'; 900_000]).await;
    assert_eq!(response.seen(), (503, "overloaded at /b"));
    gate.open.add_permits(9);
    assert_eq!(first.await.expect("no panic"), 200);
    assert_eq!(server.get("/").await.seen(), (200, "done"));
}

#[tokio::test]
async fn a_disconnect_drops_the_layers_below_and_frees_its_permit() {
    let (dropped, running) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    #[middleware]
    async fn hangs(
        #[config] dropped: Arc<Notify>,
        #[config] running: Arc<Notify>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result {
        let _guard = Dropped(dropped);
        running.notify_one();
        if req.path() == "/hang" {
            std::future::pending::<()>().await;
        }
        res.send("done")
    }
    let limit = tower(ConcurrencyLimitLayer::new(1));
    let server = Server::start(app![limit, hangs(Arc::clone(&dropped), Arc::clone(&running))]).await;
    let mut client = server.connect().await;
    client.write("GET /hang HTTP/1.1\r\nhost: x\r\n\r\n").await;
    running.notified().await;
    drop(client);
    dropped.notified().await;
    assert_eq!(server.get("/").await.seen(), (200, "done"));
}

#[tokio::test]
async fn a_buffer_calls_the_layers_below_from_its_worker_task() {
    tokio::task_local!(static ABOVE: u32);
    #[middleware]
    async fn scopes(req: &mut Request, res: &mut Response, next: Next) -> Result {
        Ok(ABOVE.scope(7, next.run(req, res)).await)
    }
    #[get("/")]
    async fn shows() -> String {
        tokio::task::yield_now().await;
        // The layers below run in the task of the request, not in the worker of the buffer.
        format!("{:?}", ABOVE.try_get())
    }
    let buffer = ServiceBuilder::new().buffer(8);
    let server = Server::start(app![scopes, tower(buffer), shows]).await;
    for _ in 0..3 {
        assert_eq!(server.get("/").await.seen(), (200, "Ok(7)"));
    }
    assert_eq!(server.get("/missing").await.status, 404);
}

#[tokio::test]
async fn a_rate_limit_is_kept_behind_a_buffer() {
    let window = Duration::from_millis(80);
    let rate = ServiceBuilder::new().buffer(8).layer(RateLimitLayer::new(2, window));
    let server = Server::start(app![tower(rate), index]).await;
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(server.get("/").await.seen(), (200, "index"));
    }
    assert!(start.elapsed() >= window * 2, "{:?}", start.elapsed());
}

/// Retries after a 503, up to `left` times.
#[derive(Clone)]
struct RetryOn503 {
    left: u32,
    /// Whether the clone has the extensions of the request.
    extensions: bool,
}

impl<E> Policy<http::Request<Body>, http::Response<Body>, E> for RetryOn503 {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut http::Request<Body>,
        result: &mut std::result::Result<http::Response<Body>, E>,
    ) -> Option<Ready<()>> {
        let failed = result.as_ref().is_ok_and(|response| response.status() == 503);
        (failed && self.left > 0).then(|| {
            self.left -= 1;
            ready(())
        })
    }

    fn clone_request(&mut self, req: &http::Request<Body>) -> Option<http::Request<Body>> {
        let mut clone = http::Request::new(Body::empty());
        clone.method_mut().clone_from(req.method());
        clone.uri_mut().clone_from(req.uri());
        clone.headers_mut().clone_from(req.headers());
        if self.extensions {
            clone.extensions_mut().clone_from(req.extensions());
        }
        Some(clone)
    }
}

/// Sends a 503 up to the call `good_from`.
#[middleware]
async fn flaky(
    #[config] calls: Arc<AtomicU32>,
    #[config] good_from: u32,
    req: &mut connect::Rewrite,
    res: &mut Response,
) -> Result {
    let call = calls.fetch_add(1, SeqCst) + 1;
    res.append("x-call", call);
    req.set_url(&format!("/rewritten/{call}"))?;
    req.headers_mut().remove("x-client");
    tokio::task::yield_now().await;
    let seen = format!("call {call} of {}", req.original_uri());
    res.status(if call < good_from { 503 } else { 200 }).send(seen)
}

#[middleware]
fn checks(req: &mut Request, res: &mut Response, next: Next) -> Result {
    assert_eq!((req.path(), req.header("x-client")), ("/a", Some("1")));
    assert_eq!((res.status_code().as_u16(), res.header("x-call")), (202, None));
    assert!(!res.is_finished());
    next.pass()
}

#[middleware]
fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.status(202).set("x-above", "1");
    next.pass()
}

#[tokio::test]
async fn a_retry_starts_with_the_original_request_and_response() {
    let calls = Arc::new(AtomicU32::new(0));
    let retry = tower(RetryLayer::new(RetryOn503 { left: 5, extensions: true }));
    let server = Server::start(app![above, retry, checks, flaky(Arc::clone(&calls), 3)]).await;
    let response = server.request("GET /a", &["x-client: 1"]).await;
    assert_eq!(response.seen(), (200, "call 3 of /a"));
    assert_eq!((response.header("x-above"), response.header("x-call")), (Some("1"), Some("3")));
    assert_eq!(calls.load(SeqCst), 3);
}

#[tokio::test]
async fn the_response_of_the_last_retry_is_sent() {
    let calls = Arc::new(AtomicU32::new(0));
    let retry = tower(RetryLayer::new(RetryOn503 { left: 1, extensions: true }));
    let server = Server::start(app![retry, flaky(Arc::clone(&calls), 9)]).await;
    assert_eq!(server.get("/a").await.seen(), (503, "call 2 of /a"));
}

#[tokio::test]
async fn a_retry_policy_that_drops_the_extensions_is_an_error() {
    #[error_handler]
    fn failed(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send(err.to_string())
    }
    let calls = Arc::new(AtomicU32::new(0));
    let retry = tower(RetryLayer::new(RetryOn503 { left: 1, extensions: false }));
    let server = Server::start(app![retry, flaky(Arc::clone(&calls), 9), failed]).await;
    let response = server.get("/a").await;
    assert_eq!(response.status, 500);
    assert!(response.body.contains("has to clone them"), "{}", response.body);
    assert_eq!(calls.load(SeqCst), 1);
}

#[tokio::test]
async fn a_request_that_is_tried_again_runs_the_hooks_of_the_last_try_alone() {
    #[middleware]
    fn hooked(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(async |res| {
            res.append("x-hook", "ran");
            Ok(())
        });
        next.pass()
    }
    let calls = Arc::new(AtomicU32::new(0));
    let retry = tower(RetryLayer::new(RetryOn503 { left: 5, extensions: true }));
    let server = Server::start(app![hooked, retry, hooked, flaky(Arc::clone(&calls), 3)]).await;
    let answer = server.get("/a").await;
    let ran = answer.headers.iter().filter(|(name, _)| name == "x-hook").count();
    assert_eq!((answer.status, ran), (200, 2));
}
