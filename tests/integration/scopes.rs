//! Values and settings of a router, an app or a route end there, however the request leaves. And what a route's own
//! stack sees of its route.

use std::time::Duration;

use connect::{
    App, Chain, Error, Next, Request, Response, Result, Stack, app, body_limit, error_handler, get,
    middleware, post, provide, router, stack,
};

use crate::support::{Server, call, call_with, get as request};

struct User(&'static str);

#[middleware]
fn outer(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("outer")).pass()
}

/// Provides another value, and leaves as the header `x-way` says.
#[middleware]
async fn inner(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    let way = req.header("x-way").unwrap_or_default().to_owned();
    let done = next.with(User("inner")).run(req, res).await;
    // What the layer sees after `next.run`.
    res.set("x-inside", req.provided::<User>().map_or("none", |user| user.0));
    res.set("x-way", way.as_str());
    Ok(done)
}

#[middleware]
async fn leaves(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    assert_eq!(req.provided::<User>().map(|user| user.0), Some("inner"));
    match req.header("x-way") {
        Some("router") => next.router(),
        Some("error") => next.fail(Error::new(418, "on purpose")),
        Some("panic") => panic!("on purpose"),
        Some("wait") => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            next.pass()
        }
        _ => next.pass(),
    }
}

fn seen(req: &Request) -> String {
    format!("{} {}", req.provided::<User>().map_or("none", |user| user.0), req.body_limit())
}

#[middleware]
fn show_state(req: &mut Request, res: &mut Response) -> Result {
    res.send(seen(req))
}

#[error_handler]
fn on_error(_err: Error, req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.send(seen(req))
}

/// Drops the layers below after 20 ms.
#[middleware]
async fn times_out(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(Duration::from_millis(20), next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(504, "late")),
    }
}

async fn by<C: Chain>(app: &App<C>, way: &'static str) -> (String, String) {
    let mut req = request("/in");
    req.headers_mut().insert("x-way", http::HeaderValue::from_static(way));
    let response = call_with(app, &mut req).await.0;
    let inside = response.header("x-inside").unwrap_or("not back").to_owned();
    (response.body, inside)
}

/// From a function, since a second provider of one type in one list does not compile.
fn inside() -> impl Stack {
    router![body_limit(5), inner, leaves]
}

#[tokio::test]
async fn a_router_restores_values_and_limits_however_it_is_left() {
    let app = app![
        outer,
        body_limit(1000),
        times_out,
        "/in" => inside(),
        show_state,
        on_error
    ];
    for way in ["pass", "router", "error", "panic"] {
        assert_eq!(by(&app, way).await, ("outer 1000".to_owned(), "inner".to_owned()), "{way}");
    }
    assert_eq!(by(&app, "wait").await, ("outer 1000".to_owned(), "not back".to_owned()));
}

#[tokio::test]
async fn a_mounted_app_restores_values_and_limits() {
    let app = app![outer, "/in" => app![body_limit(5), inner, leaves], show_state, on_error];
    for way in ["pass", "router", "error", "panic"] {
        assert_eq!(by(&app, way).await, ("outer 102400".to_owned(), "inner".to_owned()), "{way}");
    }
}

#[tokio::test]
async fn a_routes_own_stack_restores_values_and_limits() {
    #[get("/in", body_limit(5), inner, leaves)]
    async fn route(next: Next) -> Result {
        next.pass()
    }
    let app = app![outer, route, show_state, on_error];
    for way in ["pass", "error", "panic"] {
        assert_eq!(by(&app, way).await.0, "outer 102400", "{way}");
    }
}

#[tokio::test]
async fn a_mounted_list_and_a_stack_are_not_scopes() {
    let app = app!["/in" => [body_limit(5), inner], show_state];
    assert_eq!(by(&app, "pass").await.0, "inner 5");
    #[middleware]
    fn admin(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
        next.with(User("admin")).pass()
    }
    let app = app![stack![body_limit(7), admin], show_state];
    assert_eq!(call(&app, "/in").await.body, "admin 7");
}

/// A value that is provided after the request has left a router is gone when it is back in it.
#[tokio::test]
async fn a_value_provided_after_a_router_is_not_seen_inside_it() {
    struct Db(u32);
    #[middleware]
    async fn looks(req: &mut Request, res: &mut Response, next: Next<u8>) -> Result {
        let done = next.with(1).run(req, res).await;
        res.set("x-back", format!("{} {}", req.provided::<Db>().is_none(), req.provided::<u8>().is_some()));
        Ok(done)
    }
    #[get("/in/deep")]
    async fn last(req: &Request, db: &Db) -> String {
        format!("{} {} {}", db.0, req.provided::<u8>().is_none(), req.provided::<u16>().is_none())
    }
    #[middleware]
    fn sixteen(_req: &mut Request, _res: &mut Response, next: Next<u16>) -> Result {
        next.with(16).pass()
    }
    let app = app![
        "/in" => router![looks, "/deep" => router![sixteen, looks_further]],
        provide(Db(7)),
        last
    ];
    #[middleware]
    async fn looks_further(req: &mut Request, res: &mut Response, next: Next) -> Result {
        assert!(req.provided::<u16>().is_some() && req.provided::<u8>().is_some());
        let done = next.run(req, res).await;
        assert!(
            req.provided::<u16>().is_some()
                && req.provided::<u8>().is_some()
                && req.provided::<Db>().is_none()
        );
        Ok(done)
    }
    let response = call(&app, "/in/deep").await;
    assert_eq!((response.body.as_str(), response.header("x-back")), ("7 true true", Some("true true")));
}

/// Extensions are not restored: a layer inside can leave a value for loggers outside.
#[tokio::test]
async fn a_logger_outside_reads_the_extensions_and_the_route() {
    #[derive(Clone, Copy)]
    struct UserId(u32);
    #[middleware]
    async fn log(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        let user = req.extensions().get::<UserId>().map_or(0, |id| id.0);
        res.set("x-log", format!("{user} {}", req.route().unwrap_or_default()));
        Ok(done)
    }
    #[middleware]
    fn signed_in(req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
        req.extensions_mut().insert(UserId(9));
        next.with(User("inner")).pass()
    }
    #[get("/:id")]
    async fn show(id: u32, user: &User) -> String {
        format!("{id} {}", user.0)
    }
    let response = call(&app![log, "/in" => router![signed_in, show]], "/in/3").await;
    assert_eq!((response.body.as_str(), response.header("x-log")), ("3 inner", Some("9 /in/:id")));
}

#[tokio::test]
async fn a_body_limit_in_a_router_does_not_apply_after_it() {
    #[post("/note")]
    async fn note(req: &mut Request) -> Result<String> {
        req.text().await
    }
    let server = Server::start(app!["/" => router![body_limit(3)], note]).await;
    assert_eq!(server.post("/note", "content-type: text/plain\r\n", "longer than three").await.status, 200);
}

#[tokio::test]
async fn an_error_of_a_route_is_seen_by_the_routes_own_stack() {
    #[middleware]
    async fn looks(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        let why = done.error().map(ToString::to_string);
        res.set("x-seen", format!("{:?} {why:?}", done.outcome()));
        Ok(done)
    }
    #[get("/fails", looks)]
    async fn fails() -> Result {
        Err(Error::new(503, "no database"))
    }
    #[get("/works", looks)]
    async fn works() -> &'static str {
        "works"
    }
    #[error_handler]
    fn status(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send("failed")
    }
    let app = app![fails, works, status];
    let response = call(&app, "/fails").await;
    assert_eq!((response.status, response.header("x-seen")), (503, Some("Failed Some(\"no database\")")));
    let response = call(&app, "/works").await;
    assert_eq!((response.status, response.header("x-seen")), (200, Some("Layer None")));
}
