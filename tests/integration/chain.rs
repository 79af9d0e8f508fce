//! Passing, running, and what may stand in a stack.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use connect::{
    Error, Layer, Next, Outcome, PlainFn, PlainLayer, Request, Response, Rest, Result, app, error_handler,
    middleware, router, stack,
};

use crate::support::{call, call_with, get};

/// Adds its name to the header `x-trace`, then passes.
#[middleware]
fn note(#[config] name: &'static str, _req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.append("x-trace", name);
    next.pass()
}

/// Adds its name before and after everything below.
#[middleware]
async fn around(#[config] name: &'static str, req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.append("x-trace", format!("{name}>"));
    let done = next.run(req, res).await;
    res.append("x-trace", format!("<{name}"));
    Ok(done)
}

#[middleware]
async fn respond(#[config] text: &'static str, _req: &mut Request, res: &mut Response) -> Result {
    res.send(text)
}

fn trace(response: &crate::support::RawResponse) -> String {
    let values: Vec<_> = response.headers.iter().filter(|(n, _)| n == "x-trace").map(|(_, v)| &**v).collect();
    values.join(" ")
}

#[tokio::test]
async fn layers_run_in_list_order() {
    let app = app![note("a"), around("b"), [note("c"), around("d")], respond("end")];
    let response = call(&app, "/").await;
    assert_eq!((response.seen(), &*trace(&response)), ((200, "end"), "a b> c d> <d <b"));
}

#[tokio::test]
async fn a_layer_can_change_the_response_after_next_run() {
    #[middleware]
    async fn shout(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        assert!(res.is_finished());
        let body = res.take_body();
        let text = String::from_utf8_lossy(body.as_bytes().expect("one buffer")).to_uppercase();
        res.set_body(text);
        Ok(done)
    }
    assert_eq!(call(&app![shout, respond("quiet")], "/").await.seen(), (200, "QUIET"));
}

#[tokio::test]
async fn a_stack_from_a_function_can_be_used_in_two_places() {
    fn log_stuff() -> impl connect::Stack {
        stack![note("url"), note("method")]
    }
    let app = app!["/user" => [log_stuff(), respond("user")], "/admin" => log_stuff, respond("other")];
    for (path, text) in [("/user/5", "user"), ("/admin", "other")] {
        let response = call(&app, path).await;
        assert_eq!((response.seen(), &*trace(&response)), ((200, text), "url method"));
    }
    assert_eq!(trace(&call(&app, "/").await), "");
}

#[tokio::test]
async fn leaving_a_router_continues_with_the_layer_after_it() {
    // The second seed: `app.use('/admin', router, (req, res) => { res.sendStatus(401) })`.
    #[middleware]
    fn requires_token(req: &mut Request, _res: &mut Response, next: Next) -> Result {
        match req.header("x-auth") {
            Some(_) => next.pass(),
            None => next.router(),
        }
    }
    #[middleware]
    fn unauthorized(_req: &mut Request, res: &mut Response) -> Result {
        res.status(401).send("Unauthorized")
    }
    let router = router![requires_token, respond("hello, user!")];
    let app = app!["/admin" => [router, unauthorized]];
    assert_eq!(call(&app, "/admin/x").await.seen(), (401, "Unauthorized"));
    let mut req = get("/admin/x");
    req.headers_mut().insert("x-auth", http::HeaderValue::from_static("1"));
    assert_eq!(call_with(&app, &mut req).await.0.seen(), (200, "hello, user!"));
}

#[tokio::test]
async fn leaving_from_a_list_leaves_the_router_around_it() {
    #[middleware]
    async fn leave(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.router()
    }
    let inner = router!["/b" => [leave, respond("in the list")], respond("in the router")];
    assert_eq!(call(&app!["/a" => inner, respond("after")], "/a/b").await.seen(), (200, "after"));
    // Outside of any router it is the app that is left.
    assert_eq!(call(&app![leave, respond("after")], "/").await.status, 404);
}

#[tokio::test]
async fn running_in_a_router_covers_the_rest_of_the_parent() {
    let app = app!["/a" => router![around("inner")], note("parent"), respond("end")];
    let response = call(&app, "/a").await;
    assert_eq!((response.seen(), &*trace(&response)), ((200, "end"), "inner> parent <inner"));
}

#[tokio::test]
async fn an_app_in_an_app_is_a_router() {
    let blog = app!["/post" => respond("post")];
    let app = app!["/blog" => blog, "/again" => [app![note("nested")]], respond("parent")];
    assert_eq!(call(&app, "/blog/post").await.seen(), (200, "post"));
    assert_eq!(call(&app, "/blog/other").await.seen(), (200, "parent"));
    assert_eq!(trace(&call(&app, "/again").await), "nested");
}

#[tokio::test]
async fn an_optional_layer_runs_only_if_it_is_some() {
    fn build(on: bool) -> connect::App<impl connect::Chain> {
        app![
            on.then_some(note("plain")),
            on.then(|| around("async")),
            on.then(|| stack![note("stack")]),
            on.then(|| router![note("router")]),
            "/x" => on.then(|| note("mounted")),
            on.then_some(respond("there")),
            respond("not there"),
        ]
    }
    let (there, not) = (call(&build(true), "/x").await, call(&build(false), "/x").await);
    assert_eq!(there.seen(), (200, "there"));
    assert_eq!(trace(&there), "plain async> stack router mounted <async");
    assert_eq!((not.seen(), &*trace(&not)), ((200, "not there"), ""));
}

#[tokio::test]
async fn a_struct_with_state_can_be_a_layer() {
    struct Count(Arc<AtomicUsize>);
    impl Layer for Count {
        async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
            self.0.fetch_add(1, SeqCst);
            Ok(next.run(req, res).await)
        }
    }
    // The method may as well say what it returns.
    struct Spelled;
    impl Layer for Spelled {
        fn run<R: Rest>(
            &self,
            _req: &mut Request,
            _res: &mut Response,
            next: Next<(), R>,
        ) -> impl Future<Output = Result> + Send {
            std::future::ready(next.pass())
        }
    }
    struct Plain;
    impl PlainLayer for Plain {
        fn run(&self, _req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
            res.set("x-plain", 1);
            next.pass()
        }
    }
    let count = Arc::new(AtomicUsize::new(0));
    let app = app![Count(Arc::clone(&count)), Spelled, Plain, respond("x")];
    for _ in 0..3 {
        assert_eq!(call(&app, "/").await.header("x-plain"), Some("1"));
    }
    assert_eq!(count.load(SeqCst), 3);
    assert_eq!(app.to_string(), "Count\nSpelled\nPlain\nrespond");
}

#[tokio::test]
async fn the_outcome_names_what_responded() {
    #[middleware]
    async fn outcome(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let done = next.run(req, res).await;
        res.set("x-outcome", format!("{:?}", done.outcome()));
        Ok(done)
    }
    #[middleware]
    async fn fail(_req: &mut Request, _res: &mut Response) -> Result {
        Err(Error::msg("failed"))
    }
    #[error_handler]
    async fn handle(_err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(500).send("handled")
    }
    let app = app![
        outcome,
        "/layer" => respond("x"),
        "/handled" => [fail, handle],
        "/plain" => [note("x"), respond("x")],
        "/failed" => fail,
    ];
    for (path, expected) in [
        ("/layer", Outcome::Layer),
        ("/handled", Outcome::ErrorHandler),
        ("/plain", Outcome::Layer),
        ("/failed", Outcome::FinalHandler),
        ("/nothing", Outcome::FinalHandler),
    ] {
        let (response, outcome) = call_with(&app, &mut get(path)).await;
        assert_eq!(outcome, expected, "{path}");
        assert_eq!(response.header("x-outcome"), Some(&*format!("{expected:?}")), "{path}");
    }
}

#[tokio::test]
async fn nothing_below_runs_before_the_first_poll() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    #[middleware]
    fn plain_below(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        RAN.fetch_add(1, SeqCst);
        next.pass()
    }
    #[middleware]
    async fn makes_and_drops(req: &mut Request, res: &mut Response, next: Next) -> Result {
        drop(next.run(req, res));
        res.send("dropped")
    }
    let app = app![makes_and_drops, "/" => plain_below, plain_below, respond("never")];
    assert_eq!(call(&app, "/").await.seen(), (200, "dropped"));
    assert_eq!(RAN.load(SeqCst), 0);
    // The app's own future is no different.
    let (mut req, mut res) = (get("/"), Response::new());
    drop(app![plain_below].run(&mut req, &mut res));
    assert_eq!(RAN.load(SeqCst), 0);
}

#[tokio::test]
async fn a_scope_around_next_run_covers_all_layers_below() {
    tokio::task_local!(static USER: &'static str);
    #[middleware]
    async fn scope(req: &mut Request, res: &mut Response, next: Next) -> Result {
        Ok(USER.scope("tobi", next.run(req, res)).await)
    }
    #[middleware]
    fn plain_reads(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.append("x-trace", USER.get());
        next.pass()
    }
    #[middleware]
    async fn reads(_req: &mut Request, res: &mut Response, next: Next) -> Result {
        res.append("x-trace", USER.get());
        next.pass()
    }
    let app = app![scope, plain_reads, "/" => [reads, router![plain_reads]], reads, respond("x")];
    assert_eq!(trace(&call(&app, "/").await), "tobi tobi tobi tobi");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_around_next_run_drops_the_layers_below_and_restores_the_path() {
    static AFTER_THE_SLEEP: AtomicUsize = AtomicUsize::new(0);
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, SeqCst);
        }
    }
    #[middleware]
    async fn timeout(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let timed = tokio::time::timeout(Duration::from_millis(50), next.run(req, res)).await;
        match timed {
            Ok(done) => Ok(done),
            Err(elapsed) => {
                assert_eq!((req.path(), req.mount_path()), ("/a/b/c", ""));
                Err(elapsed)?
            }
        }
    }
    #[middleware]
    async fn slow(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _guard = Guard;
        assert_eq!((req.path(), req.mount_path()), ("/c", "/a/b"));
        tokio::time::sleep(Duration::from_secs(3600)).await;
        AFTER_THE_SLEEP.fetch_add(1, SeqCst);
        Ok(next.run(req, res).await)
    }
    #[error_handler]
    fn too_slow(
        err: tokio::time::error::Elapsed,
        req: &mut Request,
        res: &mut Response,
        _next: Next,
    ) -> Result {
        res.status(504).send(format!("{err} at {}", req.path()))
    }
    let app = app![timeout, "/a" => [around("x"), "/b" => router![slow]], too_slow];
    assert_eq!(call(&app, "/a/b/c").await.seen(), (504, "deadline has elapsed at /a/b/c"));
    assert_eq!((AFTER_THE_SLEEP.load(SeqCst), DROPPED.load(SeqCst)), (0, 1));
}

#[tokio::test]
async fn an_app_prints_its_stack() {
    #[error_handler]
    fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.fail(err)
    }
    let app = app![
        around("x"),
        "/admin" => [note("y"), router![respond("z")], on_error],
        stack![note("a")],
        false.then(|| note("b")),
    ];
    assert_eq!(
        app.to_string(),
        "around\n/admin\n  note\n  router\n    respond\n  on_error\nstack\n  note\n(none)"
    );
}
