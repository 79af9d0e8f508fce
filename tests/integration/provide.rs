//! Needs and provides.

use std::sync::Mutex;

use connect::{
    Declared, Declares, Done, Error, Layer, Next, Request, Response, Rest, Result, Resume, Resumes, Resuming,
    ResumingLayer, Rewrite, Stack, With, app, error_handler, get, middleware, provide, router, stack,
};

use crate::support::{call, call_with, get as request};

struct User(String);
struct Db(u32);
struct Session(&'static str);

#[middleware]
fn auth(req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    let name = req.header("x-user").unwrap_or("nobody").to_owned();
    next.with(User(name)).pass()
}

#[middleware]
async fn session(req: &mut Request, res: &mut Response, next: Next<Session>) -> Result {
    let done = next.with(Session("s1")).run(req, res).await;
    res.set("x-session", req.provided::<Session>().map_or("none", |session| session.0));
    Ok(done)
}

#[middleware]
async fn both(req: &mut With<(User, Session)>, res: &mut Response, next: Next<(Db, u8)>) -> Result {
    let text = format!("{} {}", req.get::<User>().0, req.get::<Session>().0);
    res.set("x-both", text);
    Ok(next.with((Db(7), 9)).run(req, res).await)
}

#[middleware]
fn plain_needs(req: &mut With<Session>, res: &mut Response, next: Next) -> Result {
    res.set("x-plain", req.get::<Session>().0);
    next.pass()
}

#[get("/user/:id")]
async fn show(id: u32, user: &User, db: Option<&Db>, missing: Option<&i64>, res: &mut Response) -> Result {
    res.send(format!("{id} {} {:?} {}", user.0, db.map(|db| db.0), missing.is_none()))
}

#[get("/mut")]
async fn beside_mut(req: &mut connect::Rewrite, user: &User, db: Option<&Db>) -> String {
    req.set_url("/elsewhere").unwrap();
    format!("{} {:?}", user.0, db.map(|db| db.0))
}

#[get("/own", auth)]
async fn own_stack(user: &User) -> String {
    format!("own {}", user.0)
}

#[get("/declared", plain_needs, needs = (Session, User))]
async fn declared(user: &User, session: &Session) -> String {
    format!("{} {}", user.0, session.0)
}

#[middleware]
fn fails(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(Error::new(418, "teapot"))
}

#[error_handler]
async fn on_error(
    err: Error,
    _req: &mut Request,
    user: Option<&User>,
    res: &mut Response,
    _next: Next,
) -> Result {
    res.status(err.status()).send(format!("for {}", user.map_or("nobody", |user| &user.0)))
}

#[error_handler]
fn back(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume<User>) -> Result {
    next.with(User("guest".to_owned())).resume()
}

#[tokio::test]
async fn a_provided_value_is_available_below_its_layer() {
    let app = app![auth, session, both, plain_needs, show, beside_mut, declared];
    let mut req = request("/user/5");
    req.headers_mut().insert("x-user", "ann".parse().unwrap());
    let (response, _) = call_with(&app, &mut req).await;
    assert_eq!(response.seen(), (200, "5 ann Some(7) true"));
    assert_eq!(response.header("x-session"), Some("s1"));
    assert_eq!(response.header("x-both"), Some("ann s1"));
    assert_eq!(response.header("x-plain"), Some("s1"));
    assert_eq!(call(&app, "/mut").await.seen(), (200, "nobody Some(7)"));
    assert_eq!(call(&app, "/declared").await.seen(), (200, "nobody s1"));
}

#[tokio::test]
async fn a_routes_own_stack_provides_only_to_its_route() {
    assert_eq!(call(&app![own_stack], "/own").await.seen(), (200, "own nobody"));
}

fn admin() -> impl Stack<(User, Session)> {
    router![plain_needs, show, declared]
}

fn session_and_user() -> impl Stack<(), (Session, User)> {
    stack![session, auth]
}

fn nothing_needed() -> impl Stack {
    stack![auth, show]
}

#[tokio::test]
async fn a_stack_from_a_function_declares_what_it_needs_and_provides() {
    let app = app![session_and_user(), "/admin" => admin(), "/a" => admin];
    assert_eq!(call(&app, "/admin/user/1").await.seen(), (200, "1 nobody None true"));
    assert_eq!(call(&app, "/a/declared").await.seen(), (200, "nobody s1"));
    assert_eq!(call(&app![nothing_needed()], "/user/1").await.seen(), (200, "1 nobody None true"));
}

#[tokio::test]
async fn an_inline_stack_sees_the_values_provided_above() {
    let local = router![declared];
    let on = true;
    let app = app![
        auth,
        session,
        "/a" => [plain_needs, "/b" => router![show]],
        "/l" => local,
        on.then(|| stack![plain_needs]),
        on.then(|| router![beside_mut]),
    ];
    assert_eq!(call(&app, "/a/b/user/2").await.seen(), (200, "2 nobody None true"));
    assert_eq!(call(&app, "/l/declared").await.seen(), (200, "nobody s1"));
    assert_eq!(call(&app, "/mut").await.seen(), (200, "nobody None"));
}

#[tokio::test]
async fn an_error_handler_sees_the_values_provided_before_the_error() {
    let app = app![auth, fails, on_error];
    assert_eq!(call(&app, "/").await.seen(), (418, "for nobody"));
    assert_eq!(call(&app![fails, auth, on_error], "/").await.seen(), (418, "for nobody"));
}

#[tokio::test]
async fn a_value_provided_by_a_resuming_handler_replaces_the_one_above() {
    let app = app![fails, auth, back, show];
    assert_eq!(call(&app, "/user/3").await.seen(), (200, "3 guest None true"));
}

#[tokio::test]
async fn state_is_shared_by_all_requests_without_an_allocation() {
    let app = app![provide(Db(3)), provide(User("all".to_owned())), show];
    assert_eq!(call(&app, "/user/3").await.seen(), (200, "3 all Some(3) true"));
}

struct ByHand;

impl Layer for ByHand {
    async fn run<R: Rest>(&self, req: &mut Request, _: &mut Response, next: Next<(), R>) -> Result {
        req.provide(User("hand".to_owned()));
        next.pass()
    }
}

struct WrongDeclaration;

impl Layer for WrongDeclaration {}

#[tokio::test]
async fn a_hand_written_layer_declares_what_it_provides() {
    let by_hand: Declared<_, Declares<(), (User,)>> = Declared::new(ByHand);
    assert_eq!(call(&app![by_hand, show], "/user/3").await.seen(), (200, "3 hand None true"));
    let wrong: Declared<_, Declares<(), (User,)>> = Declared::new(WrongDeclaration);
    let response = call(&app![wrong, show], "/user/3").await;
    assert_eq!(response.status, 500);
    assert!(response.body.contains("should have been provided"), "{}", response.body);
}

#[middleware]
fn fails_on_query(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    if req.original_uri().query() == Some("fail") {
        next.fail(Error::new(401, "no session"))
    } else {
        next.pass()
    }
}

#[get("/")]
fn both_values(user: &User, db: &Db) -> String {
    format!("{} {}", user.0, db.0)
}

#[tokio::test]
async fn a_value_provided_by_a_resuming_handler_is_available_on_both_tracks() {
    let app = app![fails_on_query, provide(Db(4)), auth, back, both_values];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody 4"));
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "guest 4"));
    // Whether the error comes from above the value or from below it.
    let app = app![provide(Db(4)), auth, fails_on_query, back, both_values];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody 4"));
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "guest 4"));
}

#[get("/", fails_on_query, auth, back, needs = Db)]
fn in_its_own_stack(user: &User, db: &Db) -> String {
    format!("{} {}", user.0, db.0)
}

#[tokio::test]
async fn values_from_outside_a_route_or_router_are_available_after_it_resumes() {
    let app = app![provide(Db(5)), in_its_own_stack];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody 5"));
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "guest 5"));
    let app = app![session, auth, router![fails_on_query, ignores, declared_or_not]];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody s1"));
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "nobody s1"));
}

#[error_handler]
fn ignores(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

#[get("/")]
fn declared_or_not(user: &User, session: &Session) -> String {
    format!("{} {}", user.0, session.0)
}

fn guests() -> impl Stack<(Session,), (User,), Resuming> {
    stack![plain_needs, fails_on_query, auth, back]
}

fn lenient() -> impl Stack<(), (), Resuming> {
    stack![ignores]
}

#[tokio::test]
async fn a_stack_function_that_resumes_declares_it() {
    let app = app![provide(Session("s2")), guests(), declared_or_not];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody s2"));
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "guest s2"));
    // Values provided above it, or on both tracks, are available below.
    let app =
        app![fails_on_query, provide(Session("s3")), lenient(), Some(lenient()), guests(), declared_or_not];
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "guest s3"));
}

struct ResumesByHand;

impl ResumingLayer for ResumesByHand {
    async fn recover(&self, _: Error, req: &mut Rewrite, _: &mut Response, next: Resume) -> Result {
        req.provide(User("hand".to_owned()));
        next.resume()
    }
}

#[tokio::test]
async fn a_hand_written_resuming_layer_declares_what_it_provides() {
    let by_hand: Declared<_, Resumes<(), (User,)>> = Declared::resuming(ResumesByHand);
    let app = app![fails_on_query, auth, by_hand, provide(Db(6)), both_values];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody 6"));
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "hand 6"));
    let app = app![provide(Db(6)), fails_on_query, Some(ResumesByHand), auth, both_values];
    assert_eq!(call(&app, "/?fail").await.seen(), (200, "nobody 6"));
}

fn guest_again() -> impl Stack<(), (User,)> {
    stack![guest]
}

#[middleware]
fn guest(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("guest".to_owned())).pass()
}

#[tokio::test]
async fn a_stack_function_can_replace_a_provided_value() {
    fn undeclared() -> impl Stack {
        stack![guest]
    }
    assert_eq!(call(&app![auth, undeclared(), own_user], "/").await.seen(), (200, "guest"));
    let app = app![auth, Some(guest_again()), own_user];
    assert_eq!(call(&app, "/").await.seen(), (200, "guest"));
    let app = app![auth, None.or_else(|| Some(guest_again()).filter(|_| false)), own_user];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody"));
    let app = app![auth, "/user" => guest_again(), own_user];
    assert_eq!(call(&app, "/user/1").await.seen(), (200, "guest"));
    assert_eq!(call(&app, "/other").await.seen(), (200, "nobody"));
}

#[middleware]
fn own_user(req: &mut With<User>, res: &mut Response) -> Result {
    res.send(req.get::<User>().0.clone())
}

#[tokio::test]
async fn an_optional_provider_that_is_none_is_skipped() {
    fn never<T>(_: &T) -> bool {
        false
    }
    let app = app![Some(auth).filter(never), Some(session).filter(never), own_stack];
    assert_eq!(call(&app, "/own").await.seen(), (200, "own nobody"));
}

static KEPT: Mutex<Vec<Done>> = Mutex::new(Vec::new());

#[middleware]
fn keeps_or_gives(req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    let kept = KEPT.lock().unwrap().pop();
    match kept {
        Some(done) => Ok(done),
        None => {
            let name = req.header("x-user").unwrap_or("nobody").to_owned();
            KEPT.lock().unwrap().push(next.with(User(name)).pass()?);
            Err(Error::new(401, "kept"))
        }
    }
}

#[tokio::test]
async fn a_done_with_values_of_another_request_is_an_error() {
    let app = app![keeps_or_gives, on_error, show];
    let mut first = request("/user/1");
    first.headers_mut().insert("x-user", "ann".parse().unwrap());
    let (response, _) = call_with(&app, &mut first).await;
    assert_eq!(response.seen(), (401, "for nobody"));
    let response = call(&app, "/user/1").await;
    assert_eq!(response.seen(), (500, "for nobody"));
}

static FAILED: Mutex<Vec<Done>> = Mutex::new(Vec::new());

#[middleware]
async fn keeps_or_fails(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let kept = FAILED.lock().unwrap().pop();
    if let Some(done) = kept {
        return Ok(done);
    }
    let done = next.run(req, res).await;
    assert_eq!(done.error().map(Error::status).map(|status| status.as_u16()), Some(418));
    FAILED.lock().unwrap().push(done);
    Err(Error::new(401, "kept"))
}

#[get("/", keeps_or_fails, fails)]
fn never() -> &'static str {
    "never"
}

#[error_handler]
fn show_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(err.status()).send(err.to_string())
}

#[tokio::test]
async fn a_done_with_the_error_of_another_request_is_an_error_of_its_own() {
    let app = app![never, show_error];
    assert_eq!(call(&app, "/").await.seen(), (401, "kept"));
    let response = call(&app, "/").await;
    assert_eq!(response.status, 500);
    assert!(response.body.contains("the `Done` of another request"), "{}", response.body);
}

static PASSED: Mutex<Vec<Done>> = Mutex::new(Vec::new());

#[middleware]
fn keeps(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    PASSED.lock().unwrap().push(next.pass()?);
    Err(Error::new(401, "kept"))
}

fn kept() -> Done {
    PASSED.lock().unwrap().pop().expect("one was kept")
}

#[middleware]
fn promises(_req: &mut Request, _res: &mut Response, _next: Next<User>) -> Result {
    Ok(kept())
}

#[middleware]
async fn promises_and_waits(_req: &mut Request, _res: &mut Response, _next: Next<User>) -> Result {
    Ok(kept())
}

#[error_handler]
fn resumes_undeclared(_err: Error, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
    Ok(kept())
}

#[error_handler]
async fn resumes_undeclared_and_waits(
    _err: Error,
    _req: &mut Request,
    _res: &mut Response,
    _next: Next,
) -> Result {
    Ok(kept())
}

#[tokio::test]
async fn a_done_of_another_layer_provides_no_value_and_does_not_resume() {
    let keep = || async { assert_eq!(call(&app![keeps], "/").await.status, 401) };
    keep().await;
    let response = call(&app![promises, show], "/user/1").await;
    assert!(response.body.contains("handed on without its value"), "{}", response.body);
    keep().await;
    let response = call(&app![promises_and_waits, show], "/user/1").await;
    assert!(response.body.contains("handed on without its value"), "{}", response.body);
    keep().await;
    let response = call(&app![fails, auth, resumes_undeclared, show], "/user/1").await;
    assert!(response.body.contains("without `next: Resume` handed on"), "{}", response.body);
    keep().await;
    let response = call(&app![fails, auth, resumes_undeclared_and_waits, show], "/user/1").await;
    assert!(response.body.contains("without `next: Resume` handed on"), "{}", response.body);
}

#[error_handler]
fn leaves(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume<User>) -> Result {
    next.router()
}

#[tokio::test]
async fn a_resuming_handler_can_leave_its_router_without_providing() {
    let app = app![auth, provide(Db(8)), "/" => router![fails], leaves, both_values];
    assert_eq!(call(&app, "/").await.status, 404);
    let app = app![provide(Db(8)), router![auth_inside, fails, leaves], auth, both_values];
    assert_eq!(call(&app, "/").await.seen(), (200, "nobody 8"));
}

#[middleware]
fn auth_inside(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("inside".to_owned())).pass()
}
