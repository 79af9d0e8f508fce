//! A run whose future is dropped leaves the response as it was before: what a layer below had set is not sent with the answer of
//! the one above.

use std::time::Duration;

use connect::{
    Error, Layer, Next, Request, Response, Rest, Result, app, error_handler, get, middleware, router, tower,
};
use tokio::time::{sleep, timeout};

use crate::support::Server;

const SOON: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(60);

#[middleware]
fn outer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-outer", 1).set("cache-control", "no-store").append("vary", "origin");
    next.pass()
}

/// Sets, replaces, adds to and removes headers, and then takes too long.
#[get("/{*path}")]
async fn slow(req: &Request, res: &mut Response) -> Result {
    res.status(201).set("set-cookie", "user=ann").set("cache-control", "public").append("vary", "cookie");
    res.remove("X-Outer");
    if req.header("x-fast").is_none() {
        // An error for whoever answers.
        res.set("not a name", "x");
        sleep(LONG).await;
    }
    res.send("done")
}

/// Answers, and is then held up.
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

#[get("/answers")]
fn answers(res: &mut Response) -> Result {
    res.status(201).set("set-cookie", "user=ann").send("an answer that nobody gets")
}

#[middleware]
async fn by_attribute(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match timeout(SOON, next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => res.status(504).send("late"),
    }
}

/// The status is left to the response.
#[middleware]
async fn by_select(req: &mut Request, res: &mut Response, next: Next) -> Result {
    tokio::select! {
        done = next.run(req, res) => return Ok(done),
        () = sleep(SOON) => {}
    }
    res.send("late")
}

#[middleware]
async fn by_box(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let below = next.boxed(req, res);
    match timeout(SOON, below).await {
        Ok(done) => Ok(done),
        Err(_) => res.status(504).send("late"),
    }
}

struct ByHand;

impl Layer for ByHand {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        match timeout(SOON, next.run(req, res)).await {
            Ok(done) => Ok(done),
            Err(_) => res.status(504).send("late"),
        }
    }
}

#[error_handler]
fn too_late(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(504).send("late")
}

async fn is_as_before(server: &Server, path: &str, status: u16) {
    let answer = server.ask(&format!("GET {path}"), &[]).await;
    assert_eq!(answer.seen(), (status, "late"), "{path}");
    let headers =
        ["x-outer", "cache-control", "vary", "set-cookie", "x-lingers"].map(|name| answer.header(name));
    assert_eq!(headers, [Some("1"), Some("no-store"), Some("origin"), None, None], "{path}");
}

#[tokio::test]
async fn a_dropped_run_leaves_no_headers_and_no_status() {
    let apps = [
        Server::start(app![outer, by_attribute, lingers, answers, "/a" => router![slow]]).await,
        Server::start(app![outer, by_box, lingers, answers, slow]).await,
        Server::start(app![outer, ByHand, lingers, answers, slow]).await,
        Server::start(app![outer, by_attribute, ByHand, lingers, answers, slow]).await,
    ];
    for server in apps {
        is_as_before(&server, "/a", 504).await;
        is_as_before(&server, "/answers", 504).await;
    }
    let server = Server::start(app![outer, by_select, lingers, answers, slow]).await;
    is_as_before(&server, "/a", 200).await;
    is_as_before(&server, "/answers", 200).await;
}

#[tokio::test]
async fn a_run_dropped_by_a_tower_layer_leaves_no_headers() {
    let late = ::tower::timeout::TimeoutLayer::new(SOON);
    let server = Server::start(app![outer, tower(late), lingers, answers, slow, too_late]).await;
    is_as_before(&server, "/a", 504).await;
    is_as_before(&server, "/answers", 504).await;
}

#[tokio::test]
async fn a_completed_run_keeps_its_headers() {
    let server = Server::start(app![outer, by_attribute, ByHand, by_box, slow]).await;
    let answer = server.ask("GET /a", &["x-fast: 1"]).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (201, Some("user=ann")));
    assert_eq!((answer.header("x-outer"), answer.header("cache-control")), (None, Some("public")));
}

/// Puts another response in the place of the one that was there, sets a header on it, and takes too long.
#[get("/replaces")]
async fn replaces(res: &mut Response) -> Result {
    *res = Response::new();
    res.status(201).set("set-cookie", "user=ann");
    sleep(LONG).await;
    res.send("done")
}

/// Collects the answer in a response of its own.
#[middleware]
async fn buffers(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let before = std::mem::take(res);
    let done = next.run(req, res).await;
    let answer = std::mem::replace(res, before);
    res.set("x-buffered", 1);
    *res = answer;
    Ok(done)
}

#[tokio::test]
async fn a_dropped_run_that_replaced_the_response_leaves_no_headers() {
    for server in [
        Server::start(app![outer, by_attribute, replaces]).await,
        Server::start(app![outer, by_attribute, buffers, replaces]).await,
        Server::start(app![outer, by_attribute, by_box, buffers, replaces]).await,
    ] {
        let answer = server.ask("GET /replaces", &[]).await;
        assert_eq!((answer.seen(), answer.header("set-cookie")), ((504, "late"), None));
    }
    let server = Server::start(app![outer, by_attribute, buffers, by_box, slow]).await;
    let answer = server.ask("GET /a", &["x-fast: 1"]).await;
    assert_eq!((answer.seen(), answer.header("set-cookie")), ((201, "done"), Some("user=ann")));
}

/// A middleware whose body came as a block to a macro.
macro_rules! timed {
    ($name:ident($req:ident, $res:ident, $next:ident) $block:block) => {
        #[middleware]
        async fn $name($req: &mut Request, $res: &mut Response, $next: Next) -> Result {
            match timeout(SOON, async $block).await {
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
    let server = Server::start(app![outer, by_macro, lingers, answers, slow]).await;
    is_as_before(&server, "/a", 504).await;
    let server = Server::start(app![sets_a_wrong_name, by_attribute, tries, slow]).await;
    let answer = server.ask("GET /a", &[]).await;
    assert!(answer.body.contains("is not one that HTTP allows"), "{} {}", answer.status, answer.body);
}

/// Takes the fault away, and waits.
#[middleware]
async fn tries(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    let _ = res.send("x");
    sleep(LONG).await;
    next.pass()
}
