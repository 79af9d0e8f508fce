//! One line for each request, in morgan's formats: [`Logger`].
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::logger::Logger;
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! // 203.0.113.7 - tobi [10/Oct/2026:13:55:36 +0000] "GET /?page=2 HTTP/1.1" 200 5 "-" "curl/8.5.0"
//! let app = app![Logger::combined().stdout(), index];
//! ```
//!
//! The line is written when the response is finished: after the last byte of a stream, and also if the client disconnects, a
//! timeout above drops the layers, or the server shuts down.
//!
//! # Formats
//! | | |
//! |---|---|
//! | [`Logger::combined`] | `:remote-addr - :remote-user [:date[clf]] ":method :url HTTP/:http-version" :status :res[content-length] ":referrer" ":user-agent"` |
//! | [`Logger::common`] | the same without the last two |
//! | [`Logger::dev`] | `:method :url :status :response-time ms - :res[content-length]`, the status in a colour |
//! | [`Logger::short`] | `:remote-addr :remote-user :method :url HTTP/:http-version :status :res[content-length] - :response-time ms` |
//! | [`Logger::tiny`] | `:method :url :status :res[content-length] - :response-time ms` |
//! | [`Logger::new`] | a format of your own |
//!
//! | token | |
//! |---|---|
//! | `:date[clf]`, `:date[iso]`, `:date[web]` | the time in UTC, when the line is made; `:date` is `web` |
//! | `:ended` | how the response ended: `complete`, `client_left`, `timed_out`, `shutdown`, `failed` |
//! | `:http-version` | `1.1` |
//! | `:method`, `:url` | as the client sent them, whatever a layer below has set |
//! | `:pid` | the number of the process |
//! | `:referrer`, `:user-agent` | these headers |
//! | `:remote-addr` | [`req.ip()`](connect::Request::ip), with the proxies that are trusted |
//! | `:remote-user` | the name in `Authorization: Basic`, which nobody has checked |
//! | `:req[header]`, `:res[header]` | a header of the request or the response; several are joined by commas |
//! | `:response-time[digits]` | milliseconds until the head of the response; 3 digits by default |
//! | `:route` | the pattern of the route |
//! | `:status` | the status |
//! | `:total-time[digits]` | milliseconds until the response was finished |
//!
//! A token without a value is `-`: the status too, if the client disconnected before there was a response.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`writer`](Logger::writer), [`stdout`](Logger::stdout) | `Write` | an event of `tracing` | where the lines go |
//! | [`skip`](Logger::skip) | function of a [`Record`] | none | requests that are not logged |
//! | [`token`](Logger::token) | name, function of the request | none | a token of your own |
//! | [`fields`](Logger::fields) | | off | events have the values as fields, too |
//! | [`immediate`](Logger::immediate) | | off | writes the line when the request arrives, without what is known later |
//!
//! By default each line is the message of an event at the level `INFO` with the target `connect_middleware::logger`, in the span in
//! which the layer has run: below [`Trace`](crate::trace::Trace) it is found by its `trace_id`.
//!
//! A writer gets its lines on a thread of its own, from a queue of 4096 lines, so that a slow disk stalls no connection. If the queue
//! is full, lines are dropped, and the writer gets one that says how many. The server waits for the lines at its end.
//!
//! # Needs and provides
//! Nothing. List it first, or below [`Trace`](crate::trace::Trace) alone: a layer above that answers by itself is not logged, and one that
//! sets the method or the URL has done so already.
//!
//! # What goes wrong
//! A token that is unknown and an argument that is none are a panic when the app is built. An error of the writer is a warning, once.
//!
//! Control characters, quotes and backslashes in values are escaped as in JSON (`\n`, `\"`, `\u001b`), those of own tokens too: a
//! client cannot write a line of its own, or send commands to a terminal.
//!
//! Lines have the query, which may hold secrets: an own format without `:url`, with `:route`, has not.
//!
//! # Differences from `morgan`
//! The formats, the tokens and the escapes are those of morgan 1.12; what escapes nothing in earlier ones does here. An unknown token is
//! found when the app is built, and not at the first request. `:res[content-length]` is `-` for an empty body, as in Apache, and the
//! length that the client learns otherwise, also where the connection adds the header. `:ended` and `:route` are new. There is no function as a
//! format: an event of `tracing` may have the values as fields.

mod date;
mod format;
mod output;
mod record;

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use connect::{
    Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Startup, Stated, StatesFacts,
};

use self::format::{Format, Known};
use self::output::Output;
pub use self::record::Record;
use self::record::{Head, Start};

/// Logs a line for each request.
pub struct Logger {
    format: String,
    colours: bool,
    tokens: Vec<(String, Token)>,
    skip: Option<Skip>,
    output: Output,
    immediate: bool,
}

// Type-erased: functions of the user's.
type Token = Box<dyn Fn(&Request) -> Option<String> + Send + Sync>;
type Skip = Box<dyn Fn(&Record<'_>) -> bool + Send + Sync>;

const COMBINED: &str = r#":remote-addr - :remote-user [:date[clf]] ":method :url HTTP/:http-version" :status :res[content-length] ":referrer" ":user-agent""#;
const COMMON: &str = r#":remote-addr - :remote-user [:date[clf]] ":method :url HTTP/:http-version" :status :res[content-length]"#;
const SHORT: &str = ":remote-addr :remote-user :method :url HTTP/:http-version :status :res[content-length] - :response-time ms";
const TINY: &str = ":method :url :status :res[content-length] - :response-time ms";
const DEV: &str = ":method :url :status :response-time ms - :res[content-length]";
const DEV_IN_COLOUR: &str =
    "\x1b[0m:method :url \x1b[:status-colourm:status\x1b[0m :response-time ms - :res[content-length]\x1b[0m";

impl Logger {
    /// A format of your own.
    ///
    /// ```
    /// use connect::{app, get};
    /// use connect_middleware::logger::Logger;
    ///
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// let app = app![Logger::new(":method :route :status :total-time[1] ms :ended :res[x-request-id]"), index];
    /// ```
    ///
    /// A token that is unknown is a panic when the app is built.
    #[must_use]
    pub fn new(format: &str) -> Self {
        Logger {
            format: format.to_owned(),
            colours: false,
            tokens: Vec::new(),
            skip: None,
            output: Output::Tracing { fields: false },
            immediate: false,
        }
    }

    /// Apache's combined log format.
    #[must_use]
    pub fn combined() -> Self {
        Self::new(COMBINED)
    }

    /// Apache's common log format.
    #[must_use]
    pub fn common() -> Self {
        Self::new(COMMON)
    }

    /// Short lines for development, with the status in a colour: green, cyan for redirects, yellow for errors of the client, red for
    /// those of the server. There are no colours if the environment variable `NO_COLOR` is set and not empty.
    #[must_use]
    pub fn dev() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Logger { colours: !plain, ..Self::new(if plain { DEV } else { DEV_IN_COLOUR }) }
    }

    /// Shorter than the combined format, with the response time.
    #[must_use]
    pub fn short() -> Self {
        Self::new(SHORT)
    }

    /// The shortest lines.
    #[must_use]
    pub fn tiny() -> Self {
        Self::new(TINY)
    }

    /// Writes the lines to a writer, each with a line break, on a thread of its own. By default they are events of `tracing`.
    #[must_use]
    pub fn writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.output = Output::writer(writer);
        self
    }

    /// Writes the lines to the standard output, as [`writer`](Logger::writer) does.
    #[must_use]
    pub fn stdout(self) -> Self {
        self.writer(std::io::stdout())
    }

    /// Gives the events the fields `method`, `path` (without the query), `route`, `status`, `bytes`, `duration_ms` and `ended`, for logs that
    /// programs read. By default an event has the line alone. Lines for a [`writer`](Logger::writer) have no fields.
    ///
    /// ```
    /// use connect_middleware::logger::Logger;
    ///
    /// // With `tracing_subscriber::fmt().json()`.
    /// let logger = Logger::new(":method :url").fields();
    /// ```
    #[must_use]
    pub fn fields(mut self) -> Self {
        if let Output::Tracing { fields } = &mut self.output {
            *fields = true;
        }
        self
    }

    /// Leaves out requests for which a function returns `true`. By default none.
    ///
    /// ```
    /// use connect_middleware::logger::Logger;
    ///
    /// // Errors only.
    /// let logger = Logger::combined().skip(|record| record.status().is_some_and(|status| status.as_u16() < 400));
    /// ```
    #[must_use]
    pub fn skip(mut self, is_skipped: impl Fn(&Record<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.skip = Some(Box::new(is_skipped));
        self
    }

    /// Adds a token, or replaces one: a function of the request as it arrives here. `None` is written as `-`.
    ///
    /// ```
    /// use connect_middleware::logger::Logger;
    ///
    /// let logger = Logger::new(":host :url").token("host", |req| req.host().map(str::to_owned));
    /// ```
    ///
    /// What a layer below learns goes into a header of the response: `:res[x-request-id]`.
    ///
    /// # Panics
    /// If the name is not two or more letters, digits, dashes or underscores.
    #[must_use]
    pub fn token(
        mut self,
        name: &str,
        value: impl Fn(&Request) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let is_name = name.len() >= 2 && name.bytes().all(format::is_of_name);
        assert!(
            is_name,
            "`{name}` cannot be a token: two or more letters, digits, dashes or underscores can"
        );
        self.tokens.push((name.to_owned(), Box::new(value)));
        self
    }

    /// Writes the line when the request arrives, so that it is there if the process crashes. What is known later is `-`.
    #[must_use]
    pub fn immediate(mut self) -> Self {
        self.immediate = true;
        self
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("format", &self.format)
            .field("immediate", &self.immediate)
            .finish_non_exhaustive()
    }
}

/// The facts of [`Logger`].
#[derive(Debug)]
pub struct LoggerFacts;

impl StatesFacts for LoggerFacts {
    const FACTS: Facts = Facts::of("Logger");
}

impl IntoLayer for Logger {
    type Layer = Stated<LoggerLayer, LoggerFacts>;

    fn into_layer(self) -> Self::Layer {
        let names: Vec<&str> = self.tokens.iter().map(|(name, _)| &**name).collect();
        let parsed = Format::parse(&self.format, &names, self.colours);
        let format = parsed.unwrap_or_else(|why| panic!("the format `{}` of the logger: {why}", self.format));
        let tokens = self.tokens.into_iter().map(|(_, value)| value).collect();
        let shared = Shared { format, tokens, skip: self.skip, output: self.output };
        Stated::new(LoggerLayer { shared: Arc::new(shared), immediate: self.immediate })
    }
}

struct Shared {
    format: Format,
    tokens: Vec<Token>,
    skip: Option<Skip>,
    output: Output,
}

impl Shared {
    fn log(&self, record: &Record<'_>) {
        if !self.skip.as_ref().is_some_and(|is_skipped| is_skipped(record)) {
            self.output.write(record, || self.format.line(record));
        }
    }
}

/// What [`Logger`] becomes in a list.
pub struct LoggerLayer {
    shared: Arc<Shared>,
    immediate: bool,
}

impl fmt::Debug for LoggerLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggerLayer").field("immediate", &self.immediate).finish_non_exhaustive()
    }
}

impl PlainLayer for LoggerLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if !self.shared.output.is_wanted() {
            return next.pass();
        }
        let begin = Instant::now();
        let start = Start::of(req, &self.shared.format, &self.shared.tokens);
        if self.immediate {
            self.shared.log(&Record::at_start(&start, begin));
            return next.pass();
        }
        let route = req.matched_route();
        // The head is known some time before the end, and there may be none.
        let head = Arc::new(Mutex::new(None));
        let (shared, for_head) = (Arc::clone(&self.shared), Arc::clone(&head));
        res.on_head(move |sent| {
            let head = Head::of(&sent, begin, &shared.format);
            *for_head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
        });
        let shared = Arc::clone(&self.shared);
        let span = shared.output.span();
        res.on_finish(move |finish| {
            let _entered = span.entered();
            let head = head.lock().unwrap_or_else(PoisonError::into_inner).take();
            let pattern = route.pattern();
            shared.log(&Record::at_end(&start, begin, head.as_ref(), &finish, pattern.as_ref()));
        });
        next.pass()
    }

    fn on_startup(&self, startup: &mut Startup) {
        let shared = Arc::clone(&self.shared);
        startup.after_serving(async move { shared.output.flush().await });
    }

    fn name(&self) -> &str {
        "Logger"
    }
}

/// The time of a line.
fn now() -> SystemTime {
    SystemTime::now()
}

/// What a format asks for.
fn is_for_request(token: &Known) -> bool {
    matches!(token, Known::Request(_) | Known::Own(_) | Known::RemoteUser)
}
