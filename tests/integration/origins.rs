//! Where an error comes from.

use std::sync::{Arc, Mutex};

use connect::{
    App, Chain, Error, FromParam, Layer, Next, Origin, Request, Response, Rest, Result, ResultExt, app, bail,
    error_handler, get, middleware, router,
};

use crate::support::{call, get as request};

type Seen = Arc<Mutex<Option<Origin>>>;

#[error_handler]
fn note(#[config] seen: &Seen, err: Error, next: Next) -> Result {
    *seen.lock().unwrap() = err.origin().cloned();
    next.fail(err)
}

/// The layer, and the line after that of `from`; the file is checked.
async fn origin_of(app: App<impl Chain>, seen: &Seen, from: u32) -> (String, Option<u32>) {
    call(&app, "/").await;
    let origin = seen.lock().unwrap().take().expect("an error of a layer");
    if let Some(file) = origin.file() {
        assert!(file.ends_with("tests/integration/origins.rs"), "{file}");
    }
    (origin.layer().to_owned(), origin.line().map(|line| line - from))
}

fn at(layer: &str, line: u32) -> (String, Option<u32>) {
    (layer.to_owned(), Some(line))
}

#[tokio::test]
async fn the_line_is_that_of_the_question_mark_or_of_the_error_that_is_made() {
    let seen = Seen::default();
    let from = line!();
    #[get("/")]
    fn question_mark() -> Result<String> {
        let text = String::new();
        let text = text + &std::fs::read_to_string("no/such/file")?;
        Ok(text)
    }
    #[middleware]
    async fn with_a_status(_req: &mut Request, res: &mut Response) -> Result {
        tokio::task::yield_now().await;
        let text = std::fs::read_to_string("no/such/file").status(404)?;
        res.text(text)
    }
    #[middleware]
    fn nothing(_req: &mut Request, res: &mut Response) -> Result {
        let text = None::<&str>.status(404)?;
        res.text(text)
    }
    #[middleware]
    fn fails(next: Next) -> Result {
        let err = std::io::Error::other("disk full");
        next.fail(err)
    }
    #[get("/")]
    async fn bails() -> Result<&'static str> {
        bail!(404, "no such {}", "note");
    }
    #[get("/")]
    async fn returns() -> Result<&'static str> {
        Err(Error::msg("no"))
    }
    let log = || note(Arc::clone(&seen));
    assert_eq!(origin_of(app![question_mark, log()], &seen, from).await, at("question_mark", 4));
    assert_eq!(origin_of(app![with_a_status, log()], &seen, from).await, at("with_a_status", 10));
    assert_eq!(origin_of(app![nothing, log()], &seen, from).await, at("nothing", 15));
    assert_eq!(origin_of(app![fails, log()], &seen, from).await, at("fails", 21));
    assert_eq!(origin_of(app![bails, log()], &seen, from).await, at("bails", 25));
    assert_eq!(origin_of(app![returns, log()], &seen, from).await, at("returns", 29));
}

#[tokio::test]
async fn a_panic_and_an_error_of_the_library_are_at_the_function() {
    #[derive(Debug)]
    struct Never;
    impl FromParam<'_> for Never {
        type Error = std::num::ParseIntError;
        fn from_param(text: &str) -> Result<Self, Self::Error> {
            text.parse::<u8>().map(|_| Never)
        }
    }
    let seen = Seen::default();
    let from = line!();
    #[middleware]
    async fn panics(_req: &mut Request, _res: &mut Response) -> Result {
        panic!("ouch");
    }
    #[get("/:rest")]
    fn takes(rest: Never) -> String {
        format!("{rest:?}")
    }
    #[get("/")]
    fn panics_in_a_route() -> String {
        panic!("ouch");
    }
    let log = || note(Arc::clone(&seen));
    assert_eq!(origin_of(app![panics, log()], &seen, from).await.0, "panics");
    let (layer, line) = origin_of(app![panics, log()], &seen, from).await;
    assert_eq!((&*layer, line.is_some_and(|line| line <= 2)), ("panics", true));
    call(&app![takes, log()], "/x").await;
    let origin = seen.lock().unwrap().take().unwrap();
    assert_eq!((origin.layer(), origin.line().is_some_and(|line| line - from <= 6)), ("takes", true));
    let (layer, line) = origin_of(app![panics_in_a_route, log()], &seen, from).await;
    assert_eq!((&*layer, line.is_some_and(|line| line <= 10)), ("panics_in_a_route", true));
}

struct ByHand(&'static str);

impl Layer for ByHand {
    async fn run<R: Rest>(&self, _req: &mut Request, _res: &mut Response, _next: Next<(), R>) -> Result {
        Err(Error::new(401, "who are you?"))
    }

    fn name(&self) -> &str {
        self.0
    }
}

#[middleware]
fn refuses(_req: &mut Request, _res: &mut Response) -> Result {
    bail!(403, "no");
}

#[tokio::test]
async fn a_layer_is_named_as_it_is_printed() {
    let seen = Seen::default();
    let log = || note(Arc::clone(&seen));
    let app = app![ByHand("by hand"), log()];
    assert!(app.to_string().starts_with("by hand\n"), "{app}");
    assert_eq!(origin_of(app, &seen, 0).await.0, "by hand");
    // In a mount, in a router, in the own stack of a route.
    assert_eq!(origin_of(app!["/" => [refuses], log()], &seen, 0).await.0, "refuses");
    assert_eq!(origin_of(app![router![router![refuses]], log()], &seen, 0).await.0, "refuses");
    #[get("/", refuses)]
    fn never() -> &'static str {
        "never"
    }
    #[middleware]
    fn passes(next: Next) -> Result {
        next.pass()
    }
    #[get("/", passes)]
    fn behind_a_stack() -> Result<&'static str> {
        bail!(404, "no");
    }
    assert_eq!(origin_of(app![never, log()], &seen, 0).await.0, "refuses");
    assert_eq!(origin_of(app![behind_a_stack, log()], &seen, 0).await.0, "behind_a_stack");
}

#[tokio::test]
async fn an_error_that_is_handed_on_keeps_its_origin_and_a_new_one_has_its_own() {
    #[error_handler]
    fn hands_on(err: Error, next: Next) -> Result {
        next.fail(err.with_status(410))
    }
    #[error_handler]
    async fn hands_on_the_cause(err: std::io::Error, next: Next) -> Result {
        next.fail(err)
    }
    #[error_handler]
    fn fails_anew(_err: Error) -> Result {
        Err(Error::msg("no template"))
    }
    #[middleware]
    fn disk_full(_req: &mut Request, _res: &mut Response) -> Result {
        Err(std::io::Error::other("disk full").into())
    }
    let seen = Seen::default();
    let log = || note(Arc::clone(&seen));
    assert_eq!(origin_of(app![refuses, hands_on, log()], &seen, 0).await.0, "refuses");
    assert_eq!(origin_of(app![disk_full, hands_on_the_cause, log()], &seen, 0).await.0, "disk_full");
    assert_eq!(origin_of(app![disk_full, fails_anew, log()], &seen, 0).await.0, "fails_anew");

    // The log shows both.
    let text = Arc::new(Mutex::new(String::new()));
    #[error_handler]
    fn prints(#[config] text: &Arc<Mutex<String>>, err: Error, res: &mut Response) -> Result {
        *text.lock().unwrap() = format!("{err:?}");
        res.error(&err).text("failed")
    }
    call(&app![disk_full, fails_anew, prints(Arc::clone(&text))], "/").await;
    let text = text.lock().unwrap().clone();
    let lines: Vec<_> = text.lines().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        lines,
        ["no template", "  in fails_anew", "while handling: disk full", "  in disk_full"],
        "{text}"
    );
}

#[tokio::test]
async fn no_page_shows_it() {
    use connect::Environment::{Development, Production, Test};
    for environment in [Development, Production, Test] {
        let mut res = Response::new();
        let _ = app![refuses].environment(environment).run(&mut request("/"), &mut res).await;
        let page = String::from_utf8_lossy(res.body().as_bytes().expect("one buffer"));
        assert!(!page.contains("refuses") && !page.contains(".rs"), "{page}");
    }
}

#[tokio::test]
async fn what_is_of_no_layer_has_no_origin() {
    assert_eq!(Error::msg("no").origin(), None);
    let seen = Seen::default();
    #[get("/:id")]
    fn show(id: &str) -> String {
        id.to_owned()
    }
    call(&app![show, note(Arc::clone(&seen))], "/%ff").await;
    assert_eq!(*seen.lock().unwrap(), None);
}
