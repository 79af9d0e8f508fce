//! What layers do before the server accepts connections, in the background, and at its end.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use connect::testing::Client;
use connect::{
    Either, Environment, Error, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest, Result, Resume,
    ResumingLayer, Rewrite, RewritingLayer, Shutdown, Stack, Startup, app, get, guard, router, stack, wrap,
};
use tokio::net::TcpStream;

use super::{TestServer, index, sleep};

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Says when its layer is asked.
struct Plain(&'static str, Log);
struct Waiting(&'static str, Log);
struct Rewriting(&'static str, Log);
struct Resuming(&'static str, Log);

impl PlainLayer for Plain {
    fn on_startup(&self, _: &mut Startup) {
        self.1.add(self.0);
    }
}

impl Layer for Waiting {
    fn on_startup(&self, _: &mut Startup) {
        self.1.add(self.0);
    }
}

impl RewritingLayer for Rewriting {
    async fn run<R: Rest>(&self, _: &mut Rewrite, _: &mut Response, next: Next<(), R>) -> Result {
        next.pass()
    }
    fn on_startup(&self, _: &mut Startup) {
        self.1.add(self.0);
    }
}

impl ResumingLayer for Resuming {
    async fn recover(&self, err: Error, _: &mut Rewrite, _: &mut Response, next: Resume) -> Result {
        next.fail(err)
    }
    fn on_startup(&self, _: &mut Startup) {
        self.1.add(self.0);
    }
}

/// A layer around another, which is asked as well.
struct Outer<L>(L, Log, bool);

impl<L: Layer> Layer for Outer<L> {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        self.0.run(req, res, next).await
    }
    fn on_startup(&self, startup: &mut Startup) {
        self.1.add("outer");
        if self.2 {
            self.0.on_startup(startup);
        }
    }
}

fn one_of_two(left: bool, log: &Log) -> impl Stack + use<> {
    if left {
        Either::Left(stack![Plain("left", log.clone())])
    } else {
        Either::Right(stack![Plain("right", log.clone())])
    }
}

#[tokio::test]
async fn each_layer_is_asked_once_wherever_it_stands() {
    let log = Log::default();
    let l = || log.clone();
    static OWN: OnceLock<Log> = OnceLock::new();
    OWN.get_or_init(l);
    #[get("/own", Plain("route's own stack", OWN.get().unwrap().clone()))]
    fn own_stack() -> &'static str {
        ""
    }
    let shared = app![Waiting("mounted twice", l())];
    let boxed = app![Plain("boxed", l())].boxed();
    let app = app![
        Plain("plain", l()),
        Plain("plain too", l()),
        Waiting("waiting", l()),
        Rewriting("rewriting", l()),
        Resuming("resuming", l()),
        Some(Plain("optional", l())),
        None::<Waiting>,
        [Plain("list", l()), "/mount" => Plain("mount", l())],
        "/router" => router![Waiting("router", l())],
        "/a" => shared.clone(),
        "/b" => shared,
        "/boxed" => boxed,
        one_of_two(true, &log),
        one_of_two(false, &log),
        guard![Plain("guard", l()) => index],
        own_stack,
        wrap(Plain("wrapped", l()), |inner| Outer(inner, l(), false)),
        wrap(Waiting("wrapped, and asked by the outer one", l()), |inner| Outer(inner, l(), true)),
    ];
    let expected = [
        "plain",
        "plain too",
        "waiting",
        "rewriting",
        "resuming",
        "optional",
        "list",
        "mount",
        "router",
        "mounted twice",
        "boxed",
        "left",
        "right",
        "guard",
        "route's own stack",
        "outer",
        "wrapped",
        "outer",
        "wrapped, and asked by the outer one",
    ];
    let started = app.start().await.unwrap();
    assert_eq!(log.all(), expected);
    started.shutdown(Duration::ZERO).await;
    let _ = app.to_string();
    assert_eq!(log.all().len(), expected.len(), "to print an app starts nothing");
}

/// Does all that a layer may.
struct Store(Log);

impl PlainLayer for Store {
    fn run(&self, _: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        res.set("x-log", self.0.all().join(", "));
        next.pass()
    }

    fn on_startup(&self, startup: &mut Startup) {
        let log = self.0.clone();
        startup.before_serving(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            log.add("before");
            Ok(())
        });
        let log = self.0.clone();
        startup.spawn(async move {
            struct Says(Log);
            impl Drop for Says {
                fn drop(&mut self) {
                    self.0.add("sweep dropped");
                }
            }
            let _says = Says(log);
            std::future::pending::<()>().await;
        });
        let log = self.0.clone();
        startup.spawn_with_shutdown(async move |shutdown| {
            shutdown.started().await;
            log.add("told");
            tokio::time::sleep(Duration::from_millis(200)).await;
            log.add("written");
        });
        for what in ["after, registered first", "after"] {
            let log = self.0.clone();
            startup.after_serving(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                log.add(what);
            });
        }
        startup.spawn(async { panic!("as a test does") });
        startup.after_serving(async { panic!("as a test does") });
    }
}

const WHOLE: [&str; 6] = ["before", "told", "sweep dropped", "written", "after", "after, registered first"];

#[tokio::test]
async fn a_server_starts_its_layers_before_and_ends_them_after_all_requests() {
    for workers in [None, Some(2)] {
        let log = Log::default();
        let running = TestServer::start(app![Store(log.clone()), sleep], |server| match workers {
            Some(workers) => server.workers(workers),
            None => server,
        });
        let mut client = running.client().await;
        client.write("GET /sleep/100 HTTP/1.1\r\nhost: x\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(80)).await;
        running.shutdown.start();
        let answer = client.response().await.expect("an answer");
        assert_eq!((answer.status, answer.header("x-log")), (200, Some("before")));
        running.ended().await;
        assert_eq!(log.all(), WHOLE, "{workers:?}");
    }
}

struct Broken(io::ErrorKind);

impl Layer for Broken {
    fn on_startup(&self, startup: &mut Startup) {
        let kind = self.0;
        startup.before_serving(async move { Err(io::Error::new(kind, "no such database"))? });
    }

    fn name(&self) -> &str {
        "users' store"
    }
}

#[tokio::test]
async fn a_layer_that_cannot_start_ends_the_server_with_its_name() {
    let log = Log::default();
    let broken = || Broken(io::ErrorKind::NotFound);
    let app = app![Store(log.clone()), broken(), index];
    let err = app.clone().listen("127.0.0.1:0").await.unwrap_err();
    assert_eq!(err.kind(), io::ErrorKind::NotFound);
    assert_eq!(err.to_string(), "the layer `users' store` cannot start: no such database");
    assert_eq!(format!("{err:?}").matches("cannot start").count(), 1);
    // No task was spawned, and nothing is flushed.
    assert_eq!(log.all(), ["before"]);
    assert!(app.start().await.is_err());
    assert_eq!(Client::serve(app.clone()).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    let asked = tokio::spawn(async move { Client::new(app).get("/").send().await.status() }).await;
    assert!(asked.is_err());
}

#[tokio::test]
async fn a_shutdown_ends_a_start_that_takes_long() {
    struct Slow;
    impl PlainLayer for Slow {
        fn on_startup(&self, startup: &mut Startup) {
            startup.before_serving(std::future::pending());
        }
    }
    let running = TestServer::start(app![Slow, index], |server| server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    // Bound, but nobody answers.
    let _waits = TcpStream::connect(running.address).await.unwrap();
    running.shutdown.start();
    running.ended().await;
}

#[tokio::test]
async fn tasks_and_flushes_that_do_not_end_are_dropped() {
    struct Stubborn(Log);
    impl PlainLayer for Stubborn {
        fn on_startup(&self, startup: &mut Startup) {
            startup.spawn_with_shutdown(|_| std::future::pending());
            startup.after_serving(std::future::pending());
            let log = self.0.clone();
            startup.after_serving(async move { log.add("flushed") });
        }
    }
    let log = Log::default();
    let app = app![Stubborn(log.clone()), index];
    let running = TestServer::start(app, |server| server.shutdown_timeout(Duration::from_millis(300)));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let start = Instant::now();
    running.shutdown.start();
    running.ended().await;
    // The grace for the task, and the least time for what comes after.
    let time = start.elapsed();
    assert!(time >= Duration::from_millis(1300) && time < Duration::from_secs(4), "{time:?}");
    assert_eq!(log.all(), ["flushed"]);
}

#[tokio::test]
async fn the_test_client_and_other_hosts_start_and_end_the_layers_too() {
    let log = Log::default();
    let app = app![Store(log.clone()), index];
    let client = Client::new(app.clone().environment(Environment::Test));
    client.get("/").send().await.assert_header("x-log", "before");
    client.get("/").send().await.assert_header("x-log", "before");
    // So that the tasks begin.
    tokio::task::yield_now().await;
    client.shutdown().await;
    assert_eq!(log.all(), WHOLE);

    let log = Log::default();
    let client = Client::serve(app![Store(log.clone()), index]).await.unwrap();
    client.get("/").send().await.assert_header("x-log", "before");
    client.shutdown().await;
    assert_eq!(log.all(), WHOLE);

    // Dropped, only the tasks end.
    let log = Log::default();
    let started = app![Store(log.clone()), index].start().await.unwrap();
    tokio::task::yield_now().await;
    drop(started);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(log.all(), ["before", "sweep dropped"]);
}

#[tokio::test]
async fn a_second_server_of_an_app_starts_its_layers_again() {
    let log = Log::default();
    let app = app![Store(log.clone()), index];
    let shutdown = Shutdown::new();
    shutdown.start();
    for _ in 0..2 {
        app.clone().server().listen("127.0.0.1:0").banner(false).shutdown(&shutdown).run().await.unwrap();
    }
    assert_eq!(log.all().iter().filter(|what| *what == "before").count(), 0, "it was ended before");
    let started = [app.start().await.unwrap(), app.start().await.unwrap()];
    assert_eq!(log.all(), ["before", "before"]);
    drop(started);
}
