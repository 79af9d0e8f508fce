//! A response, and assertions about it.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::print;
use crate::{Body, Outcome, Request, Response};

/// A response whose head has arrived; see [`RequestBuilder::open`](super::RequestBuilder::open).
#[derive(Debug)]
pub struct Open {
    request_text: String,
    response: http::Response<Body>,
}

impl Open {
    pub(super) fn new(request_text: String, response: http::Response<Body>) -> Self {
        Open { request_text, response }
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

    /// Reads the next chunk of the body, or `None` at its end.
    ///
    /// # Panics
    /// If the body fails before its end.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        match self.response.body_mut().chunk().await? {
            Ok(chunk) => Some(chunk),
            Err(err) => panic!("the body of the response failed: {err}\n\n{}", self.request_text),
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
        TestResponse { request_text: self.request_text, response: self.response.map(|_| body.freeze()) }
    }
}

/// The request and the response as the layers left them; see [`RequestBuilder::run`](super::RequestBuilder::run).
#[derive(Debug)]
pub struct Ran {
    /// The layer that answered: the final handler, if a middleware calls `next` and no layer below it answers.
    pub outcome: Outcome,
    /// The request, with the changes of the layers.
    pub request: Request,
    /// The response, with the changes of the layers.
    pub response: Response,
}

/// A response. Its assertions return it, so they can be chained; one that fails panics with the request and the response.
pub struct TestResponse {
    request_text: String,
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

    /// The value of the first header of a name, if it is text.
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

    /// The body, parsed as JSON.
    ///
    /// # Panics
    /// If it is not JSON, or does not fit `T`.
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(self.bytes()) {
            Ok(value) => value,
            Err(err) => self.fail(format_args!("the body is not JSON as expected: {err}")),
        }
    }

    /// Asserts that the response has this status.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        self.check(
            self.status() == status,
            format_args!("the status is {}, and not {status}", self.status().as_u16()),
        )
    }

    /// Asserts that the status is one of 200 to 299.
    #[track_caller]
    pub fn assert_ok(&self) -> &Self {
        self.check(
            self.status().is_success(),
            format_args!("the status is {}, and not one of success", self.status().as_u16()),
        )
    }

    /// Asserts that a header of this name has this value.
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

    /// Asserts that there is no header of this name.
    #[track_caller]
    pub fn assert_no_header(&self, name: &str) -> &Self {
        self.check(!self.headers().contains_key(name), format_args!("there is a header `{name}`"))
    }

    /// Asserts that the body is this text.
    #[track_caller]
    pub fn assert_text(&self, text: &str) -> &Self {
        self.check(self.text() == text, format_args!("the body is not `{text}`"))
    }

    /// Asserts that the body contains this text.
    #[track_caller]
    pub fn assert_contains(&self, text: &str) -> &Self {
        self.check(self.text().contains(text), format_args!("the body has no `{text}` in it"))
    }

    /// Asserts that the body is this value as JSON.
    #[track_caller]
    pub fn assert_json(&self, value: impl Serialize) -> &Self {
        let expected = serde_json::to_value(value).unwrap_or_else(|err| panic!("not JSON: {err}"));
        let found: Value = self.json();
        self.check(found == expected, format_args!("the body is not {expected:#}"))
    }

    /// Asserts that the response redirects to this location: a status of 300 to 399, and the header.
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
        write!(f, "{}\n{answered}", self.request_text)
    }
}
