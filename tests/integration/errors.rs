//! The error track.

use connect::{
    Environment, Error, Next, Panic, Request, Response, Result, ResultExt, Resume, app, bail, error_handler,
    method_not_allowed, middleware, router,
};

use crate::support::{call, call_with, get};

#[middleware]
fn respond(#[config] text: &'static str, _req: &mut Request, res: &mut Response) -> Result {
    res.send(text)
}

#[middleware]
async fn fail(
    #[config] message: &'static str,
    _req: &mut Request,
    _res: &mut Response,
    next: Next,
) -> Result {
    next.fail(Error::msg(message))
}

/// Responds with its name, the error and the path.
#[error_handler]
async fn handle(
    #[config] name: &'static str,
    err: Error,
    req: &mut Request,
    res: &mut Response,
    _next: Next,
) -> Result {
    res.status(err.status()).send(format!("{name}: {err} at {}", req.path()))
}

#[tokio::test]
async fn the_layer_answers_options_and_its_error_keeps_its_headers_above_a_404_of_the_apps_own() {
    #[connect::get("/users")]
    fn users() -> &'static str {
        "users"
    }
    #[connect::post("/users")]
    fn change() -> &'static str {
        "changed"
    }
    #[middleware]
    fn not_found(req: &mut Request) -> Result {
        bail!(404, "there is no {}", req.original_uri().path())
    }
    #[error_handler]
    fn in_json(err: Error, res: &mut Response) -> Result {
        res.error(&err).json([err.public_message()])
    }
    let list = app!["/api" => [users, change, method_not_allowed(), not_found, in_json]];
    let router = app!["/api" => router![users, change, method_not_allowed(), not_found, in_json]];
    let below = app!["/api" => router![users, change], method_not_allowed(), not_found, in_json];
    let send = async |app: &connect::App<connect::BoxedChain>, method: &str, path: &str| {
        let mut req = http::Request::builder().method(method).uri(path).body("").expect("a request").into();
        call_with(app, &mut req).await.0
    };
    for app in [list.boxed(), router.boxed(), below.boxed()] {
        let allowed = Some("GET, HEAD, POST");
        let answer = send(&app, "OPTIONS", "/api/users").await;
        assert_eq!((answer.status, answer.header("allow")), (200, allowed));
        let answer = send(&app, "DELETE", "/api/users").await;
        assert_eq!(answer.seen(), (405, "[\"DELETE is not allowed here\"]"));
        assert_eq!(answer.header("allow"), allowed);
        for method in ["GET", "OPTIONS"] {
            assert_eq!(send(&app, method, "/api/other").await.seen(), (404, "[\"there is no /api/other\"]"));
        }
    }
}

#[test]
fn an_error_in_a_box_prints_as_it_does_itself() {
    let make = || Error::from(std::io::Error::other("disk full")).with_message("cannot save");
    let boxed: Box<dyn std::error::Error + Send + Sync> = make().into();
    assert_eq!(format!("{boxed:?}"), "cannot save\n  caused by: disk full");
    assert_eq!(format!("{boxed:?} {boxed}"), format!("{:?} {}", make(), make()));
}

#[tokio::test]
async fn a_handler_answers_with_the_status_and_the_headers_of_an_error_as_the_final_handler_does() {
    #[error_handler]
    fn in_json(err: Error, res: &mut Response) -> Result {
        res.error(&err).json([err.public_message()])
    }
    #[middleware]
    fn fails(req: &mut Request, res: &mut Response) -> Result {
        res.set("www-authenticate", "Digest").set("content-encoding", "gzip");
        let err = Error::msg("no").with_header("retry-after", "5");
        match req.path() {
            "/own" => {
                let err = err.with_status(401).with_header("www-authenticate", "Basic");
                Err(err.with_header("www-authenticate", "Bearer"))
            }
            "/set" => {
                res.status(503);
                Err(err)
            }
            _ => {
                res.status(201);
                Err(err)
            }
        }
    }
    let handled = app![fails, in_json];
    let left = app![fails].environment(Environment::Test);
    for (path, status, retry, schemes) in [
        ("/own", 401, Some("5"), &["Basic", "Bearer"][..]),
        ("/set", 503, None, &["Digest"]),
        ("/none", 500, None, &["Digest"]),
    ] {
        for answer in [call(&handled, path).await, call(&left, path).await] {
            assert_eq!((answer.status, answer.header("retry-after")), (status, retry), "{path}");
            let all = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
            assert!(all.map(|(_, value)| value).eq(schemes), "{path}: {:?}", answer.headers);
            assert_eq!(answer.header("content-encoding"), None, "{path}");
        }
    }
}

#[error_handler]
fn resume(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

#[middleware]
fn note(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[tokio::test]
async fn an_error_goes_to_the_handlers_declared_after_it_only() {
    let app =
        app![note, handle("before"), fail("boom"), respond("skipped"), handle("after"), handle("later")];
    assert_eq!(call(&app, "/").await.seen(), (500, "after: boom at /"));
}

#[tokio::test]
async fn a_router_sees_only_its_own_errors_and_a_list_sees_its_parents() {
    let routers = app![fail("boom"), "/" => router![note, handle("router")], handle("parent")];
    assert_eq!(call(&routers, "/").await.seen(), (500, "parent: boom at /"));
    let lists = app![fail("boom"), "/api" => [handle("list")], handle("parent")];
    assert_eq!(call(&lists, "/api/x").await.seen(), (500, "list: boom at /x"));
    assert_eq!(call(&lists, "/other").await.seen(), (500, "parent: boom at /other"));
}

#[tokio::test]
async fn an_error_unhandled_in_a_router_goes_to_the_parent() {
    let app = app!["/a" => router!["/b" => router![fail("deep")]], respond("skipped"), handle("parent")];
    assert_eq!(call(&app, "/a/b/c").await.seen(), (500, "parent: deep at /a/b/c"));
}

#[tokio::test]
async fn resume_returns_to_the_normal_track_and_keeps_the_status() {
    #[middleware]
    fn unavailable(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.status(503);
        next.fail(Error::msg("no database"))
    }
    let app = app![unavailable, resume, handle("skipped"), respond("resumed")];
    assert_eq!(call(&app, "/").await.seen(), (503, "resumed"));
    // Resumed without a layer that responds: a 404, whatever the status was.
    assert_eq!(call(&app![unavailable, resume], "/").await.status, 404);
}

#[tokio::test]
async fn a_typed_handler_handles_only_errors_of_its_type() {
    #[derive(Debug)]
    struct NoUser(u32);
    impl std::fmt::Display for NoUser {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "no user {}", self.0)
        }
    }
    impl std::error::Error for NoUser {}
    #[middleware]
    async fn user(_req: &mut Request, _res: &mut Response) -> Result {
        Err(NoUser(7))?
    }
    #[error_handler]
    async fn no_user(err: NoUser, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(404).send(format!("nobody is {}", err.0))
    }
    #[error_handler]
    fn io(err: std::io::Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(err)
    }
    let app = app!["/user" => user, "/fail" => fail("boom"), io, no_user, handle("all")];
    assert_eq!(call(&app, "/user").await.seen(), (404, "nobody is 7"));
    assert_eq!(call(&app, "/fail").await.seen(), (500, "all: boom at /fail"));
}

#[tokio::test]
async fn a_standard_error_is_a_500_and_status_changes_it() {
    #[middleware]
    fn parse(req: &mut Request, res: &mut Response) -> Result {
        let text = req.path().trim_start_matches('/');
        let n: u8 = if text.len() > 3 { text.parse()? } else { text.parse().status(400)? };
        res.send(n.to_string())
    }
    let app = app![parse];
    assert_eq!(call(&app, "/12").await.seen(), (200, "12"));
    assert_eq!(call(&app, "/x").await.status, 400);
    assert_eq!(call(&app, "/1000").await.status, 500);
}

#[tokio::test]
async fn an_error_after_a_finished_response_replaces_it() {
    #[middleware]
    async fn commit(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _done = next.run(req, res).await;
        Err(Error::msg("commit failed"))
    }
    #[middleware]
    fn tagged(_req: &mut Request, res: &mut Response) -> Result {
        res.status(201).set("etag", "\"1\"").set("content-language", "de").set("x-kept", "1").send("created")
    }
    // On the error track.
    let handled = call(&app![commit, tagged, handle("h")], "/").await;
    assert_eq!(handled.seen(), (500, "h: commit failed at /"));
    // By the final handler.
    let response = call(&app![commit, tagged], "/").await;
    assert_eq!(response.status, 500);
    assert!(response.body.contains("<pre>commit failed</pre>"));
    for response in [handled, response] {
        assert_eq!(
            (response.header("etag"), response.header("content-language"), response.header("x-kept")),
            (None, None, Some("1"))
        );
    }
}

#[tokio::test]
async fn responding_and_then_calling_next_is_an_error() {
    #[middleware]
    fn responds_and_passes(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _ = res.send("lost");
        next.pass()
    }
    #[middleware]
    async fn responds_and_runs(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _ = res.send("lost");
        Ok(next.run(req, res).await)
    }
    #[middleware]
    async fn responds_and_leaves(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _ = res.send("lost");
        next.router()
    }
    for response in [
        call(&app![responds_and_passes, respond("never"), handle("h")], "/").await,
        call(&app![responds_and_runs, respond("never"), handle("h")], "/").await,
        call(&app!["/" => router![responds_and_leaves], respond("never"), handle("h")], "/").await,
    ] {
        assert!(
            response.body.starts_with("h: a layer answered and then handed the request on"),
            "{}",
            response.body
        );
        assert_eq!(response.status, 500);
    }
}

#[tokio::test]
async fn replacing_the_request_or_response_does_not_panic() {
    #[middleware]
    fn empties(_req: &mut Request, res: &mut Response) -> Result {
        let done = res.send("x")?;
        *res = Response::new();
        Ok(done)
    }
    #[middleware]
    async fn exchanges(req: &mut connect::Rewrite, res: &mut Response, next: Next) -> Result {
        req.set_url("/rewritten")?;
        ***req = get("/y");
        Ok(next.run(req, res).await)
    }
    let emptied = call(&app![empties, handle("h")], "/").await;
    assert!(emptied.body.starts_with("h: a layer says that it answered"), "{}", emptied.body);
    let app = app!["/a" => ["/b" => [exchanges, exchanges]], "/y" => respond("there")];
    assert_eq!(call(&app, "/a/b/c").await.seen(), (200, "there"));
}

#[tokio::test]
async fn a_panic_is_an_error_on_the_error_track_after_its_layer() {
    #[middleware]
    fn plain_panics(_req: &mut Request, _res: &mut Response) -> Result {
        panic!("plain")
    }
    #[middleware]
    async fn panics(_req: &mut Request, _res: &mut Response) -> Result {
        tokio::task::yield_now().await;
        panic!("async {}", 1)
    }
    #[error_handler]
    async fn panics_too(_err: Error, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
        panic!("handler")
    }
    struct Eager;
    impl connect::Layer for Eager {
        #[expect(unreachable_code)]
        fn run<R: connect::Rest>(
            &self,
            _req: &mut Request,
            _res: &mut Response,
            _next: Next<(), R>,
        ) -> impl Future<Output = Result> + Send {
            panic!("when made");
            async { unreachable!() }
        }
    }
    #[error_handler]
    fn on_panic(err: Panic, req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(500).send(format!("{} at {}", err.message().unwrap_or_default(), req.path()))
    }
    let app = app![
        "/plain" => plain_panics,
        "/async" => [panics],
        "/twice" => [panics, panics_too],
        "/made" => Eager,
        on_panic,
    ];
    for (path, expected) in [
        ("/plain", "plain at /plain"),
        ("/async", "async 1 at /async"),
        ("/twice", "handler at /twice"),
        ("/made", "when made at /made"),
    ] {
        assert_eq!(call(&app, path).await.seen(), (500, expected));
    }
}

#[tokio::test]
async fn a_panic_in_the_clone_of_a_layers_configuration_is_caught_too() {
    struct Broken;
    impl Clone for Broken {
        fn clone(&self) -> Self {
            panic!("cannot be cloned")
        }
    }
    #[middleware]
    async fn waits(#[config] _broken: Broken, _req: &mut Request, res: &mut Response) -> Result {
        res.send("x")
    }
    #[middleware]
    fn plain(#[config] _broken: Broken, _req: &mut Request, res: &mut Response) -> Result {
        res.send("x")
    }
    for response in [
        call(&app![waits(Broken), handle("h")], "/").await,
        call(&app![plain(Broken), handle("h")], "/").await,
    ] {
        assert_eq!(response.seen(), (500, "h: a layer panicked: cannot be cloned at /"));
    }
}

#[tokio::test]
async fn an_invalid_header_set_after_the_response_is_an_error() {
    #[middleware]
    async fn late(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        res.set("x-user", "a\r\nb");
        Ok(done)
    }
    #[middleware]
    fn wrong_and_passes(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.status(1000);
        next.pass()
    }
    let late = call(&app![late, respond("x"), handle("h")], "/").await;
    assert_eq!(
        late.seen(),
        (500, "h: the response header `x-user` has a value that HTTP does not allow at /")
    );
    let unhandled = call(&app![wrong_and_passes], "/").await;
    assert_eq!(unhandled.status, 500);
    assert!(unhandled.body.contains("<pre>1000 is not a status"), "{}", unhandled.body);
}

#[tokio::test]
async fn layers_above_continue_after_a_panic_below() {
    #[middleware]
    async fn transaction(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        res.set("x-rolled-back", 1);
        Ok(done)
    }
    #[middleware]
    async fn panics(_req: &mut Request, _res: &mut Response) -> Result {
        panic!("ouch")
    }
    let response = call(&app![transaction, panics], "/").await;
    assert_eq!((response.status, response.header("x-rolled-back")), (500, Some("1")));
}

#[tokio::test]
async fn values_held_by_a_failed_layer_are_dropped_before_its_error_is_handled() {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    static HELD: AtomicBool = AtomicBool::new(false);
    struct Held;
    impl Drop for Held {
        fn drop(&mut self) {
            HELD.store(false, SeqCst);
        }
    }
    #[middleware]
    async fn holds(#[config] panics: bool, _req: &mut Request, _res: &mut Response) -> Result {
        HELD.store(true, SeqCst);
        let _held = Held;
        tokio::task::yield_now().await;
        assert!(!panics, "on purpose");
        Err(Error::msg("failed"))
    }
    #[error_handler]
    async fn show_held(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.send(if HELD.load(SeqCst) { "held" } else { "dropped" })
    }
    for panics in [false, true] {
        assert_eq!(call(&app![holds(panics), show_held], "/").await.body, "dropped");
    }
}

#[tokio::test]
async fn the_production_error_page_shows_only_the_status_text() {
    #[middleware]
    fn fails(_req: &mut Request, _res: &mut Response) -> Result {
        Err(Error::new(503, "db-3 is down").with_header("retry-after", "5"))
    }
    let app = app![fails];
    let (response, _) = call_with(&app, &mut get("/")).await;
    assert!(response.body.contains("<pre>db-3 is down</pre>"));
    let (mut req, mut res) = (get("/"), Response::new());
    let _ = app.environment(Environment::Production).run(&mut req, &mut res).await;
    let body = res.body().as_bytes().expect("one buffer").clone();
    assert!(String::from_utf8_lossy(&body).contains("<pre>Service Unavailable</pre>"));
    assert_eq!((res.status_code().as_u16(), res.header("retry-after")), (503, Some("5")));
}

#[tokio::test]
async fn the_error_page_has_the_errors_headers_and_no_earlier_body_headers() {
    #[middleware]
    fn fails(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.set("content-encoding", "gzip").set("content-range", "bytes 0-1/2").set("x-kept", "1");
        next.fail(Error::new(416, "no such range").with_header("content-range", "bytes */13"))
    }
    let response = call(&app![fails], "/").await;
    assert_eq!(
        (response.header("content-encoding"), response.header("content-range"), response.header("x-kept")),
        (None, Some("bytes */13"), Some("1"))
    );
}

#[tokio::test]
async fn sending_an_invalid_status_is_an_error() {
    #[middleware]
    fn wrong(_req: &mut Request, res: &mut Response) -> Result {
        res.status(42).send("x")
    }
    let response = call(&app![wrong, handle("h")], "/").await;
    assert_eq!(response.seen(), (500, "h: 42 is not a status: expected 100 to 999 at /"));
}
