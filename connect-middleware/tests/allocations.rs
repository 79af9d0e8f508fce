//! What layers that have nothing to do allocate: nothing. Sessions are in `session_cost`.
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use connect::{App, Chain, Next, PlainFn, PlainLayer, Request, Response, Result, app, get, router};
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;
use connect_middleware::hosts::{AllowedHosts, VHost};
use connect_middleware::ip_filter::IpFilter;

struct EmptyPlain;

impl PlainLayer for EmptyPlain {
    fn run(&self, _req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        next.pass()
    }
}

#[connect::middleware]
fn leaves(next: Next) -> Result {
    next.router()
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

/// The allocations of one request, after a few to warm up.
fn of<P>(app: App<impl Chain, P>) -> u64 {
    let once = || {
        let mut req: Request = http::Request::get("/").header("host", "localhost").body("").unwrap().into();
        req.set_peer(([203, 0, 113, 7], 4711).into());
        let mut res = Response::new();
        let counted = allocation_counter::measure(|| {
            let mut run = pin!(app.run(&mut req, &mut res));
            let Poll::Ready(done) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("nothing here waits")
            };
            drop(done);
        });
        assert_eq!(res.status_code(), 200);
        counted.count_total
    };
    once();
    once()
}

#[test]
fn layers_with_nothing_to_do_allocate_nothing() {
    let empty = of(app![EmptyPlain, index]);
    assert_eq!(of(app![Csrf::new(), index]), empty);
    assert_eq!(of(app![Cors::origins(["https://app.example.com"]), index]), empty);
    assert_eq!(of(app![AllowedHosts::new(["localhost", "*.example.com"]), index]), empty);
    assert_eq!(of(app![IpFilter::deny(["198.51.100.0/24"]), index]), empty);
    assert_eq!(
        of(app![router![VHost::new("*.example.com"), index], index]),
        of(app![router![leaves, index], index])
    );
}
