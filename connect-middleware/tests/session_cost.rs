//! What the layer costs a request that does not use its session.
#![cfg(feature = "session")]

use connect::http::HeaderValue;
use connect::{App, Chain, Layer, Next, Outermost, Request, Response, Rest, Result, app, get, http};
use connect_middleware::session::{MemoryStore, Session};

/// A layer of the same kind that does nothing.
struct Empty;

impl Layer for Empty {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        Ok(next.run(req, res).await)
    }
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

/// The allocations of a request, after some others.
fn allocations<P>(app: &App<impl Chain, P>, cookie: Option<&HeaderValue>) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut last = 0;
    for _ in 0..3 {
        let mut req = http::Request::get("/");
        if let Some(cookie) = cookie {
            req = req.header("cookie", cookie.clone());
        }
        let (mut req, mut res) = (Request::from(req.body("").unwrap()), Response::new());
        last = allocation_counter::measure(|| {
            let _done = runtime.block_on(app.run(&mut req, &mut res));
        })
        .count_total;
    }
    last
}

fn session() -> App<impl Chain, Outermost> {
    app![Session::new(MemoryStore::new()), index].etag(false)
}

#[test]
fn a_request_that_does_not_use_its_session_costs_two_small_allocations() {
    let (empty, session) = (app![Empty, index].etag(false), session());
    // A value that shares its bytes, as those of a server share the buffer of the request head.
    let cookie = HeaderValue::try_from(format!("a=1; id={}; b=2", "A".repeat(43))).unwrap();
    for cookie in [None, Some(&cookie)] {
        let (empty, with) = (allocations(&empty, cookie), allocations(&session, cookie));
        // `Sessions`, and what the layer shares with it.
        assert!(with <= empty + 2, "{with} instead of {empty}, with the cookie {cookie:?}");
    }
}
