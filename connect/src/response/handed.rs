//! A response that is passed to a tower layer, and returned by one.

use std::mem;

use http::StatusCode;
use http::header::HeaderMap;

use super::{Late, Response};
use crate::chain::done::{Done, Outcome};
use crate::{Body, Error};

/// A response before the layers below a tower layer have run.
#[derive(Debug)]
pub(crate) struct Before {
    status: StatusCode,
    headers: HeaderMap,
    late: Late,
    hooks: usize,
}

impl Response {
    /// Moves the response into an `http::Response` for a tower layer. Its head and body are missing here until
    /// [`take_back`](Response::take_back).
    pub(crate) fn hand_out(&mut self, req: &HeaderMap) -> http::Response<Body> {
        if mem::take(&mut self.late.redirect) {
            self.settle_redirect(req);
        }
        let mut out = http::Response::new(mem::take(&mut self.body));
        *out.status_mut() = self.status;
        *out.headers_mut() = mem::take(self.headers.all_mut());
        out
    }

    /// Puts back the response that a tower layer returned.
    pub(crate) fn take_back(&mut self, response: http::Response<Body>) {
        let (head, body) = response.into_parts();
        self.status = head.status;
        *self.headers.all_mut() = head.headers;
        self.body = body;
    }

    /// Makes a stand-in for the response to an error, to which a tower layer can add its headers.
    pub(crate) fn hand_out_head(&mut self, err: &Error) -> http::Response<Body> {
        let mut out = http::Response::new(Body::empty());
        *out.status_mut() = err.status();
        *out.headers_mut() = mem::take(self.headers.all_mut());
        out
    }

    /// Puts back the headers that the tower layer has changed.
    pub(crate) fn take_back_head(&mut self, headers: HeaderMap) {
        *self.headers.all_mut() = headers;
    }

    /// Answers with the response of a tower service. Its headers replace those of the same name; others stay, except
    /// those that describe a body.
    pub(crate) fn answer_with(&mut self, response: http::Response<Body>) -> Done {
        self.fault = None;
        self.forget_body();
        let (head, body) = response.into_parts();
        self.status = head.status;
        self.join_headers(head.headers);
        self.body = body;
        self.finished = true;
        Done::answered(Outcome::Layer)
    }

    /// A copy of the response, for a tower layer that calls those below once more.
    pub(crate) fn before(&self) -> Before {
        let hooks = self.hooks();
        Before { status: self.status, headers: self.headers.clone(), late: self.late, hooks }
    }

    /// Restores the copy, for a tower layer that calls those below once more.
    pub(crate) fn begin_again(&mut self, before: &Before) {
        self.status = before.status;
        *self.headers.all_mut() = before.headers.clone();
        self.body = Body::empty();
        self.finished = false;
        self.late = before.late;
        self.fault = None;
        // The layers below register theirs again.
        self.keep_hooks(before.hooks);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Body, Response};

    #[test]
    fn an_answer_of_a_service_joins_what_is_set_and_replaces_what_described_another() {
        let mut res = Response::new();
        res.set("x-kept", "1").set("x-both", "ours").append("vary", "accept").append("set-cookie", "a=1");
        let _ = res.status(201).json("ours");
        let theirs = http::Response::builder()
            .status(401)
            .header("x-both", "theirs")
            .header("x-both", "and more")
            .header("vary", "origin")
            .header("set-cookie", "b=2")
            .header("set-cookie", "c=3")
            .body(Body::from("theirs"))
            .expect("valid");
        assert!(res.answer_with(theirs).outcome() == crate::Outcome::Layer && res.is_finished());
        assert_eq!(res.status_code(), 401);
        let all = |name: &str| -> Vec<&str> {
            res.headers().get_all(name).iter().map(|value| value.to_str().expect("text")).collect()
        };
        assert_eq!(all("x-kept"), ["1"]);
        assert_eq!(all("x-both"), ["theirs", "and more"]);
        assert_eq!(all("vary"), ["accept", "origin"]);
        assert_eq!(all("set-cookie"), ["a=1", "b=2", "c=3"]);
        assert_eq!(all("content-type"), [""; 0]);
        assert_eq!(res.body().as_bytes().expect("a buffer"), "theirs");
    }

    #[test]
    fn a_response_begins_again_as_it_was() {
        let mut res = Response::new();
        res.status(202).set("x-above", "1");
        let before = res.before();
        let _ = res.status(503).set("x-below", "1").json("no");
        let given = res.hand_out(&http::HeaderMap::new());
        assert_eq!((given.status().as_u16(), given.headers().len()), (503, 3));
        res.begin_again(&before);
        assert!(!res.is_finished());
        assert_eq!((res.status_code().as_u16(), res.headers().len()), (202, 1));
    }
}
