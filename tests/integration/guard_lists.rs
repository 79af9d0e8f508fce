//! `guard![auth => routes]`: a guard that runs when one of its routes matches.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use connect::http::Request as HttpRequest;
use connect::{
    Error, Next, Request, Response, Result, Stack, app, error_handler, get, guard, method_not_allowed,
    middleware, post, provide, router, stack,
};

use connect::{Resume, Rewrite};

use crate::support::{RawResponse, Server, call, call_with};

struct User(String);
struct Team(&'static str);

#[middleware]
fn require_user(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    let runs = res.headers().get("x-guard").and_then(|runs| runs.to_str().ok()?.parse().ok());
    let runs: u32 = runs.unwrap_or(0);
    res.set("x-guard", runs + 1);
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("who are you?"),
    }
}

#[middleware]
async fn load_team(req: &mut Request, res: &mut Response, user: &User, next: Next<Team>) -> Result {
    let team = if user.0 == "ann" { "red" } else { "blue" };
    Ok(next.with(Team(team)).run(req, res).await)
}

#[post("/posts")]
fn create(user: &User) -> String {
    format!("by {}", user.0)
}

#[get("/posts")]
fn list() -> &'static str {
    "for everybody"
}

#[get("/team/:id")]
fn team(id: u32, user: &User, team: &Team) -> String {
    format!("{id} {} {}", user.0, team.0)
}

#[get("/public")]
fn public() -> &'static str {
    "public"
}

#[get("/pass")]
fn passes(next: Next) -> Result {
    next.pass()
}

#[get("/pass")]
fn after_pass(res: &mut Response, user: &User) -> Result {
    res.send(user.0.clone())
}

async fn send(
    app: &connect::App<impl connect::Chain>,
    method: &str,
    path: &str,
    user: Option<&str>,
) -> RawResponse {
    let mut req = HttpRequest::builder().method(method).uri(path);
    if let Some(user) = user {
        req = req.header("x-user", user);
    }
    let mut req = req.body("").expect("valid").into();
    call_with(app, &mut req).await.0
}

#[tokio::test]
async fn a_guard_runs_only_for_the_methods_and_paths_of_its_routes() {
    let app = app![guard![require_user => create, team_of], list, public];
    assert_eq!(send(&app, "POST", "/posts", None).await.seen(), (401, "who are you?"));
    assert_eq!(send(&app, "POST", "/posts", Some("ann")).await.seen(), (200, "by ann"));
    for path in ["/posts", "/public"] {
        let response = send(&app, "GET", path, None).await;
        assert_eq!((response.status, response.header("x-guard")), (200, None), "{path}");
    }
    assert_eq!(send(&app, "GET", "/nowhere", None).await.status, 404);
    assert_eq!(send(&app, "HEAD", "/of/3", None).await.status, 401);
}

#[get("/of/:id")]
fn team_of(id: u32, user: &User) -> String {
    format!("{id} {}", user.0)
}

#[tokio::test]
async fn a_guard_does_not_run_for_automatic_options_404_and_405() {
    let app = app![guard![require_user => create], list, method_not_allowed()];
    let response = send(&app, "OPTIONS", "/posts", None).await;
    assert_eq!(
        (response.status, response.header("allow"), response.header("x-guard")),
        (200, Some("GET, HEAD, POST"), None)
    );
    let response = send(&app, "PUT", "/posts", None).await;
    assert_eq!(
        (response.status, response.header("allow"), response.header("x-guard")),
        (405, Some("GET, HEAD, POST"), None)
    );
    let response = send(&app, "GET", "/nowhere", None).await;
    assert_eq!((response.status, response.header("x-guard")), (404, None));
}

#[tokio::test]
async fn a_guard_runs_once_and_before_the_extractors() {
    let app = app![guard![require_user => passes, passes_too, after_pass]];
    let response = send(&app, "GET", "/pass", Some("ann")).await;
    assert_eq!((response.seen(), response.header("x-guard")), ((200, "ann"), Some("1")));

    #[post("/json")]
    fn json(connect::Json(number): connect::Json<u32>) -> String {
        number.to_string()
    }
    let app = app![guard![require_user => json]];
    assert_eq!(send(&app, "POST", "/json", None).await.status, 401);
    assert_eq!(send(&app, "POST", "/json", Some("ann")).await.status, 415);
}

#[get("/pass")]
fn passes_too(next: Next) -> Result {
    next.pass()
}

#[tokio::test]
async fn a_guard_can_have_several_layers_that_provide_values() {
    let app = app![guard![require_user, load_team => team], public];
    assert_eq!(send(&app, "GET", "/team/3", Some("ann")).await.seen(), (200, "3 ann red"));
    assert_eq!(send(&app, "GET", "/team/3", None).await.status, 401);
    // Nobody who is not known learns whether the parameter is valid.
    assert_eq!(send(&app, "GET", "/team/x", None).await.status, 401);
    assert_eq!(send(&app, "GET", "/team/x", Some("ann")).await.status, 400);
}

fn admin() -> impl Stack {
    guard![require_user => team_of, "/inner" => [team_of]]
}

fn pages() -> impl Stack<(User,)> {
    stack![team_of]
}

#[tokio::test]
async fn a_guard_covers_routes_in_lists_mounts_routers_and_stack_functions() {
    let app = app![
        "/a" => guard![require_user => [create, "/deep" => [team_of, list]], "/r" => router![team_of], pages()],
        "/b" => admin(),
        "/c" => [guard![require_user => Some(team_of), None::<fn() -> _>.or(Some(create))]],
        list,
    ];
    for (method, path, status) in [
        ("POST", "/a/posts", 401),
        ("GET", "/a/posts", 404),
        ("GET", "/a/deep/of/1", 401),
        ("GET", "/a/deep/posts", 401),
        ("GET", "/a/deep", 404),
        ("GET", "/a/r/of/1", 401),
        ("GET", "/a/r/other", 404),
        ("GET", "/a/of/1", 401),
        ("GET", "/b/of/1", 401),
        ("GET", "/b/inner/of/1", 401),
        ("GET", "/b/inner", 404),
        ("GET", "/c/of/1", 401),
        ("POST", "/c/posts", 401),
        ("GET", "/posts", 200),
    ] {
        let response = send(&app, method, path, None).await;
        assert_eq!(response.status, status, "{method} {path}");
        let guarded = response.header("x-guard").is_some();
        assert_eq!(guarded, status == 401, "{method} {path}");
        if status == 401 {
            assert_eq!(send(&app, method, path, Some("ann")).await.status, 200, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_layer_among_the_routes_is_guarded_at_every_path() {
    #[middleware]
    fn everything(_req: &mut Request, res: &mut Response) -> Result {
        res.send("secret")
    }
    #[error_handler]
    fn on_error(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.send("handled")
    }
    let app = app!["/x" => guard![require_user => create, everything], public];
    assert_eq!(send(&app, "GET", "/x/whatever", None).await.status, 401);
    assert_eq!(send(&app, "GET", "/x/whatever", Some("ann")).await.body, "secret");
    assert_eq!(send(&app, "GET", "/public", None).await.status, 200);
    // An error handler is no layer of the normal track.
    let app = app![guard![require_user => create, on_error], public];
    assert_eq!(send(&app, "GET", "/public", None).await.header("x-guard"), None);
}

#[tokio::test]
async fn an_error_in_a_guard_goes_to_the_handlers_below() {
    #[middleware]
    fn refuses(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(Error::new(403, "no"))
    }
    #[get("/fails")]
    fn fails() -> Result<()> {
        Err(Error::new(409, "conflict"))
    }
    #[error_handler]
    fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send("handled")
    }
    let app = app![guard![refuses => public], guard![require_user => fails], on_error];
    assert_eq!(send(&app, "GET", "/public", None).await.seen(), (403, "handled"));
    assert_eq!(send(&app, "GET", "/fails", Some("ann")).await.seen(), (409, "handled"));
}

#[tokio::test]
async fn the_printed_stack_shows_the_guard_and_what_it_guards() {
    let app = app![guard![require_user, load_team => team, "/x" => [create]], public];
    assert_eq!(
        app.to_string(),
        "guard\n  require_user\n  load_team\n  GET /team/:id team\n  /x\n    POST /posts create\nGET /public public"
    );
    assert_eq!(call(&app, "/public").await.status, 200);
}

#[tokio::test]
async fn a_list_that_denies_unguarded_routes_accepts_those_of_a_guard() {
    let app = app![
        #![deny(unguarded = User)]
        guard![require_user => create, list_for_users],
        open
    ];
    assert_eq!(send(&app, "GET", "/list", None).await.status, 401);
    assert_eq!(send(&app, "GET", "/open", None).await.status, 200);
}

#[get("/list")]
fn list_for_users() -> &'static str {
    "list"
}

#[get("/open", public)]
fn open() -> &'static str {
    "open"
}

/// Counts what goes through it.
static COUNTED: AtomicU32 = AtomicU32::new(0);

#[tokio::test]
async fn nested_guards_and_sixty_layers_work_over_a_socket() {
    #[middleware]
    async fn counts(req: &mut Request, res: &mut Response, next: Next) -> Result {
        COUNTED.fetch_add(1, Relaxed);
        Ok(next.run(req, res).await)
    }
    let app = app![
        provide(7_u32),
        guard![
            counts, counts, counts, counts, counts, counts, counts, counts, counts, counts, counts, counts,
            counts, counts, counts, counts, counts, counts, counts, counts =>
            guard![
                require_user, counts, counts, counts, counts, counts, counts, counts, counts, counts, counts =>
                create, guard![load_team, counts, counts, counts, counts => "/deep" => [team]]
            ],
            "/other" => [public]
        ],
        public
    ];
    let server = Server::start(app).await;
    let response = server.request("GET /deep/team/4", &["x-user: ann"]).await;
    assert_eq!(response.seen(), (200, "4 ann red"));
    assert_eq!(COUNTED.swap(0, Relaxed), 34);
    assert_eq!(server.request("GET /other/public", &["x-user: ann"]).await.seen(), (200, "public"));
    assert_eq!(COUNTED.swap(0, Relaxed), 20);
    assert_eq!(server.request("GET /public", &[]).await.seen(), (200, "public"));
    assert_eq!(COUNTED.swap(0, Relaxed), 0);
}

#[error_handler]
fn rescue(_err: Error, req: &mut Rewrite, next: Resume) -> Result {
    req.set_url("/secret")?;
    req.set_method(connect::http::Method::GET);
    next.resume()
}

#[get("/secret")]
fn secret() -> &'static str {
    "secret"
}

#[middleware]
fn require_login(req: &mut Request, next: Next) -> Result {
    if req.header("x-user").is_some() { next.pass() } else { connect::bail!(401, "who are you?") }
}

#[middleware]
fn fails_above(req: &mut Request, next: Next) -> Result {
    if req.header("x-fail").is_some() { connect::bail!(500, "failed") } else { next.pass() }
}

#[tokio::test]
async fn an_error_handler_cannot_resume_past_the_guard() {
    // By a path that is malformed, and a method that no route has.
    #[get("/of/:id")]
    fn of(id: &str) -> String {
        id.to_owned()
    }
    let app = app![guard![require_login => of, rescue, secret]];
    assert_eq!(send(&app, "POST", "/of/%ff", None).await.status, 401);
    assert_eq!(send(&app, "POST", "/of/%ff", Some("ann")).await.body, "secret");
    // By an error of the guard, and by one from above.
    assert_eq!(send(&app, "GET", "/secret", None).await.status, 401);
    let app = app![fails_above, guard![require_login => rescue, secret]];
    let mut req = HttpRequest::get("/any").header("x-fail", "1").body("").expect("valid").into();
    assert_eq!(call_with(&app, &mut req).await.0.status, 500);
    let mut req = HttpRequest::get("/any").body("").expect("valid").into();
    assert_eq!(call_with(&app, &mut req).await.0.status, 401);
}

#[tokio::test]
async fn errors_of_guarded_routes_go_to_the_handlers_in_the_guard() {
    #[get("/fails")]
    fn fails() -> Result<()> {
        Err(Error::new(409, "conflict"))
    }
    #[error_handler]
    fn inside(err: Error, res: &mut Response) -> Result {
        res.status(err.status()).send("inside")
    }
    let app = app![guard![require_login => fails, inside]];
    assert_eq!(send(&app, "GET", "/fails", Some("ann")).await.seen(), (409, "inside"));
    assert_ne!(send(&app, "GET", "/fails", None).await.body, "inside");
}

#[tokio::test]
async fn a_guard_takes_pattern_options() {
    let app = app![guard![#![strict, case_sensitive] require_user => create], list];
    assert_eq!(send(&app, "POST", "/posts", None).await.status, 401);
    for path in ["/POSTS", "/posts/"] {
        assert_eq!(send(&app, "POST", path, None).await.status, 404, "{path}");
    }
}
