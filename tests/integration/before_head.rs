//! Hooks that run before the head of a response goes out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::Client;
use connect::websocket::WebSocketUpgrade;
use connect::{
    App, Body, Chain, Environment, Error, Next, Outcome, Request, Response, Result, app, bail, detached, get,
    middleware, serve_static,
};
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tower_service::Service as _;

use crate::support;

const SOON: Duration = Duration::from_secs(5);

/// Waits, as a store does.
async fn save() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Sets a header with the status that it finds.
#[middleware]
fn saves(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.before_head(async |res| {
        save().await;
        let status = res.status_code().as_u16();
        res.append("x-saved", status);
        Ok(())
    });
    next.pass()
}

#[middleware]
fn closed(req: &mut Request, res: &mut Response, next: Next) -> Result {
    if req.path() == "/closed" { res.status(403).text("closed") } else { next.pass() }
}

#[get("/text")]
fn text() -> &'static str {
    "hello"
}

#[get("/redirect")]
fn redirect(res: &mut Response) -> Result {
    res.redirect("/text")
}

#[get("/stream")]
fn stream(res: &mut Response) -> Result {
    res.write(async |out| out.end("streamed").await)
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    bail!(418, "no coffee")
}

#[get("/panics")]
fn panics() -> &'static str {
    panic!("as a test does")
}

#[get("/socket")]
fn socket(ws: WebSocketUpgrade) -> connect::websocket::SwitchingProtocols {
    ws.on_upgrade(async |_| Ok(()))
}

fn all() -> App<impl Chain> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance");
    app![saves, closed, text, redirect, stream, fails, panics, socket, "/files" => serve_static(folder)]
}

fn requests(etag: http::HeaderValue) -> Vec<(http::request::Builder, u16, u16)> {
    let get = |path: &str| http::Request::get(format!("http://localhost{path}"));
    vec![
        (get("/text"), 200, 200),
        (http::Request::head("http://localhost/text"), 200, 200),
        // The client gets a 304, which is decided after the hook.
        (get("/text").header("if-none-match", etag), 304, 200),
        (get("/redirect"), 302, 302),
        (get("/stream"), 200, 200),
        (get("/files/README.md"), 200, 200),
        (get("/fails"), 418, 418),
        (get("/panics"), 500, 500),
        (get("/closed"), 403, 403),
        (get("/none"), 404, 404),
    ]
}

#[track_caller]
fn check(response: &http::Response<impl Sized>, status: u16, saved: u16, host: &str) {
    let all: Vec<_> = response.headers().get_all("x-saved").iter().collect();
    assert_eq!(response.status(), status, "{host}");
    assert_eq!(all, [saved.to_string().as_str()], "{host}: {status}");
}

#[tokio::test]
async fn a_hook_runs_once_for_every_response_and_under_every_host() {
    let app = all();
    let server = support::Server::start(app.clone()).await;
    let stream = TcpStream::connect(server.address).await.expect("a connection");
    let (mut http1, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1");
    tokio::spawn(connection);
    let stream = TcpStream::connect(server.address).await.expect("a connection");
    let (mut http2, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    tokio::spawn(connection);
    let client = Client::new(app.clone().environment(Environment::Test));
    let mut tower = app.clone().into_service();
    let mounted = app!["/" => app.clone()];
    let Ok(first) = tower.call(http::Request::get("/text").body(Body::empty()).expect("valid")).await;
    for (request, status, saved) in requests(first.headers()["etag"].clone()) {
        let request = request.header("host", "localhost").body(()).expect("valid");
        let with_body = || request.clone().map(|()| Body::empty());
        let mut plain = with_body();
        *plain.uri_mut() = request.uri().path().parse().expect("a path");
        http1.ready().await.expect("the connection");
        let answer = http1.send_request(plain).await.expect("an answer");
        check(&answer, status, saved, "HTTP/1");
        answer.into_body().collect().await.expect("a whole body");
        let answer = http2.send_request(with_body()).await.expect("an answer");
        check(&answer, status, saved, "HTTP/2");
        if request.method() != http::Method::HEAD {
            answer.into_body().collect().await.expect("a whole body");
        }
        let Ok(answer) = tower.call(with_body()).await;
        check(&answer, status, saved, "tower");
        let Ok(answer) = hyper::service::Service::call(&app, with_body()).await;
        check(&answer, status, saved, "hyper");
        let Ok(answer) = hyper::service::Service::call(&mounted, with_body()).await;
        check(&answer, status, saved, "mounted");
        let mut asks = client.request(request.method().clone(), request.uri().path());
        for (name, value) in request.headers() {
            asks = asks.header(name, value);
        }
        asks.send().await.assert_status(status).assert_header("x-saved", &saved.to_string());
    }
}

const HANDSHAKE: &str = "GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[tokio::test]
async fn a_hook_runs_before_the_answer_to_an_upgrade_and_may_refuse_it() {
    let server = support::Server::start(all()).await;
    let mut client = server.connect().await;
    client.write(HANDSHAKE).await;
    let answer = client.response().await.expect("an answer");
    assert_eq!((answer.status, answer.header("x-saved")), (101, Some("101")));

    #[middleware]
    fn refuses(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(async |_| bail!(503, "no place for it"));
        next.pass()
    }
    let server = support::Server::start(app![refuses, socket]).await;
    let mut client = server.connect().await;
    client.write(HANDSHAKE).await;
    assert_eq!(client.response().await.expect("an answer").status, 503);
}

/// Registers a hook that adds its name to what earlier ones have set.
#[middleware]
fn named(#[config] name: &'static str, _req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.before_head(async move |res| {
        save().await;
        let order = format!("{}{name}", res.header("x-order").unwrap_or_default());
        res.set("x-order", order);
        Ok(())
    });
    next.pass()
}

#[tokio::test]
async fn hooks_run_in_the_reverse_order_of_their_registration() {
    #[middleware]
    async fn after(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        res.before_head(async |res| {
            // It runs next.
            res.before_head(async |res| {
                let order = format!("{}.", res.header("x-order").unwrap_or_default());
                res.set("x-order", order);
                Ok(())
            });
            Ok(())
        });
        Ok(done)
    }
    let client = Client::new(app![named("a"), after, named("b"), named("c"), text]);
    client.get("/text").send().await.assert_text("hello").assert_header("x-order", ".cba");
}

#[tokio::test]
async fn the_error_of_a_hook_becomes_the_response_and_keeps_what_earlier_hooks_have_set() {
    #[middleware]
    fn broken(#[config] how: &'static str, _req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(async move |res| {
            save().await;
            match how {
                "status" => Err(Error::new(503, "the store is busy").with_header("retry-after", "5")),
                "no status" => Err(std::io::Error::other("the store is gone"))?,
                "panic" => panic!("as a test does"),
                _ => {
                    res.set("no name", "x");
                    Ok(())
                }
            }
        });
        next.pass()
    }
    for (how, status) in [("status", 503), ("no status", 500), ("panic", 500), ("header", 500)] {
        let app = app![named("last"), broken(how), named("first"), text, redirect, fails];
        let client = Client::serve(app.environment(Environment::Test)).await.expect("a port");
        for path in ["/text", "/redirect", "/fails", "/none"] {
            let answer = client.get(path).send().await;
            answer.assert_status(status).assert_header("x-order", "firstlast").assert_no_header("location");
            answer.assert_no_header("etag").assert_header("content-type", "text/html; charset=utf-8");
            assert_eq!(answer.header("retry-after"), (how == "status").then_some("5"), "{how} {path}");
        }
        client.head("/text").send().await.assert_status(status).assert_text("");
    }
}

#[tokio::test]
async fn a_hook_may_answer_anew_and_what_is_computed_follows_it() {
    #[middleware]
    fn replaces(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(async |res| {
            let _ = res.status(200).text("replaced")?;
            Ok(())
        });
        next.pass()
    }
    let client = Client::serve(app![replaces, stream]).await.expect("a port");
    let answer = client.get("/none").send().await;
    answer.assert_status(200).assert_text("replaced").assert_header("content-length", "8");
    let etag = answer.header("etag").expect("an `ETag`").to_owned();
    client.get("/stream").header("if-none-match", etag).send().await.assert_status(304);
}

#[tokio::test]
async fn an_async_function_is_a_hook() {
    async fn hook(res: &mut Response) -> Result<()> {
        save().await;
        res.set("x-hook", "function");
        Ok(())
    }
    #[middleware]
    fn hooks(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.before_head(hook);
        next.pass()
    }
    let client = Client::new(app![hooks, text]);
    client.get("/text").send().await.assert_header("x-hook", "function");
}

/// Registers a hook that waits until it is told to go on, and says where it is.
#[middleware]
fn waits(
    #[config] (to, go): (mpsc::UnboundedSender<&'static str>, Arc<Notify>),
    _req: &mut Request,
    res: &mut Response,
    next: Next,
) -> Result {
    struct Says(mpsc::UnboundedSender<&'static str>, &'static str);
    impl Drop for Says {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }
    res.before_head(async move |_| {
        let _ = to.send("begins");
        let mut says = Says(to, "dropped");
        go.notified().await;
        says.1 = "runs to its end";
        Ok(())
    });
    next.pass()
}

#[tokio::test]
async fn a_hook_is_dropped_with_its_client_unless_the_request_is_detached() {
    for (is_detached, end) in [(false, "dropped"), (true, "runs to its end")] {
        let (to, mut said) = mpsc::unbounded_channel();
        let go = Arc::new(Notify::new());
        let app = app![is_detached.then(detached), waits((to, Arc::clone(&go))), text];
        let server = support::Server::start(app).await;
        let mut client = server.connect().await;
        client.write("GET /text HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(timeout(SOON, said.recv()).await.expect("in time"), Some("begins"));
        client.reset();
        tokio::time::sleep(Duration::from_millis(100)).await;
        go.notify_one();
        assert_eq!(timeout(SOON, said.recv()).await.expect("in time"), Some(end));
    }
}

#[tokio::test]
async fn a_hook_stays_when_the_run_that_registered_it_is_dropped() {
    #[middleware]
    async fn in_time(req: &mut Request, res: &mut Response, next: Next) -> Result {
        match timeout(Duration::from_millis(20), next.run(req, res)).await {
            Ok(done) => Ok(done),
            Err(_) => res.status(503).text("too late"),
        }
    }
    #[get("/slow")]
    async fn slow() -> &'static str {
        tokio::time::sleep(Duration::from_secs(60)).await;
        "slow"
    }
    let client = Client::new(app![in_time, saves, slow]);
    client.get("/slow").send().await.assert_status(503).assert_header("x-saved", "503");
}

#[tokio::test]
async fn the_layers_alone_run_no_hook() {
    let seen = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&seen);
    let count = move |res: &mut Response| {
        let counted = Arc::clone(&counted);
        res.before_head(async move |_| {
            *counted.lock().expect("not poisoned") += 1;
            Ok(())
        });
    };
    let app = app![text];
    let mut req = Request::from(http::Request::get("/text").body("").expect("valid"));
    let mut res = Response::new();
    count(&mut res);
    assert_eq!(app.run(&mut req, &mut res).await.outcome(), Outcome::Layer);
    drop(res);
    assert_eq!(*seen.lock().expect("not poisoned"), 0);
}
