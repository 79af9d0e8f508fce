//! The types of apps: `left` and `right`, `boxed`; and `wrap`, a layer around a layer.

use std::sync::OnceLock;
use std::time::Duration;

use connect::{
    App, BoxedApp, Chain, Either, Error, Layer, Next, Outermost, Request, Response, Rest, Result, Stack, app,
    error_handler, get, middleware, provide, router, stack, wrap,
};

use crate::support::{Server, call};

struct User(&'static str);

#[middleware]
async fn authenticate(next: Next<User>) -> Result {
    tokio::task::yield_now().await;
    next.with(User("ann")).pass()
}

#[middleware]
fn log(res: &mut Response, next: Next) -> Result {
    res.set("x-log", "1");
    next.pass()
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/debug")]
fn debug() -> &'static str {
    "debug"
}

#[get("/me")]
fn me(user: &User) -> &'static str {
    user.0
}

#[get("/fails")]
fn fails() -> Result<()> {
    Err(Error::new(409, "conflict"))
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.status(err.status()).send("handled")
}

fn one_of_two(debugging: bool) -> App<impl Chain> {
    if debugging { app![log, debug, index, fails, on_error].left() } else { app![index, fails].right() }
}

#[tokio::test]
async fn left_and_right_give_two_apps_one_type() {
    let server = Server::start(one_of_two(true)).await;
    assert_eq!(server.get("/debug").await.seen(), (200, "debug"));
    assert_eq!(server.get("/").await.header("x-log"), Some("1"));
    assert_eq!(server.get("/fails").await.seen(), (409, "handled"));
    let server = Server::start(one_of_two(false)).await;
    assert_eq!(server.get("/debug").await.status, 404);
    assert_eq!(server.get("/").await.seen(), (200, "index"));
    assert_eq!(server.get("/fails").await.status, 409);
    assert_eq!(one_of_two(false).to_string(), "GET / index\nGET /fails fails");
}

fn pages(debugging: bool) -> impl Stack<(User,)> {
    if debugging { Either::Left(stack![debug, me]) } else { Either::Right(stack![me]) }
}

#[tokio::test]
async fn a_function_returns_one_of_two_stacks() {
    for debugging in [true, false] {
        let app = app![provide(User("bob")), "/x" => pages(debugging), index];
        assert_eq!(call(&app, "/x/me").await.body, "bob");
        assert_eq!(call(&app, "/x/debug").await.status, if debugging { 200 } else { 404 });
        assert_eq!(call(&app, "/").await.body, "index");
    }
}

struct Tenant {
    host: &'static str,
    app: BoxedApp,
}

static APP: OnceLock<BoxedApp<Outermost>> = OnceLock::new();

#[tokio::test]
async fn a_boxed_app_can_be_in_a_field_a_static_and_a_list() {
    let tenants = [
        Tenant { host: "a", app: app![log, index].boxed() },
        Tenant { host: "b", app: app!["/b" => router![index], fails, on_error].boxed() },
    ];
    assert_eq!(call(&tenants[0].app, "/").await.header("x-log"), Some("1"));
    assert_eq!(call(&tenants[1].app, "/b").await.body, "index");
    assert_eq!(tenants[1].host, "b");
    assert_eq!(tenants[1].app.to_string(), "/b\n  GET / index\nGET /fails fails\non_error");
    let server = Server::start(tenants[1].app.clone()).await;
    assert_eq!(server.get("/fails").await.seen(), (409, "handled"));
    assert_eq!(server.get("/nowhere").await.status, 404);

    // Mounted in another, and with settings.
    let around = app!["/t" => tenants[0].app.clone()];
    assert_eq!(call(&around, "/t").await.body, "index");
    let app = APP.get_or_init(|| app![index].body_timeout(Duration::from_secs(3)).boxed());
    assert_eq!(call(app, "/").await.body, "index");
}

/// Counts the requests to another layer.
struct Counted<L>(L);

impl<L: Layer> Layer for Counted<L> {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        if req.path() == "/skipped" {
            return next.pass();
        }
        let count = res.headers().get_all("x-count").iter().count();
        res.append("x-count", count.to_string());
        self.0.run(req, res, next).await
    }

    async fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), connect::ErrorHandler>,
    ) -> Result {
        res.set("x-error", "seen");
        self.0.recover(err, req, res, next).await
    }
}

#[get("/skipped")]
fn skipped() -> &'static str {
    "skipped"
}

#[tokio::test]
async fn wrap_runs_a_custom_layer_around_an_attribute_layer_and_keeps_its_values() {
    let app = app![
        wrap(log, Counted),
        wrap(authenticate, Counted),
        "/m" => wrap(log, Counted),
        me,
        fails,
        index,
        wrap(on_error, Counted)
    ];
    let response = call(&app, "/me").await;
    let counted = response.headers.iter().filter(|(name, _)| name == "x-count").count();
    assert_eq!((response.body.as_str(), counted, response.header("x-log")), ("ann", 2, Some("1")));
    let response = call(&app, "/fails").await;
    assert_eq!((response.seen(), response.header("x-error")), ((409, "handled"), Some("seen")));
    assert!(app.to_string().starts_with("Counted(log)\nCounted(authenticate)\n/m\n  Counted(log)"), "{app}");

    // If it does not call the inner layer, the declared value is missing.
    let app = app![wrap(authenticate, Counted), skipped];
    assert_eq!(call(&app, "/skipped").await.status, 500);
    let app = app![wrap(log, Counted), skipped];
    assert_eq!(call(&app, "/skipped").await.seen(), (200, "skipped"));
}
