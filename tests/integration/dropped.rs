//! When the future of `next.run` is dropped, the response is as it was before: headers of the layers below are not sent
//! with the response of the layer above.

use std::time::Duration;

use connect::{
    Error, Layer, Next, Request, Response, Rest, Result, app, error_handler, get, middleware, router, tower,
};
use tokio::time::{sleep, timeout};

use crate::support::Server;

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(60);

#[middleware]
fn outer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-outer", 1).set("cache-control", "no-store").append("vary", "origin");
    next.pass()
}

/// Sets, replaces, appends and removes headers, and then takes too long.
#[get("/{*path}")]
async fn slow(req: &Request, res: &mut Response) -> Result {
    res.status(201).set("set-cookie", "user=ann").set("cache-control", "public").append("vary", "cookie");
    res.remove("X-Outer");
    if req.header("x-fast").is_none() {
        // An error for the layer that responds.
        res.set("not a name", "x");
        sleep(LONG).await;
    }
    res.send("done")
}

/// Takes too long after the layers below have responded.
#[middleware]
async fn lingers(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    res.set("x-lingers", 1);
    if done.outcome() != connect::Outcome::Layer {
        return Ok(done);
    }
    sleep(LONG).await;
    Ok(done)
}

#[get("/responds")]
fn responds(res: &mut Response) -> Result {
    res.status(201).set("set-cookie", "user=ann").send("a response that is dropped")
}

#[middleware]
async fn by_attribute(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match timeout(SHORT, next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => res.status(504).send("late"),
    }
}

/// The status is left to the response.
#[middleware]
async fn by_select(req: &mut Request, res: &mut Response, next: Next) -> Result {
    tokio::select! {
        done = next.run(req, res) => return Ok(done),
        () = sleep(SHORT) => {}
    }
    res.send("late")
}

#[middleware]
async fn by_box(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let below = next.boxed(req, res);
    match timeout(SHORT, below).await {
        Ok(done) => Ok(done),
        Err(_) => res.status(504).send("late"),
    }
}

struct ByHand;

impl Layer for ByHand {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        match timeout(SHORT, next.run(req, res)).await {
            Ok(done) => Ok(done),
            Err(_) => res.status(504).send("late"),
        }
    }
}

#[error_handler]
fn too_late(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(504).send("late")
}

async fn assert_restored(server: &Server, path: &str, status: u16) {
    let response = server.request(&format!("GET {path}"), &[]).await;
    assert_eq!(response.seen(), (status, "late"), "{path}");
    let headers =
        ["x-outer", "cache-control", "vary", "set-cookie", "x-lingers"].map(|name| response.header(name));
    assert_eq!(headers, [Some("1"), Some("no-store"), Some("origin"), None, None], "{path}");
}

#[tokio::test]
async fn a_dropped_run_leaves_no_headers_and_no_status() {
    let apps = [
        Server::start(app![outer, by_attribute, lingers, responds, "/a" => router![slow]]).await,
        Server::start(app![outer, by_box, lingers, responds, slow]).await,
        Server::start(app![outer, ByHand, lingers, responds, slow]).await,
        Server::start(app![outer, by_attribute, ByHand, lingers, responds, slow]).await,
    ];
    for server in apps {
        assert_restored(&server, "/a", 504).await;
        assert_restored(&server, "/responds", 504).await;
    }
    let server = Server::start(app![outer, by_select, lingers, responds, slow]).await;
    assert_restored(&server, "/a", 200).await;
    assert_restored(&server, "/responds", 200).await;
}

#[tokio::test]
async fn a_run_dropped_by_a_tower_layer_leaves_no_headers() {
    let late = ::tower::timeout::TimeoutLayer::new(SHORT);
    let server = Server::start(app![outer, tower(late), lingers, responds, slow, too_late]).await;
    assert_restored(&server, "/a", 504).await;
    assert_restored(&server, "/responds", 504).await;
}

#[tokio::test]
async fn a_completed_run_keeps_its_headers() {
    let server = Server::start(app![outer, by_attribute, ByHand, by_box, slow]).await;
    let response = server.request("GET /a", &["x-fast: 1"]).await;
    assert_eq!((response.status, response.header("set-cookie")), (201, Some("user=ann")));
    assert_eq!((response.header("x-outer"), response.header("cache-control")), (None, Some("public")));
}

/// Replaces the response, sets a header on the new one, and takes too long.
#[get("/replaces")]
async fn replaces(res: &mut Response) -> Result {
    *res = Response::new();
    res.status(201).set("set-cookie", "user=ann");
    sleep(LONG).await;
    res.send("done")
}

/// Collects what the layers below send in a new response.
#[middleware]
async fn buffers(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let before = std::mem::take(res);
    let done = next.run(req, res).await;
    let response = std::mem::replace(res, before);
    res.set("x-buffered", 1);
    *res = response;
    Ok(done)
}

#[tokio::test]
async fn a_dropped_run_that_replaced_the_response_leaves_no_headers() {
    for server in [
        Server::start(app![outer, by_attribute, replaces]).await,
        Server::start(app![outer, by_attribute, buffers, replaces]).await,
        Server::start(app![outer, by_attribute, by_box, buffers, replaces]).await,
    ] {
        let response = server.request("GET /replaces", &[]).await;
        assert_eq!((response.seen(), response.header("set-cookie")), ((504, "late"), None));
    }
    let server = Server::start(app![outer, by_attribute, buffers, by_box, slow]).await;
    let response = server.request("GET /a", &["x-fast: 1"]).await;
    assert_eq!((response.seen(), response.header("set-cookie")), ((201, "done"), Some("user=ann")));
}

/// A middleware whose body is a block of a macro call.
macro_rules! timed {
    ($name:ident($req:ident, $res:ident, $next:ident) $block:block) => {
        #[middleware]
        async fn $name($req: &mut Request, $res: &mut Response, $next: Next) -> Result {
            match timeout(SHORT, async $block).await {
                Ok(done) => done,
                Err(_) => $res.status(504).send("late"),
            }
        }
    };
}
timed!(by_macro(req, res, next) { Ok(next.run(req, res).await) });

#[middleware]
fn sets_a_wrong_name(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("not a name", 1);
    next.pass()
}

#[tokio::test]
async fn an_invalid_header_from_before_a_dropped_run_is_reported() {
    let server = Server::start(app![outer, by_macro, lingers, responds, slow]).await;
    assert_restored(&server, "/a", 504).await;
    let server = Server::start(app![sets_a_wrong_name, by_attribute, tries, slow]).await;
    let response = server.request("GET /a", &[]).await;
    assert!(response.body.contains("is not one that HTTP allows"), "{} {}", response.status, response.body);
}

/// Consumes the error of the invalid header, and takes too long.
#[middleware]
async fn tries(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    let _ = res.send("x");
    sleep(LONG).await;
    next.pass()
}
