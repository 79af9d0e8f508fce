//! What is provided and set in a router, an app or a route counts there, and is gone outside by every way out. And what a route's own
//! stack learns of its route.

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

/// Provides another, and leaves by the way that the header says.
#[middleware]
async fn inner(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    let way = req.header("x-way").unwrap_or_default().to_owned();
    let done = next.with(User("inner")).run(req, res).await;
    // What a layer of the router sees when it is back in it.
    res.set("x-inside", req.provided::<User>().map_or("none", |user| user.0));
    res.set("x-way", way.as_str());
    Ok(done)
}

#[middleware]
async fn leaves(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    assert_eq!(req.provided::<User>().map(|user| user.0), Some("inner"));
    match req.header("x-way") {
        Some("router") => next.router(),
        Some("error") => next.fail(Error::new(418, "asked to")),
        Some("panic") => panic!("asked to"),
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
fn tell(req: &mut Request, res: &mut Response) -> Result {
    res.send(seen(req))
}

#[error_handler]
fn tell_of_an_error(_err: Error, req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.send(seen(req))
}

/// Sets the limit and provides, in a scope.
#[middleware]
async fn gives_up_soon(req: &mut Request, res: &mut Response, next: Next) -> Result {
    match tokio::time::timeout(Duration::from_millis(20), next.run(req, res)).await {
        Ok(done) => Ok(done),
        Err(_) => Err(Error::new(504, "late")),
    }
}

async fn by<C: Chain>(app: &App<C>, way: &'static str) -> (String, String) {
    let mut req = request("/in");
    req.headers_mut().insert("x-way", http::HeaderValue::from_static(way));
    let answer = call_with(app, &mut req).await.0;
    let inside = answer.header("x-inside").unwrap_or("not back").to_owned();
    (answer.body, inside)
}

/// From a function, so that a second provider of one type is none in the text of one list.
fn inside() -> impl Stack {
    router![body_limit(5), inner, leaves]
}

#[tokio::test]
async fn a_router_restores_values_and_limits_however_it_is_left() {
    let app = app![
        outer,
        body_limit(1000),
        gives_up_soon,
        "/in" => inside(),
        tell,
        tell_of_an_error
    ];
    for way in ["pass", "router", "error", "panic"] {
        assert_eq!(by(&app, way).await, ("outer 1000".to_owned(), "inner".to_owned()), "{way}");
    }
    assert_eq!(by(&app, "wait").await, ("outer 1000".to_owned(), "not back".to_owned()));
}

#[tokio::test]
async fn a_mounted_app_restores_values_and_limits() {
    let app = app![outer, "/in" => app![body_limit(5), inner, leaves], tell, tell_of_an_error];
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
    let app = app![outer, route, tell, tell_of_an_error];
    for way in ["pass", "error", "panic"] {
        assert_eq!(by(&app, way).await.0, "outer 102400", "{way}");
    }
}

#[tokio::test]
async fn a_mounted_list_and_a_stack_are_not_scopes() {
    let app = app!["/in" => [body_limit(5), inner], tell];
    assert_eq!(by(&app, "pass").await.0, "inner 5");
    #[middleware]
    fn admin(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
        next.with(User("admin")).pass()
    }
    let app = app![stack![body_limit(7), admin], tell];
    assert_eq!(call(&app, "/in").await.body, "admin 7");
}

/// Layers outside may provide as well while the request is out of a router, and that is gone when it is back in.
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
    let answer = call(&app, "/in/deep").await;
    assert_eq!((answer.body.as_str(), answer.header("x-back")), ("7 true true", Some("true true")));
}

/// Row 98 and its like restore nothing of this: what loggers outside are to know is handed up in the extensions.
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
    let answer = call(&app![log, "/in" => router![signed_in, show]], "/in/3").await;
    assert_eq!((answer.body.as_str(), answer.header("x-log")), ("3 inner", Some("9 /in/:id")));
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
    let answer = call(&app, "/fails").await;
    assert_eq!((answer.status, answer.header("x-seen")), (503, Some("Failed Some(\"no database\")")));
    let answer = call(&app, "/works").await;
    assert_eq!((answer.status, answer.header("x-seen")), (200, Some("Layer None")));
}
