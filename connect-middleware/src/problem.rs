//! Problem details: what an API says about an error (RFC 9457).
//!
//! ```
//! use connect::{app, get, Result};
//! use connect_middleware::error_page::ErrorPage;
//! use connect_middleware::problem::Problem;
//!
//! #[get("/transfer")]
//! fn transfer() -> Result<&'static str> {
//!     Err(Problem::new(403)
//!         .type_uri("https://example.com/problems/out-of-credit")
//!         .title("You do not have enough credit.")
//!         .detail("Your balance is 30, but that costs 50.")
//!         .with("balance", 30)
//!         .into())
//! }
//!
//! # #[tokio::main] async fn main() {
//! let app = app![transfer, ErrorPage::problems()];
//! # let client = connect::testing::Client::new(app);
//! # let res = client.get("/transfer").send().await;
//! # res.assert_status(403).assert_header("content-type", "application/problem+json");
//! # assert_eq!(res.json::<serde_json::Value>()["balance"], 30);
//! # }
//! ```
//!
//! A problem is an error on the error track: an error handler reads it with [`Problem::of`], and
//! [`ErrorPage`](crate::error_page::ErrorPage) prints it. Everything in it is for the client.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use connect::{Error, IntoStatus};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

/// What a client is told about an error: see the [module](self).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    type_uri: Option<Cow<'static, str>>,
    title: Cow<'static, str>,
    #[serde(serialize_with = "number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<Cow<'static, str>>,
    #[serde(flatten)]
    members: Map<String, Value>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem with this status, whose title is the status' own: "Forbidden". A status that is none is a 500.
    #[must_use]
    pub fn new(status: impl IntoStatus) -> Self {
        let status = Error::new(status, "").status();
        Problem {
            type_uri: None,
            title: Cow::Borrowed(status.canonical_reason().unwrap_or("Error")),
            status,
            detail: None,
            instance: None,
            members: Map::new(),
        }
    }

    /// The problem that an error is: one that it was made of, or else its status and its public message.
    #[must_use]
    pub fn of(err: &Error) -> Cow<'_, Problem> {
        if let Some(Cause(problem)) = err.downcast_ref::<Cause>() {
            return Cow::Borrowed(problem);
        }
        let mut problem = Problem::new(err.status());
        let message = err.public_message();
        if message != problem.title {
            problem.detail = Some(message.into());
        }
        Cow::Owned(problem)
    }

    /// Sets the URI that names the kind of the problem, and at which people find out about it: by default there is none, which says no more
    /// than the status does.
    #[must_use]
    pub fn type_uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.type_uri = Some(uri.into());
        self
    }

    /// Sets a short text for the kind of the problem: by default that of the status.
    #[must_use]
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets what this occurrence of the problem is: by default nothing.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets the URI of this occurrence: by default there is none.
    #[must_use]
    pub fn instance(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.instance = Some(uri.into());
        self
    }

    /// Adds a member of your own. One of the names `type`, `title`, `status`, `detail` and `instance` is dropped, and so is a value
    /// that cannot be written as JSON.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        const TAKEN: [&str; 5] = ["type", "title", "status", "detail", "instance"];
        if let Ok(value) = serde_json::to_value(value)
            && !TAKEN.contains(&name)
        {
            self.members.insert(name.to_owned(), value);
        }
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The members that [`with`](Problem::with) has added.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// What is said: the detail, or else the title.
    #[must_use]
    pub fn message(&self) -> &str {
        self.detail.as_deref().unwrap_or(&self.title)
    }
}

impl From<Problem> for Error {
    #[track_caller]
    fn from(problem: Problem) -> Self {
        let message = problem.message().to_owned();
        Error::new(problem.status, message).expose(true).with_source(Cause(problem))
    }
}

/// The cause of the error that a problem becomes. `Problem` itself is none: `?` would make a 500 of it.
#[derive(Debug)]
struct Cause(Problem);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.title)
    }
}

impl StdError for Cause {}
