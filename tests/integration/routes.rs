//! Routes: parameters as types, methods, what a route's own stack does, and which lists compile.

use connect::{
    Error, FromParam, Next, ParamError, Request, Response, Result, Resume, Rewrite, all, app, delete,
    error_handler, get, head, method_not_allowed, middleware, options, patch, post, put, route, router,
    stack, url,
};
use http::Method;

use crate::support::{call, call_with};

async fn send<C: connect::Chain>(
    app: &connect::App<C>,
    method: &str,
    path: &str,
) -> crate::support::RawResponse {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let mut req = http::Request::builder().method(method).uri(path).body("").expect("a request").into();
    call_with(app, &mut req).await.0
}

/// Responds with the message of the error.
#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(err.status()).send(err.to_string())
}

#[get("/text/:name")]
fn text(name: &str) -> String {
    name.to_owned()
}

#[get("/number/:id")]
async fn number(id: u64) -> String {
    tokio::task::yield_now().await;
    (id + 1).to_string()
}

#[get("/both/:id")]
async fn both(id: &str, req: &mut Rewrite, res: &mut Response) -> Result {
    req.set_url("/elsewhere")?;
    tokio::task::yield_now().await;
    res.send(format!("{id} {} {}", req.path(), req.param::<String>("id")?))
}

#[get("/maybe{/:id}")]
fn maybe(id: Option<u64>) -> String {
    format!("{id:?}")
}

#[get("/files/*path")]
fn files(path: Vec<&str>) -> String {
    path.join("|")
}

#[get("/numbers{/*all}")]
fn numbers(all: Vec<u8>, req: &Request) -> String {
    format!("{all:?} {:?}", req.params().get("all"))
}

#[get("/any{/*all}")]
fn any(all: Option<Vec<String>>) -> String {
    format!("{all:?}")
}

#[get("/own/:id")]
fn own(id: Result<u64, ParamError>) -> String {
    match id {
        Ok(id) => id.to_string(),
        Err(err) => format!("{:?} {} {:?}", err.name(), err.value(), err.expected()),
    }
}

struct Slug<'a>(&'a str);

impl<'a> FromParam<'a> for Slug<'a> {
    type Error = &'static str;
    fn from_param(text: &'a str) -> Result<Self, Self::Error> {
        if text.contains(' ') { Err("a slug has no spaces") } else { Ok(Slug(text)) }
    }
}

#[get("/slug/:slug")]
async fn slug(slug: Slug<'_>) -> String {
    slug.0.to_owned()
}

#[get(r#"/quoted/:"user-id""#)]
fn quoted(user_id: u8, _req: &Request) -> String {
    user_id.to_string()
}

#[get("/pair/:from-:to")]
fn pair(to: &str, from: &str) -> String {
    format!("{from} to {to}")
}

#[tokio::test]
async fn a_parameter_is_parsed_into_its_type() {
    let app = app![text, number, both, maybe, files, numbers, any, own, slug, quoted, pair, on_error];
    for (path, status, body) in [
        ("/text/a%20b", 200, "a b"),
        ("/number/41", 200, "42"),
        ("/number/x", 400, "parameter `id`: expected u64, got `x` (invalid digit found in string)"),
        ("/both/a%2Fb", 200, "a/b /elsewhere a/b"),
        ("/both/plain", 200, "plain /elsewhere plain"),
        ("/maybe", 200, "None"),
        ("/maybe/7", 200, "Some(7)"),
        ("/maybe/x", 400, "parameter `id`: expected u64, got `x` (invalid digit found in string)"),
        ("/files/a/b%2Fc", 200, "a|b/c"),
        ("/numbers", 200, "[] None"),
        ("/numbers/1/2", 200, "[1, 2] Some(\"1/2\")"),
        (
            "/numbers/1/256",
            400,
            "parameter `all`: expected u8, got `256` (number too large to fit in target type)",
        ),
        ("/any", 200, "None"),
        ("/any/x/y", 200, "Some([\"x\", \"y\"])"),
        ("/own/5", 200, "5"),
        ("/own/x", 200, "Some(\"id\") x Some(\"u64\")"),
        ("/slug/a-b", 200, "a-b"),
        ("/slug/a%20b", 400, "parameter `slug`: expected Slug, got `a b` (a slug has no spaces)"),
        ("/quoted/7", 200, "7"),
        ("/pair/LAX-SFO", 200, "LAX to SFO"),
        ("/text/%ff", 400, "Failed to decode param '%ff'"),
    ] {
        assert_eq!(call(&app, path).await.seen(), (status, body), "{path}");
    }
}

#[tokio::test]
async fn a_typed_error_handler_can_turn_an_invalid_parameter_into_a_404() {
    #[error_handler]
    fn not_found(_err: ParamError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(404).send("no such thing")
    }
    let app = app![number, not_found];
    assert_eq!(call(&app, "/number/x").await.seen(), (404, "no such thing"));
}

#[tokio::test]
async fn an_invalid_parameter_does_not_try_the_next_route_unless_a_handler_resumes() {
    #[error_handler]
    fn resume(_err: ParamError, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
        next.resume()
    }
    #[get("/number/new")]
    fn new() -> &'static str {
        "a form"
    }
    // `new` is covered by `number`, but reachable, so it compiles.
    let app = app![number, resume, new];
    assert_eq!(call(&app, "/number/new").await.seen(), (200, "a form"));
    assert_eq!(call(&app, "/number/1").await.seen(), (200, "2"));
}

#[route(GET, POST, "/form")]
fn form(req: &Request) -> String {
    req.method().to_string()
}

#[route(PURGE, "/form")]
fn purge() -> &'static str {
    "purged"
}

#[tokio::test]
async fn an_unknown_method_is_a_404_or_with_method_not_allowed_a_405() {
    let plain = app![form, purge];
    assert_eq!(send(&plain, "PURGE", "/form").await.seen(), (200, "purged"));
    assert_eq!(send(&plain, "HEAD", "/form").await.seen(), (200, "HEAD"));
    assert_eq!(send(&plain, "DELETE", "/form").await.status, 404);
    let allowed = send(&plain, "OPTIONS", "/form").await;
    assert_eq!(allowed.seen(), (200, "GET, HEAD, POST, PURGE"));
    assert_eq!(allowed.header("allow"), Some("GET, HEAD, POST, PURGE"));

    let strict = app!["/api" => router![form, purge], method_not_allowed(), on_error];
    assert_eq!(send(&strict, "DELETE", "/api/form").await.seen(), (405, "DELETE is not allowed here"));
    assert_eq!(send(&strict, "DELETE", "/api/other").await.status, 404);
    assert_eq!(send(&strict, "POST", "/api/form").await.seen(), (200, "POST"));
}

#[tokio::test]
async fn a_method_whose_route_called_next_is_not_a_405() {
    #[get("/item/:id")]
    fn show(id: u64, res: &mut Response, next: Next) -> Result {
        if id == 1 { res.send("one") } else { next.pass() }
    }
    #[post("/item/:id")]
    fn change(id: u64) -> String {
        id.to_string()
    }
    #[all("/{*rest}")]
    fn any(_req: &Request, next: Next) -> Result {
        next.pass()
    }
    let app = app![any, "/api" => router![show, change], method_not_allowed(), on_error];
    assert_eq!(send(&app, "GET", "/api/item/1").await.seen(), (200, "one"));
    assert_eq!(send(&app, "GET", "/api/item/2").await.status, 404);
    assert_eq!(send(&app, "PUT", "/api/item/2").await.seen(), (405, "PUT is not allowed here"));
}

#[tokio::test]
async fn every_route_attribute_matches_its_method() {
    mod named {
        macro_rules! routes {
            ($($name:ident)*) => { $(
                #[connect::$name("/x")]
                pub(super) fn $name() -> &'static str {
                    stringify!($name)
                }
            )* };
        }
        routes!(get post put delete patch options trace connect);
    }
    use named as n;
    let app = app![n::get, n::post, n::put, n::delete, n::patch, n::options, n::trace, n::connect];
    for method in ["get", "post", "put", "delete", "patch", "options", "trace", "connect"] {
        assert_eq!(send(&app, &method.to_uppercase(), "/x").await.seen(), (200, method));
    }
}

/// Appends its name to a header.
#[middleware]
fn note(#[config] name: &'static str, _req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.append("x-note", name);
    next.pass()
}

fn notes(response: &crate::support::RawResponse) -> String {
    let notes = response.headers.iter().filter(|(name, _)| name == "x-note");
    notes.map(|(_, value)| &**value).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn a_routes_own_stack_runs_only_for_its_route() {
    #[middleware]
    async fn around(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        res.append("x-note", if res.is_finished() { "response" } else { "no response" });
        Ok(done)
    }
    #[get("/x", note("a"), around, note("b"))]
    async fn passes(next: Next) -> Result {
        next.pass()
    }
    #[get("/x")]
    fn last(res: &mut Response) -> Result {
        res.append("x-note", "last").send("x")
    }
    let app = app![passes, last, note("after")];
    let response = call(&app, "/x").await;
    assert_eq!(response.seen(), (200, "x"));
    assert_eq!(notes(&response), "a,b,no response,last");
    assert_eq!(notes(&call(&app, "/y").await), "after");
}

#[tokio::test]
async fn middleware_can_leave_its_route_or_router() {
    #[middleware]
    fn leave(req: &mut Request, _res: &mut Response, next: Next) -> Result {
        match req.query_string() {
            Some("route") => next.route(),
            Some("router") => next.router(),
            Some("fail") => next.fail(Error::new(418, "teapot")),
            _ => next.pass(),
        }
    }
    #[get("/x", leave)]
    fn first() -> &'static str {
        "first"
    }
    #[get("/x")]
    fn second() -> &'static str {
        "second"
    }
    #[get("/x")]
    fn outside() -> &'static str {
        "outside"
    }
    let app = app![router![first, second], outside, on_error];
    for (query, status, body) in
        [("", 200, "first"), ("?route", 200, "second"), ("?router", 200, "outside"), ("?fail", 418, "teapot")]
    {
        assert_eq!(call(&app, &format!("/x{query}")).await.seen(), (status, body), "{query}");
    }
}

#[tokio::test]
async fn a_panic_in_a_route_is_an_error_for_the_handlers_below() {
    #[get("/panic/:at")]
    async fn panics(at: &str) -> String {
        tokio::task::yield_now().await;
        panic!("at {at}");
    }
    #[get("/plain")]
    fn plain(res: &mut Response) -> Result {
        let _ = res;
        panic!("plainly");
    }
    let app = app![panics, plain, on_error];
    assert_eq!(call(&app, "/panic/once").await.seen(), (500, "a layer panicked: at once"));
    assert_eq!(call(&app, "/plain").await.seen(), (500, "a layer panicked: plainly"));
}

#[tokio::test]
async fn the_matched_route_with_its_mounts_is_known_to_the_layers_above() {
    #[middleware]
    async fn metrics(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        res.set("x-route", req.route().unwrap_or_default());
        Ok(done)
    }
    #[get("/:post")]
    fn show(post: &str, req: &Request) -> String {
        format!("{post} {:?}", req.params())
    }
    let app = app![metrics, "/user/:user" => router![#![merge_params] "/posts/" => show]];
    let response = call(&app, "/user/tj/posts/9").await;
    assert_eq!(response.body, "9 {\"post\": Text(\"9\"), \"user\": Text(\"tj\")}");
    assert_eq!(response.header("x-route"), Some("/user/:user/posts/:post"));
    assert_eq!(call(&app, "/other").await.header("x-route"), Some(""));
}

#[tokio::test]
async fn lists_whose_routes_only_look_unreachable_compile() {
    #[get("/b/:id")]
    fn b(id: &str) -> String {
        id.to_owned()
    }
    #[post("/b/:id")]
    fn other_method(id: &str) -> String {
        format!("post {id}")
    }
    #[get("/B/new")]
    fn other_case() -> &'static str {
        "case"
    }
    #[get("/b/x/")]
    fn other_slash() -> &'static str {
        "slash"
    }
    #[get("/b/:_id")]
    fn passes(_id: &str, next: Next) -> Result {
        next.pass()
    }
    #[get("/:x/:y/:z")]
    fn longer(x: &str, y: &str, z: &str) -> String {
        format!("{x}{y}{z}")
    }
    #[all("/b/*rest")]
    fn rest(rest: Vec<&str>) -> String {
        rest.join("+")
    }
    #[head("/b/h")]
    fn explicit_head() -> &'static str {
        ""
    }
    let local = b;
    let app = app![
        #![strict, case_sensitive]
        explicit_head,
        local,
        other_method,
        other_case,
        other_slash,
        longer,
        rest,
    ];
    assert_eq!(call(&app, "/B/new").await.body, "case");
    assert_eq!(call(&app, "/b/x/").await.body, "slash");
    assert_eq!(call(&app, "/b/p/q").await.body, "bpq");
    assert_eq!(call(&app, "/b/p/q/r").await.body, "p+q+r");
    assert_eq!(send(&app, "POST", "/b/1").await.body, "post 1");
    let app = app![passes, b];
    assert_eq!(call(&app, "/b/1").await.body, "1");
}

/// An app of a generic function, whose entries depend on its parameters.
#[tokio::test]
async fn a_generic_function_can_list_its_parameters() {
    fn build<L: connect::Layer + Clone>(layer: L) -> connect::App<impl connect::Chain> {
        let local = layer.clone();
        app![layer, number, local, text, Some(stack![both])]
    }
    #[derive(Clone)]
    struct Nothing;
    impl connect::Layer for Nothing {}
    let app = build(Nothing);
    assert_eq!(call(&app, "/number/1").await.body, "2");
    assert_eq!(call(&app, "/both/1").await.body, "1 /elsewhere 1");
}

#[put("/put")]
#[expect(dead_code, reason = "it is not listed, and the lint has to say so")]
fn unlisted() -> &'static str {
    ""
}

#[delete("/x")]
fn remove() -> &'static str {
    "deleted"
}

#[patch("/x")]
fn change() -> &'static str {
    "patched"
}

#[options("/x")]
fn allowed_methods() -> &'static str {
    "asked"
}

#[tokio::test]
async fn the_printed_stack_shows_routes() {
    #[get("/y/:id", note("n"))]
    fn stacked(id: &str) -> String {
        id.to_owned()
    }
    let app = app![number, "/api" => [remove, change, allowed_methods], stacked];
    assert_eq!(
        app.to_string(),
        "GET /number/:id number\n/api\n  DELETE /x remove\n  PATCH /x change\n  OPTIONS /x allowed_methods\nGET /y/:id stacked\n  note"
    );
}

#[tokio::test]
async fn an_app_lists_its_routes_and_builds_urls() {
    let app = app![number, "/team/:team" => router![files, "/x" => [remove]], stack![text]];
    let routes: Vec<String> = app.routes().iter().map(ToString::to_string).collect();
    assert_eq!(
        routes,
        [
            "GET /number/:id number",
            "GET /team/:team/files/*path files",
            "DELETE /team/:team/x/x remove",
            "GET /text/:name text"
        ]
    );
    let url = url!(files, ["a b", "c"]);
    assert_eq!(app.url(&url.clone().with("team", "r&d")).expect("listed once"), "/team/r%26d/files/a%20b/c");
    assert!(app.url(&url).expect_err("the team is missing").to_string().contains("`team`"));
    assert!(app.url(&url!(own, 1)).is_err());
}

struct Pet(&'static str);

#[middleware]
fn load_pet(req: &mut Request, _res: &mut Response, next: Next<Pet>) -> Result {
    match &*req.param::<String>("name")? {
        "tobi" => next.with(Pet("tobi")).pass(),
        _ => next.route(),
    }
}

#[middleware]
async fn load_pet_later(req: &mut Request, res: &mut Response, next: Next<Pet>) -> Result {
    tokio::task::yield_now().await;
    match &*req.param::<String>("name")? {
        "jane" => Ok(next.with(Pet("jane")).run(req, res).await),
        _ => next.route(),
    }
}

#[get("/pets/:name", load_pet)]
fn tobi(pet: &Pet) -> String {
    format!("first {}", pet.0)
}

#[get("/pets/:name", load_pet_later)]
fn jane(pet: &Pet) -> String {
    format!("second {}", pet.0)
}

#[get("/pets/:name")]
fn no_pet(_name: &str) -> &'static str {
    "none"
}

#[get("/outside")]
fn outside(pet: &Pet) -> &'static str {
    pet.0
}

#[tokio::test]
async fn a_route_middleware_that_loads_nothing_leaves_its_route() {
    let app = app![tobi, jane, no_pet, "/other/:name" => [load_pet, outside]];
    assert_eq!(call(&app, "/pets/tobi").await.body, "first tobi");
    assert_eq!(call(&app, "/pets/jane").await.body, "second jane");
    assert_eq!(call(&app, "/pets/rex").await.body, "none");
    // Outside of a route the layers below would run without its value.
    assert_eq!(call(&app, "/other/tobi/outside").await.seen(), (200, "tobi"));
    assert_eq!(call(&app, "/other/rex/outside").await.status, 500);
}

/// Sets the status of its own errors.
struct UserId(u32);

impl FromParam<'_> for UserId {
    type Error = Error;
    fn from_param(text: &str) -> std::result::Result<Self, Error> {
        match text.parse() {
            Ok(0) => Err(Error::from(NoUser(0)).with_status(410)),
            Ok(id) => Ok(UserId(id)),
            Err(_) => Err(Error::msg(format!("`{text}` is no number"))),
        }
    }
}

/// A cause for typed handlers.
#[derive(Debug)]
struct NoUser(u32);

impl std::fmt::Display for NoUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no user {}", self.0)
    }
}

impl std::error::Error for NoUser {}

/// Uses the default status.
struct Even(u32);

impl FromParam<'_> for Even {
    type Error = NoUser;
    fn from_param(text: &str) -> std::result::Result<Self, NoUser> {
        text.parse().ok().filter(|id| id % 2 == 0).map(Even).ok_or(NoUser(1))
    }
}

#[get("/user/:id")]
fn user_of(id: UserId) -> String {
    id.0.to_string()
}

#[get("/even/:id")]
fn even(id: Even) -> String {
    id.0.to_string()
}

#[tokio::test]
async fn a_parameter_type_sets_the_status_and_keeps_its_cause() {
    let app = app![user_of, even, on_error];
    assert_eq!(call(&app, "/user/7").await.seen(), (200, "7"));
    assert_eq!(call(&app, "/user/0").await.seen(), (410, "no user 0"));
    // Without a status of its own the error is a 400.
    assert_eq!(call(&app, "/user/x").await.seen(), (400, "`x` is no number"));
    assert_eq!(call(&app, "/even/3").await.status, 400);

    #[error_handler]
    fn no_user(err: NoUser, res: &mut Response) -> Result {
        res.status(404).send(format!("typed {}", err.0))
    }
    let app = app![user_of, even, no_user, on_error];
    assert_eq!(call(&app, "/user/0").await.seen(), (404, "typed 0"));
    assert_eq!(call(&app, "/even/3").await.seen(), (404, "typed 1"));
    assert_eq!(call(&app, "/user/x").await.status, 400);

    #[error_handler]
    fn bad_param(err: ParamError, res: &mut Response) -> Result {
        let reason = err.reason().and_then(|reason| reason.downcast_ref::<NoUser>());
        res.send(format!("{:?} {:?}", err.name(), reason.map(|user| user.0)))
    }
    assert_eq!(call(&app![even, bad_param], "/even/3").await.body, "Some(\"id\") Some(1)");

    // An error of the standard library is not taken for one of the app's own.
    #[error_handler]
    fn own_numbers(err: std::num::ParseIntError, res: &mut Response) -> Result {
        res.status(500).send(err.to_string())
    }
    assert_eq!(call(&app![number, own_numbers], "/number/x").await.status, 400);
}
