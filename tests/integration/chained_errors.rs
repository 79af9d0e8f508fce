//! Error handlers that fail themselves.

use std::sync::{Arc, Mutex};

use connect::{App, Chain, Error, Next, Request, Response, Result, app, bail, error_handler, middleware};

use crate::support::call;

/// Stores what a log would show of the error, without the places in this file.
#[error_handler]
fn logs(#[config] log: &Log, err: Error, res: &mut Response) -> Result {
    let text = format!("{err:?}");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("  in ")).collect();
    *log.lock().unwrap() = lines.join("\n");
    res.status(err.status()).text(err.to_string())
}

type Log = Arc<Mutex<String>>;

#[middleware]
fn first_fails(_req: &mut Request, _res: &mut Response) -> Result {
    Err(Error::new(404, "no such note").with_source(std::io::Error::other("disk full")))
}

const FIRST: &str = "while handling: no such note\n  caused by: disk full";

#[tokio::test]
async fn an_error_of_an_error_handler_does_not_hide_the_first_error() {
    #[error_handler]
    fn plain(_err: Error) -> Result {
        Err(Error::msg("no template"))
    }
    #[error_handler]
    async fn waits(err: Error, _next: Next) -> Result {
        tokio::task::yield_now().await;
        drop(err);
        bail!(503, "no template");
    }
    #[error_handler]
    fn typed(err: std::io::Error) -> Result {
        drop(err);
        Err(Error::msg("no template"))
    }
    #[error_handler]
    async fn sends_an_invalid_status(_err: Error, res: &mut Response) -> Result {
        res.status(42).text("x")
    }
    #[error_handler]
    fn panics(_err: Error) -> Result {
        panic!("no template");
    }
    async fn seen(app: App<impl Chain>, log: &Log) -> (String, String) {
        let response = call(&app, "/").await;
        (response.body, log.lock().unwrap().clone())
    }
    let log = Log::default();
    let expected = |second: &str| (second.to_owned(), format!("{second}\n{FIRST}"));
    assert_eq!(seen(app![first_fails, plain, logs(log.clone())], &log).await, expected("no template"));
    assert_eq!(seen(app![first_fails, waits, logs(log.clone())], &log).await, expected("no template"));
    assert_eq!(seen(app![first_fails, typed, logs(log.clone())], &log).await, expected("no template"));
    let not_a_status = "42 is not a status: expected 100 to 999";
    assert_eq!(
        seen(app![first_fails, sends_an_invalid_status, logs(log.clone())], &log).await,
        expected(not_a_status)
    );
    let panicked = "a layer panicked: no template";
    assert_eq!(seen(app![first_fails, panics, logs(log.clone())], &log).await, expected(panicked));
    // Each error keeps the one before.
    let (_, both) = seen(app![first_fails, plain, waits, logs(log.clone())], &log).await;
    assert_eq!(both, format!("no template\nwhile handling: no template\n{FIRST}"));
}

#[tokio::test]
async fn an_error_that_is_passed_on_or_wrapped_is_logged_once() {
    #[error_handler]
    fn passes_on(err: Error, next: Next) -> Result {
        next.fail(err)
    }
    #[error_handler]
    async fn waits(err: Error) -> Result {
        Err(err.with_status(410))
    }
    #[error_handler]
    fn wraps(err: Error) -> Result {
        Err(Error::new(502, "cannot tell").with_source(err))
    }
    #[error_handler]
    fn of_another_type(err: std::fmt::Error) -> Result {
        Err(err.into())
    }
    let log = Log::default();
    let app = app![first_fails, passes_on, waits, of_another_type, logs(log.clone())];
    assert_eq!(call(&app, "/").await.seen(), (410, "no such note"));
    assert_eq!(*log.lock().unwrap(), "no such note\n  caused by: disk full");
    let app = app![first_fails, wraps, logs(log.clone())];
    assert_eq!(call(&app, "/").await.seen(), (502, "cannot tell"));
    assert_eq!(*log.lock().unwrap(), "cannot tell\n  caused by: no such note\n  caused by: disk full");
}

#[tokio::test]
async fn an_error_handlers_own_error_reaches_its_typed_handler_and_is_shown_alone() {
    #[error_handler]
    fn fails(_err: Error) -> Result {
        Err(std::fmt::Error.into())
    }
    #[error_handler]
    fn of_io(err: std::io::Error, res: &mut Response) -> Result {
        res.text(format!("io {err}"))
    }
    #[error_handler]
    fn of_fmt(_err: std::fmt::Error, res: &mut Response) -> Result {
        res.text("fmt")
    }
    assert_eq!(call(&app![first_fails, fails, of_io, of_fmt], "/").await.body, "fmt");
    let page = call(&app![first_fails, fails], "/").await.body;
    assert!(!page.contains("no such note"), "{page}");
}

#[tokio::test]
async fn passing_on_a_cause_keeps_the_status_message_and_headers() {
    #[error_handler]
    fn passes_on(err: std::io::Error, next: Next) -> Result {
        next.fail(err)
    }
    #[error_handler]
    async fn passes_on_later(err: std::io::Error, _req: &mut Request, next: Next) -> Result {
        tokio::task::yield_now().await;
        next.fail(err)
    }
    #[error_handler]
    fn makes_it_a_409(err: std::io::Error) -> Result {
        Err(Error::from(err).with_status(409))
    }
    #[error_handler]
    fn fails_with_another_of_its_type(err: std::io::Error) -> Result {
        drop(err);
        Err(std::io::Error::other("disk gone").into())
    }
    #[middleware]
    fn fails() -> Result {
        let err = Error::new(404, "no such note").with_source(std::io::Error::other("disk full"));
        Err(err.with_header("retry-after", "5"))
    }
    let log = Log::default();
    let response = call(&app![fails, passes_on, passes_on_later, logs(log.clone())], "/").await;
    assert_eq!(response.seen(), (404, "no such note"));
    assert_eq!(*log.lock().unwrap(), "no such note\n  caused by: disk full");
    let response = call(&app![fails, passes_on], "/").await;
    assert_eq!((response.status, response.header("retry-after")), (404, Some("5")));
    let response = call(&app![fails, makes_it_a_409, logs(log.clone())], "/").await;
    assert_eq!(response.seen(), (409, "disk full"));
    assert_eq!(*log.lock().unwrap(), format!("disk full\n{FIRST}"));
    // Another error of the same type does not inherit from the first.
    let response = call(&app![fails, fails_with_another_of_its_type], "/").await;
    assert_eq!((response.status, response.header("retry-after")), (500, None));
    let response = call(&app![fails, fails_with_another_of_its_type, logs(log.clone())], "/").await;
    assert_eq!(response.status, 500);
    assert_eq!(*log.lock().unwrap(), format!("disk gone\n{FIRST}"));
}

#[tokio::test]
async fn an_explicit_status_overrides_the_default_status_of_the_cause() {
    #[connect::get("/:id")]
    fn show(req: &Request) -> Result<String> {
        let id: u64 = connect::ResultExt::status(req.param("id"), 404)?;
        Ok(id.to_string())
    }
    #[error_handler]
    fn passes_on(err: connect::ParamError, next: Next) -> Result {
        next.fail(err)
    }
    let log = Log::default();
    let response = call(&app![show, passes_on, logs(log.clone())], "/x").await;
    assert_eq!(response.status, 404);
    assert!(!log.lock().unwrap().contains("while handling"), "{}", log.lock().unwrap());
}

#[tokio::test]
async fn a_body_error_keeps_its_status_through_a_typed_handler() {
    #[connect::post("/")]
    fn number(connect::Json(number): connect::Json<u64>) -> String {
        number.to_string()
    }
    #[error_handler]
    fn passes_on(err: connect::BodyError, next: Next) -> Result {
        next.fail(err)
    }
    let log = Log::default();
    let app = app![number, passes_on, logs(log)];
    let request = connect::http::Request::post("/").header("content-type", "text/plain").body("x").unwrap();
    let (response, _) = crate::support::call_with(&app, &mut Request::from(request)).await;
    assert_eq!(response.status, 415);
}
