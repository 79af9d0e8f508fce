//! Lists that deny unguarded routes: `#![deny(unguarded = User)]`. What they refuse is in `ui-tests/fail/guard`.

use connect::{
    Error, Guarded, Next, Request, Response, Result, Resume, Resuming, Stack, app, error_handler, get,
    middleware, provide, router, stack,
};

use crate::support::{call, call_with, get as request};

struct User(String);

struct Admin;

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("who are you?"),
    }
}

#[middleware]
fn authorize(req: &mut Request, res: &mut Response, next: Next<Admin>) -> Result {
    match req.header("x-user") {
        Some("root") => next.with(Admin).pass(),
        _ => res.status(403).send("no"),
    }
}

#[middleware]
fn log(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[get("/login", public)]
fn login() -> &'static str {
    "log in"
}

#[get("/me")]
fn me(user: &User) -> String {
    user.0.clone()
}

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

#[get("/own", authenticate, guarded = User)]
fn own() -> &'static str {
    "own"
}

#[get("/both", authorize, needs = User, guarded = (Admin, User))]
fn both(user: &User) -> String {
    user.0.clone()
}

fn accounts() -> impl Stack<(), (), Guarded<User>> {
    router![#![deny(unguarded = User)] login, authenticate, me]
}

fn list_of_accounts() -> impl Stack<(), (User,), Guarded<User>> {
    stack![#![deny(unguarded = User)] login, authenticate, me]
}

fn undeclared() -> impl Stack {
    router![stats]
}

fn denies_without_saying_so() -> impl Stack {
    router![#![deny(unguarded = User)] login]
}

fn needing() -> impl Stack<(User,)> {
    stack![#![deny(unguarded = User)] me, "/in" => [stats]]
}

#[error_handler]
fn ignore(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

fn lenient() -> impl Stack<(), (), Guarded<User, Resuming>> {
    stack![#![deny(unguarded = User)] ignore, login]
}

async fn seen(app: &connect::App<impl connect::Chain>, path: &str, user: &'static str) -> (u16, String) {
    let mut req = request(path);
    if !user.is_empty() {
        req.headers_mut().insert("x-user", user.parse().unwrap());
    }
    let (response, _) = call_with(app, &mut req).await;
    let (status, text) = response.seen();
    (status, text.to_owned())
}

#[tokio::test]
async fn a_list_that_denies_unguarded_routes_accepts_every_guarded_one() {
    let app = app![
        #![deny(unguarded = User)]
        log,
        login,
        own,
        "/account" => accounts(),
        "/maybe" => Some(accounts()),
        "/lenient" => lenient(),
        "/in" => [login, "/more" => router![authenticate, stats, "/list" => [stats]]],
        authenticate,
        me,
        Some(stats),
        both,
        "/function" => undeclared(),
        "/function" => denies_without_saying_so,
        "/again" => accounts,
        "/needing" => needing(),
        "/admin" => router![
            #![deny(unguarded = Admin)]
            login,
            authorize,
            stats,
            "/list" => stack![stats],
        ],
    ];
    for path in ["/login", "/account/login", "/maybe/login", "/lenient/login", "/in/login", "/admin/login"] {
        let user = if path.starts_with("/admin") { "ann" } else { "" };
        assert_eq!(seen(&app, path, user).await, (200, "log in".to_owned()), "{path}");
    }
    let guarded = [
        "/own",
        "/account/me",
        "/maybe/me",
        "/in/more/stats",
        "/in/more/list/stats",
        "/me",
        "/stats",
        "/function/stats",
        "/again/me",
        "/needing/me",
        "/needing/in/stats",
    ];
    for path in guarded {
        assert_eq!(seen(&app, path, "").await.0, 401, "{path}");
        assert_eq!(seen(&app, path, "ann").await.0, 200, "{path}");
    }
    for path in ["/admin/stats", "/admin/list/stats", "/both"] {
        assert_eq!(seen(&app, path, "").await.0, 401, "{path}");
        assert_eq!(seen(&app, path, "ann").await.0, 403, "{path}");
        assert_eq!(seen(&app, path, "root").await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn a_value_provided_to_all_requests_is_a_guard() {
    let app = app![#![deny(unguarded = Admin), strict] provide(Admin), stats];
    assert_eq!(call(&app, "/stats").await.seen(), (200, "42"));
    assert_eq!(call(&app, "/stats/").await.seen().0, 404);
}

#[tokio::test]
async fn a_guarded_stack_from_a_function_provides_what_it_declares() {
    let app = app![#![deny(unguarded = User)] list_of_accounts(), stats];
    assert_eq!(seen(&app, "/stats", "").await.0, 401);
    assert_eq!(seen(&app, "/stats", "ann").await.0, 200);
}

mod public_is_a_word {
    use connect::{Next, Request, Response, Result, app, get, middleware};

    use crate::support::call;

    #[middleware]
    fn public(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("x-public", "yes");
        next.pass()
    }

    #[get("/", self::public, public)]
    fn index() -> &'static str {
        "index"
    }

    #[tokio::test]
    async fn a_layer_named_public_is_listed_by_its_path() {
        let response = call(&app![#![deny(unguarded = u8)] index], "/").await;
        assert_eq!(response.header("x-public"), Some("yes"));
    }
}
