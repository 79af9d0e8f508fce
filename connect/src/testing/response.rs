//! An answer, and what a test expects of it.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::print;
use crate::{Body, Outcome, Request, Response};

/// An answer whose head has come; see [`RequestBuilder::open`](super::RequestBuilder::open).
#[derive(Debug)]
pub struct Open {
    asked: String,
    response: http::Response<Body>,
}

impl Open {
    pub(super) fn new(asked: String, response: http::Response<Body>) -> Self {
        Open { asked, response }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The next piece of the body; nothing at its end.
    ///
    /// # Panics
    /// If the body fails before its end.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        match self.response.body_mut().chunk().await? {
            Ok(chunk) => Some(chunk),
            Err(err) => panic!("the body of the answer failed: {err}\n\n{}", self.asked),
        }
    }

    /// Reads the rest of the body.
    ///
    /// # Panics
    /// If the body fails before its end.
    pub async fn read(mut self) -> TestResponse {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await {
            body.extend_from_slice(&chunk);
        }
        TestResponse { asked: self.asked, response: self.response.map(|_| body.freeze()) }
    }
}

/// What the layers left behind; see [`RequestBuilder::run`](super::RequestBuilder::run).
#[derive(Debug)]
pub struct Ran {
    /// Who answered. A middleware that passed leaves it to the final handler.
    pub outcome: Outcome,
    /// The request, with what was done to it.
    pub request: Request,
    /// The response, with what was done to it.
    pub response: Response,
}

/// An answer. Its checks give it back, so that one can follow another; one that fails panics with the request and
/// the answer.
pub struct TestResponse {
    asked: String,
    response: http::Response<Bytes>,
}

impl TestResponse {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The first header of a name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.response.body()
    }

    /// The body as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes()) {
            Ok(text) => text,
            Err(err) => self.fail(format_args!("the body is not text: {err}")),
        }
    }

    /// The body, from JSON.
    ///
    /// # Panics
    /// If it is not JSON of a `T`.
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(self.bytes()) {
            Ok(value) => value,
            Err(err) => self.fail(format_args!("the body is not JSON as expected: {err}")),
        }
    }

    /// Checks the status.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        self.check(
            self.status() == status,
            format_args!("the status is {}, and not {status}", self.status().as_u16()),
        )
    }

    /// Checks that the status is one of 200 to 299.
    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        self.check(
            self.status().is_success(),
            format_args!("the status is {}, and not one of success", self.status().as_u16()),
        )
    }

    /// Checks a header.
    #[track_caller]
    pub fn assert_header(&self, name: &str, value: &str) -> &Self {
        let found: Vec<_> = self
            .headers()
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        match &found[..] {
            [] => self.fail(format_args!("there is no header `{name}`, expected `{value}`")),
            all => self.check(
                all.iter().any(|found| found == value),
                format_args!("the header `{name}` is `{}`, and not `{value}`", all.join("`, `")),
            ),
        }
    }

    /// Checks that there is no such header.
    #[track_caller]
    pub fn assert_no_header(&self, name: &str) -> &Self {
        self.check(!self.headers().contains_key(name), format_args!("there is a header `{name}`"))
    }

    /// Checks the body.
    #[track_caller]
    pub fn assert_text(&self, text: &str) -> &Self {
        self.check(self.text() == text, format_args!("the body is not `{text}`"))
    }

    /// Checks that the body has a text in it.
    #[track_caller]
    pub fn assert_contains(&self, text: &str) -> &Self {
        self.check(self.text().contains(text), format_args!("the body has no `{text}` in it"))
    }

    /// Checks the body as JSON.
    #[track_caller]
    pub fn assert_json(&self, value: impl Serialize) -> &Self {
        let expected = serde_json::to_value(value).unwrap_or_else(|err| panic!("not JSON: {err}"));
        let found: Value = self.json();
        self.check(found == expected, format_args!("the body is not {expected:#}"))
    }

    /// Checks that it is a redirection to a place.
    #[track_caller]
    pub fn assert_redirect(&self, location: &str) -> &Self {
        self.check(
            self.status().is_redirection(),
            format_args!("the status is {}, and not one of a redirection", self.status().as_u16()),
        )
        .assert_header(header::LOCATION.as_str(), location)
    }

    #[track_caller]
    fn check(&self, holds: bool, otherwise: fmt::Arguments<'_>) -> &Self {
        if holds { self } else { self.fail(otherwise) }
    }

    #[track_caller]
    fn fail(&self, what: fmt::Arguments<'_>) -> ! {
        panic!("{what}\n\n{self:?}")
    }
}

impl fmt::Debug for TestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = format!("{:?} {}", self.response.version(), self.response.status());
        let answered = print::message('<', &first, self.headers(), Some(self.bytes()));
        write!(f, "{}\n{answered}", self.asked)
    }
}
