//! Pages for errors: everything about them in development, and nothing that is not for clients in production.
//!
//! ```
//! use connect::{app, get, Result};
//! use connect_middleware::error_page::ErrorPage;
//!
//! #[get("/report")]
//! async fn report() -> Result<String> {
//!     Ok(std::fs::read_to_string("no/such/report.txt")?)
//! }
//!
//! let app = app![report, ErrorPage::new()];
//! ```
//!
//! It is an error handler, so it stands last. It answers as the client likes it (`Accept`):
//!
//! | form | in development and in tests | in production |
//! |---|---|---|
//! | HTML | the message and its causes, the layer, file and line it came from, the request, the stack with the way to that layer | the status and, for a 4xx, the public message |
//! | JSON, as `application/problem+json` ([RFC 9457](crate::problem)) | the same problem with the members `causes`, `origin` and `route` | the [`Problem`] that the error was made of, or the status and, for a 4xx, the public message |
//! | text | the message, its causes and its origin | the same as HTML |
//!
//! What the app's environment is, the layer learns when the app starts ([`App::environment`](connect::App::environment)). An app that
//! another server serves without [`App::start`](connect::App::start) has [`Environment::current`].
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`problems`](ErrorPage::problems) | | | the JSON form for every client: for APIs |
//! | [`page`](ErrorPage::page) | function | a plain page | the HTML of production |
//! | [`not_found`](ErrorPage::not_found) | | off | requests that no layer answered get a page of the same kind |
//! | [`log`](ErrorPage::log) | `bool` | `true` | whether errors with a 5xx are logged |
//!
//! # Needs and provides
//! Nothing. It may stand in a router or under a path, for the errors there: `"/api" => [routes(), ErrorPage::problems()]`.
//!
//! # What goes wrong
//! - As the first entry of an app it sees no error, and the app does not start.
//! - An error whose `Display` fails or panics is a 500 without a text, and a function of [`page`](ErrorPage::page) that panics one of
//!   the final handler. An error of that function is logged, and the page is the plain one.
//! - An error of a stream whose head was sent cannot have a page: the connection is closed.
//! - Errors of the hooks of [`before_head`](connect::Response::before_head), and those of layers listed below, have the page of the final
//!   handler.
//!
//! Errors with a 5xx are logged with `tracing::error!`, with all causes and their origin, since the library logs none that an error
//! handler has answered, and printed where the program has set up no logging. In tests nothing is logged.
//!
//! # Headers
//! The headers of the error stay, such as `Retry-After` and `Allow`. `Vary: Accept` is added, and `Cache-Control: no-store` unless the
//! app has set one. Pages have `X-Content-Type-Options: nosniff` and a `Content-Security-Policy` that allows their own style and nothing else, in
//! place of one that [`Helmet`](crate::helmet) has set; those of your own have the app's.
//!
//! # Differences from Express's `errorhandler`
//! - It knows the environment. `errorhandler` shows the stack trace to everybody, and the app has to choose.
//! - Values whose names say that they are secrets are not shown: of the headers `Authorization` and `Cookie`, and of headers and of the query
//!   names with `token`, `secret`, `key`, `password`, `session` or `auth`, and `code` and `sig`.
//! - JSON is a problem in place of `{"error": {..}}`.
//! - There is no stack trace, but the layer, the line, and the way to it: where layers have the same name, to the first of them.

mod development;
mod html;

use std::fmt;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use connect::{
    Done, Environment, Error, ErrorHandler, Html, Next, PlainFn, PlainLayer, Request, Response, Result,
    Startup,
};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use serde_json::json;

use crate::problem::Problem;

/// Answers errors: see the [module](self).
pub struct ErrorPage {
    problems: bool,
    not_found: bool,
    log: bool,
    page: Option<Page>,
    /// What is known when the app has started.
    started: OnceLock<Started>,
    environment: Environment,
}

/// A function that users give, behind a pointer: so it is no part of the type of the list.
type Page = Box<dyn Fn(StatusCode, &str) -> Result<Html<String>> + Send + Sync>;

struct Started {
    environment: Environment,
    stack: Arc<str>,
}

/// What a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Problem,
    Text,
}

impl ErrorPage {
    /// Pages by what the client accepts: HTML, JSON or text.
    #[must_use]
    pub fn new() -> Self {
        ErrorPage {
            problems: false,
            not_found: false,
            log: true,
            page: None,
            started: OnceLock::new(),
            environment: Environment::current(),
        }
    }

    /// [Problem details](crate::problem) as JSON, whatever the client accepts.
    #[must_use]
    pub fn problems() -> Self {
        ErrorPage { problems: true, ..Self::new() }
    }

    /// Sets the HTML of production, by a function of the status and the public message, which may be a template's. The message is text:
    /// a template has to escape it. An error of the function is logged, and the client gets the plain page.
    ///
    /// ```
    /// use connect::Html;
    /// use connect_middleware::error_page::ErrorPage;
    ///
    /// let errors = ErrorPage::new().page(|status, _message| Ok(Html(format!("<h1>{}</h1>", status.as_u16()))));
    /// ```
    #[must_use]
    pub fn page(
        mut self,
        page: impl Fn(StatusCode, &str) -> Result<Html<String>> + Send + Sync + 'static,
    ) -> Self {
        self.page = Some(Box::new(page));
        self
    }

    /// Answers requests that have come so far on the normal track with a page of the same kind, and status 404. List it last, or
    /// routes below are not reached. `OPTIONS` goes on, since the library answers it.
    #[must_use]
    pub fn not_found(mut self) -> Self {
        self.not_found = true;
        self
    }

    /// Sets whether errors with a 5xx are logged, as by default. In tests nothing is.
    #[must_use]
    pub fn log(mut self, on: bool) -> Self {
        self.log = on;
        self
    }

    fn environment(&self) -> Environment {
        self.started.get().map_or(self.environment, |started| started.environment)
    }

    fn form(&self, req: &Request) -> Form {
        const OFFERS: [&str; 4] = ["text/html", "application/problem+json", "application/json", "text/plain"];
        match req.accepts(&OFFERS) {
            _ if self.problems => Form::Problem,
            Some("text/html") => Form::Html,
            Some("application/problem+json" | "application/json") => Form::Problem,
            _ => Form::Text,
        }
    }

    fn report(&self, err: &Error, req: &Request, status: StatusCode) {
        if !self.log || self.environment() == Environment::Test {
            return;
        }
        tracing::error!(method = %req.method(), uri = %req.original_url(), status = status.as_u16(), "{err:?}");
        // As the final handler does: printed if the program has set up no logging. Not `eprintln!`, which panics if standard
        // error is closed.
        if !tracing::dispatcher::has_been_set() {
            let (method, uri) = (req.method(), req.original_url());
            let _ = writeln!(std::io::stderr(), "{method} {uri}: {} {err:?}", status.as_u16());
        }
    }

    fn answer(&self, err: &Error, req: &Request, res: &mut Response) -> Result<Done> {
        const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
        let environment = self.environment();
        let status = res.error(err).status_code();
        if status.is_server_error() {
            self.report(err, req, status);
        }
        if !self.problems {
            res.vary("Accept");
        }
        if !res.headers().contains_key(header::CACHE_CONTROL) {
            res.set(header::CACHE_CONTROL, NO_STORE);
        }
        res.set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let stack = self.started.get().map_or("", |started| &started.stack);
        let development = (environment != Environment::Production)
            .then(|| development::Report::new(err, req, status, stack));
        match (self.form(req), development) {
            (Form::Html, Some(report)) => send_page(res, report.html()),
            (Form::Html, None) => {
                let message = public(err, status);
                if let Some(page) = &self.page {
                    match page(status, &message) {
                        Ok(Html(page)) => return res.html(page),
                        Err(err) => self.report(&err, req, err.status()),
                    }
                }
                send_page(res, html::plain(status, &message))
            }
            (Form::Problem, report) => {
                let mut problem = problem(err, status);
                if let Some(report) = report {
                    problem = report.add_to(problem);
                }
                let text = serde_json::to_string(&problem)
                    .unwrap_or_else(|_| json!({"status": status.as_u16()}).to_string());
                res.set(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))
                    .send(text.into_bytes())
            }
            (Form::Text, Some(report)) => res.text(report.text()),
            (Form::Text, None) => res.text(public(err, status)),
        }
    }
}

/// What a client may know.
fn public(err: &Error, status: StatusCode) -> String {
    problem(err, status).message().to_owned()
}

/// The status that is sent may be the response's.
fn problem(err: &Error, status: StatusCode) -> Problem {
    let problem = Problem::of(err);
    if problem.status() == status { problem.into_owned() } else { Problem::new(status) }
}

fn send_page(res: &mut Response, page: String) -> Result {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    res.set(header::CONTENT_SECURITY_POLICY, POLICY).html(page)
}

impl Default for ErrorPage {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ErrorPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorPage")
            .field("problems", &self.problems)
            .field("not_found", &self.not_found)
            .field("environment", &self.environment())
            .finish_non_exhaustive()
    }
}

impl PlainLayer for ErrorPage {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if !self.not_found || req.method() == Method::OPTIONS {
            return next.pass();
        }
        let text = format!("Cannot {} {}", req.method(), req.original_uri().path());
        self.answer(&Error::new(StatusCode::NOT_FOUND, text), req, res)
    }

    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        _: Next<(), ErrorHandler>,
    ) -> Result {
        self.answer(&err, req, res)
    }

    fn on_startup(&self, startup: &mut Startup) {
        let stack = startup.stack();
        let mut entries = stack.lines();
        if entries.next().is_some_and(|first| first.trim() == self.name()) && entries.next().is_some() {
            let fault = "it is the first entry of the app, which no error reaches: list it last";
            startup.before_serving(async move { Err(Error::msg(fault)) });
        }
        let started = Started { environment: startup.environment(), stack };
        // An app that is started twice has the same stack.
        let _ = self.started.set(started);
    }

    fn name(&self) -> &str {
        "ErrorPage"
    }
}
