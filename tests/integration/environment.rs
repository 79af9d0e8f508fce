//! What the environment of an app changes.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use connect::{Environment, Error, Next, Request, Response, Result, app, get, middleware};
use tracing::field::{Field, Visit};
use tracing::span;

use crate::support::get as request;

#[middleware]
fn fails(_req: &mut Request, _res: &mut Response) -> Result {
    Err(Error::new(503, "no database").with_source(std::io::Error::other("connection refused")))
}

/// Collects the messages of events.
#[derive(Default, Clone)]
struct Log(Arc<Mutex<Vec<String>>>, Arc<AtomicUsize>);

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0 += &format!("{field}={value:?} ");
            }
        }
        let mut message = Message(event.metadata().level().to_string() + " ");
        event.record(&mut message);
        self.0.lock().expect("not poisoned").push(message.0);
        self.1.fetch_add(1, SeqCst);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn an_unhandled_error_is_logged_except_in_the_test_environment() {
    for (environment, events) in
        [(Environment::Development, 1), (Environment::Production, 1), (Environment::Test, 0)]
    {
        let log = Log::default();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        tracing::subscriber::with_default(log.clone(), || {
            let (mut req, mut res) = (request("/x?y=1"), Response::new());
            let app = app![fails].environment(environment);
            let _ = runtime.block_on(app.run(&mut req, &mut res));
            assert_eq!(res.status_code(), 503);
        });
        assert_eq!(log.1.load(SeqCst), events, "{environment}");
        for message in log.0.lock().expect("not poisoned").iter() {
            for part in ["ERROR", "GET", "/x?y=1", "503", "no database", "caused by: connection refused"] {
                assert!(message.contains(part), "{message}");
            }
        }
    }
}

#[test]
fn an_error_dropped_in_a_routes_own_stack_is_logged() {
    #[middleware]
    async fn masks(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let _ = next.run(req, res).await;
        res.status(200).send("fine")
    }
    #[middleware]
    async fn passes_on(req: &mut Request, res: &mut Response, next: Next) -> Result {
        Ok(next.run(req, res).await)
    }
    #[get("/dropped", masks, fails)]
    fn dropped() -> &'static str {
        "not reached"
    }
    #[get("/passed-on", passes_on, fails)]
    fn passed_on() -> &'static str {
        "not reached"
    }
    let app = app![dropped, passed_on].environment(Environment::Test);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for (path, status, events) in [("/dropped", 200, 1), ("/passed-on", 503, 0)] {
        let log = Log::default();
        tracing::subscriber::with_default(log.clone(), || {
            let (mut req, mut res) = (request(path), Response::new());
            let _ = runtime.block_on(app.run(&mut req, &mut res));
            assert_eq!(res.status_code(), status);
        });
        assert_eq!(log.1.load(SeqCst), events, "{path}");
        for message in log.0.lock().expect("not poisoned").iter() {
            for part in ["ERROR", "dropped an error", "no database", "connection refused"] {
                assert!(message.contains(part), "{message}");
            }
        }
    }
}

/// Not a test by itself: what [`the_environment_method_overrides_the_variable`] runs in a process with
/// another environment.
#[test]
fn prints_the_environment() {
    println!("{:?}", app![fails]);
    println!("{:?}", app![fails].environment(Environment::Test));
}

#[test]
fn the_environment_method_overrides_the_variable() {
    let by_build = if cfg!(debug_assertions) { "Development" } else { "Production" };
    for (variable, environment) in [
        (None, by_build),
        (Some("production"), "Production"),
        (Some("test"), "Test"),
        (Some("development"), "Development"),
        (Some("Production"), by_build),
    ] {
        let mut child = std::process::Command::new(std::env::current_exe().expect("a path"));
        child.args(["--exact", "environment::prints_the_environment", "--nocapture"]);
        match variable {
            Some(value) => child.env("CONNECT_ENV", value),
            None => child.env_remove("CONNECT_ENV"),
        };
        let output = child.output().expect("the test runs itself");
        let printed = String::from_utf8_lossy(&output.stdout);
        let apps: Vec<&str> = printed.lines().filter(|line| line.starts_with("App {")).collect();
        assert_eq!(apps.len(), 2, "{printed}");
        assert!(apps[0].contains(&format!("environment: {environment},")), "{variable:?}: {}", apps[0]);
        assert!(apps[1].contains("environment: Test,"), "{}", apps[1]);
    }
}
