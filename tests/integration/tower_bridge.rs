//! tower layers in a stack: what is above and below them, and where they may be listed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::{Context, Poll};

use connect::{
    Body, Declared, Declares, Error, Next, Outcome, Request, Response, Result, Stack, TowerRest, With, app,
    body_parser, error_handler, get, middleware, post, provide, router, stack, tower, tower_unsync,
};
use tower::Service;
use tower::layer::layer_fn;
use tower::util::{BoxCloneServiceLayer, MapResponseLayer};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::support::{Server, call, call_with, get};

/// A tower layer that marks the responses.
fn mark(value: &'static str) -> SetResponseHeaderLayer<http::HeaderValue> {
    let value = http::HeaderValue::from_static(value);
    SetResponseHeaderLayer::appending(http::HeaderName::from_static("x-mark"), value)
}

fn marks(response: &crate::support::RawResponse) -> Vec<&str> {
    response.headers.iter().filter(|(name, _)| name == "x-mark").map(|(_, value)| &**value).collect()
}

struct User(&'static str);

#[middleware]
fn authenticate(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[get("/me")]
async fn me(user: &User) -> String {
    tokio::task::yield_now().await;
    user.0.to_owned()
}

#[tokio::test]
async fn values_provided_above_a_tower_layer_are_available_below_it() {
    let app = app![authenticate, provide(7_u32), tower(mark("a")), tower(mark("b")), me];
    let response = call(&app, "/me").await;
    assert_eq!(response.seen(), (200, "ann"));
    assert_eq!(marks(&response), ["b", "a"]);
}

#[tokio::test]
async fn a_tower_layer_can_be_in_a_mount_a_router_a_stack_and_an_option() {
    fn guarded() -> impl Stack<(User,)> {
        stack![tower(mark("stack")), me]
    }
    #[middleware]
    fn needs(req: &mut With<User>, res: &mut Response, next: Next) -> Result {
        let name = req.get::<User>().0;
        res.set("x-user", name);
        next.pass()
    }
    let app = app![
        authenticate,
        "/list" => [tower(mark("list")), needs, me],
        "/router" => router![tower(mark("router")), needs, me],
        "/stack" => guarded(),
        "/option" => [Some(tower(mark("option"))), me],
        "/one" => tower(mark("one")),
    ];
    for name in ["list", "router", "stack", "option"] {
        let response = call(&app, &format!("/{name}/me")).await;
        assert_eq!((response.seen(), marks(&response)), ((200, "ann"), vec![name]));
    }
    // Mounted alone, it covers the layers below the mount, as any layer that calls `next.run`.
    let response = call(&app, "/one/x").await;
    assert_eq!((response.status, marks(&response)), (404, vec!["one"]));
    assert_eq!(marks(&call(&app, "/other").await), [""; 0]);
    let printed = app.to_string();
    assert!(printed.contains("tower(SetResponseHeaderLayer)"), "{printed}");
}

#[tokio::test]
async fn a_mount_is_restored_when_a_tower_layer_drops_its_future() {
    #[middleware]
    async fn hangs(req: &mut Request, res: &mut Response) -> Result {
        assert_eq!(req.mount_path(), "/outer/inner");
        let _ = res.json("unfinished");
        std::future::pending::<()>().await;
        res.send("never")
    }
    #[error_handler]
    fn takes(
        _err: ::tower::timeout::error::Elapsed,
        req: &mut Request,
        res: &mut Response,
        _next: Next,
    ) -> Result {
        let seen = format!("{:?} {} {:?}", req.mount_path(), req.path(), res.header("content-type"));
        res.status(504).send(seen)
    }
    let timeout = ::tower::timeout::TimeoutLayer::new(std::time::Duration::from_millis(5));
    let app = app!["/outer" => [tower(timeout), "/inner" => hangs], takes];
    assert_eq!(call(&app, "/outer/inner/x").await.seen(), (504, "\"\" /outer/inner/x None"));
}

#[tokio::test]
async fn a_tower_layer_in_a_routes_own_stack_covers_only_that_route() {
    #[get("/a", tower(mark("a")))]
    fn a() -> &'static str {
        "a"
    }
    #[get("/b", tower(mark("b")), tower(mark("c")))]
    async fn passes(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.pass()
    }
    #[get("/b")]
    fn b() -> &'static str {
        "b"
    }
    #[get("/fails", tower(mark("f")))]
    fn fails(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(Error::new(418, "teapot"))
    }
    #[error_handler]
    fn takes(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send(err.to_string())
    }
    let app = app![a, passes, b, fails, takes];
    let response = call(&app, "/a").await;
    assert_eq!((response.seen(), marks(&response)), ((200, "a"), vec!["a"]));
    // The route was left: there was no response for the layer.
    let response = call(&app, "/b").await;
    assert_eq!((response.seen(), marks(&response)), ((200, "b"), vec![]));
    // An error that is handled outside of the route passes the layer as its status.
    let response = call(&app, "/fails").await;
    assert_eq!((response.seen(), marks(&response)), ((418, "teapot"), vec!["f"]));
}

#[tokio::test]
async fn the_outcome_is_known_above_a_tower_layer() {
    #[middleware]
    fn fails(req: &mut Request, res: &mut Response, next: Next) -> Result {
        match req.path() {
            "/fails" => next.fail(Error::msg("x")),
            "/answers" => res.send("x"),
            _ => next.pass(),
        }
    }
    #[error_handler]
    fn takes(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.send("x")
    }
    static SEEN: std::sync::Mutex<Vec<Outcome>> = std::sync::Mutex::new(Vec::new());
    #[middleware]
    async fn watches(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        SEEN.lock().expect("not poisoned").push(done.outcome());
        assert_eq!(res.header("x-mark"), Some("a"));
        Ok(done)
    }
    #[middleware]
    async fn runs(req: &mut Request, res: &mut Response, next: Next) -> Result {
        assert_eq!(res.header("x-mark"), None);
        Ok(next.run(req, res).await)
    }
    let app = app![watches, tower(mark("a")), runs, fails, takes];
    for (path, outcome) in
        [("/answers", Outcome::Layer), ("/fails", Outcome::ErrorHandler), ("/", Outcome::FinalHandler)]
    {
        assert_eq!(call_with(&app, &mut get(path)).await.1, outcome);
        assert_eq!(SEEN.lock().expect("not poisoned").pop(), Some(outcome));
    }
}

#[tokio::test]
async fn an_error_from_above_skips_a_tower_layer_and_one_from_below_does_not_return_to_it() {
    #[middleware]
    fn fails(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(Error::new(418, "teapot"))
    }
    #[error_handler]
    fn takes(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send(err.to_string())
    }
    let response = call(&app![fails, tower(mark("a")), takes], "/").await;
    assert_eq!((response.seen(), marks(&response)), ((418, "teapot"), vec![]));
    let response = call(&app![tower(mark("a")), fails, takes], "/").await;
    assert_eq!((response.seen(), marks(&response)), ((418, "teapot"), vec!["a"]));
}

#[tokio::test]
async fn a_body_parsed_above_a_tower_layer_is_available_below_it() {
    #[post("/")]
    async fn reads(req: &mut Request) -> Result<String> {
        tokio::task::yield_now().await;
        Ok(format!("{:?}", req.parsed_body()))
    }
    let limit = || tower_http::limit::RequestBodyLimitLayer::new(100);
    let server = Server::start(app![body_parser::json(), tower(limit()), reads]).await;
    assert_eq!(
        server.post("/", "content-type: application/json\r\n", "[1, 2]").await.seen(),
        (200, "Some(Json(Array [Number(1), Number(2)]))")
    );
    let server = Server::start(app![tower(limit()), body_parser::json(), reads]).await;
    assert_eq!(
        server.post("/", "content-type: application/json\r\n", "[1, 2]").await.seen(),
        (200, "Some(Json(Array [Number(1), Number(2)]))")
    );
}

#[tokio::test]
async fn a_tower_layer_sees_the_negotiated_redirect_body() {
    #[get("/")]
    fn away(_req: &mut Request, res: &mut Response) -> Result {
        res.redirect("/b")
    }
    let length = MapResponseLayer::new(|mut response: http::Response<Body>| {
        let length = response.body().as_bytes().map_or(0, bytes::Bytes::len);
        response.headers_mut().insert("x-length", length.into());
        response
    });
    let server = Server::start(app![tower(length), away]).await;
    for accept in ["accept: text/html", "accept: text/plain", "accept: image/png"] {
        let response = server.request("GET /", &[accept]).await;
        assert_eq!(response.header("x-length"), Some(&*response.body.len().to_string()), "{accept}");
    }
}

#[tokio::test]
async fn a_fresh_response_below_a_tower_layer_is_a_304() {
    #[get("/")]
    fn index() -> &'static str {
        "index"
    }
    let server = Server::start(app![tower(mark("a")), index]).await;
    let etag = server.get("/").await.header("etag").expect("an ETag").to_owned();
    let response = server.request("GET /", &[&format!("if-none-match: {etag}")]).await;
    assert_eq!((response.seen(), response.header("x-mark")), ((304, ""), Some("a")));
}

/// Calls its service twice, and drops the first call.
#[derive(Clone)]
struct Twice<S>(S);

impl<S> Service<http::Request<Body>> for Twice<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, req: http::Request<Body>) -> Self::Future {
        let mut second = http::Request::new(Body::from("second"));
        *second.extensions_mut() = req.extensions().clone();
        let (mut one, mut two) = (self.0.clone(), self.0.clone());
        Box::pin(async move {
            let both = (one.call(req), two.call(second));
            tokio::pin! { let first = both.0; }
            let given_up = tokio::time::timeout(std::time::Duration::from_millis(5), first.as_mut()).await;
            assert!(given_up.is_err());
            both.1.await
        })
    }
}

#[tokio::test]
async fn a_tower_layer_may_call_its_service_twice_concurrently() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[middleware]
    async fn counts(req: &mut Request, res: &mut Response) -> Result {
        if CALLS.fetch_add(1, SeqCst) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            return res.status(500).set("x-first", "1").send("first");
        }
        let body = req.text().await?;
        res.send(body)
    }
    let response = call(&app![tower(layer_fn(Twice)), counts], "/").await;
    assert_eq!((response.seen(), response.header("x-first")), ((200, "second"), None));
    assert_eq!(CALLS.load(SeqCst), 2);
}

/// Calls its service in a task of its own.
#[derive(Clone)]
struct Spawned(TowerRest);

impl Service<http::Request<Body>> for Spawned {
    type Response = http::Response<Body>;
    type Error = tokio::task::JoinError;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, req: http::Request<Body>) -> Self::Future {
        let mut rest = self.0.clone();
        Box::pin(async move {
            let task = tokio::spawn(async move { rest.call(req).await });
            Ok(task.await?.expect("infallible"))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tower_layer_may_call_its_service_in_another_task() {
    #[middleware]
    async fn slow(req: &mut Request, res: &mut Response) -> Result {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        if req.path() == "/panics" {
            panic!("below")
        }
        res.send("done")
    }
    #[error_handler]
    fn takes(err: tokio::task::JoinError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(500).send(format!("panicked: {}", err.is_panic()))
    }
    let app = app![tower(layer_fn(Spawned)), slow, takes];
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { call(&app, "/").await.body })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("no panic"), "done");
    }
}

#[tokio::test]
async fn tower_unsync_accepts_a_service_that_is_not_sync() {
    type Boxed =
        BoxCloneServiceLayer<TowerRest, http::Request<Body>, http::Response<Body>, std::convert::Infallible>;
    let boxed: Boxed = BoxCloneServiceLayer::new(mark("boxed"));
    let server = Server::start(app![tower_unsync(boxed), me_without_a_user]).await;
    let response = server.get("/").await;
    assert_eq!((response.seen(), marks(&response)), ((200, "x"), vec!["boxed"]));
}

#[get("/")]
fn me_without_a_user() -> &'static str {
    "x"
}

#[tokio::test]
async fn a_connect_error_of_a_tower_layer_keeps_its_status() {
    let refuse = layer_fn(|_: TowerRest| {
        tower::service_fn(|_: http::Request<Body>| async {
            Err::<http::Response<Body>, _>(Error::new(403, "refused").with_header("x-why", "1"))
        })
    });
    let response = call(&app![tower(refuse), me_without_a_user], "/").await;
    assert_eq!((response.status, response.header("x-why")), (403, Some("1")));
}

#[tokio::test]
async fn an_app_with_tower_layers_can_be_spawned_and_declared() {
    let declared = Declared::<_, Declares<(User,), ()>>::new(tower(mark("declared")));
    let app = app![authenticate, declared, me];
    let run = {
        let app = app.clone();
        async move { call(&app, "/me").await.body }
    };
    assert_eq!(tokio::spawn(run).await.expect("no panic"), "ann");
    let service = app.into_service::<Body>();
    let _ = Arc::new(service);
}
