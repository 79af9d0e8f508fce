//! The content of a response, whether it comes from a file or from memory: its headers, conditions and ranges.

use std::fs::File;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};

use super::coding::Coding;
use super::options::Options;
use super::parts::Parts;
use super::plan::{Plan, plan};
use crate::{Body, Done, Error, Request, Response, Result};

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Source {
    File(File),
    /// All of them.
    Bytes(Bytes),
}

/// What is known of the content, except for the bytes.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) length: u64,
    pub(super) etag: Option<HeaderValue>,
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) content_type: HeaderValue,
    pub(super) coding: Option<Coding>,
    /// Whether there are, or could be, representations in other codings.
    pub(super) varies: bool,
}

/// How a response begins.
pub(super) enum Start {
    /// It has no body, and is finished.
    Done(Done),
    /// A part of the content is its body, which may be all of it.
    Part { first: u64, length: u64 },
    /// Several parts are.
    Parts(Parts),
}

/// Sets the head of a response, by the conditions and ranges of the request.
pub(super) fn start(res: &mut Response, req: &Request, content: Content, options: &Options) -> Result<Start> {
    let (length, varies) = (content.length, content.varies);
    add_headers(res, content, options);
    let (first, part) = match plan(req, res, length, varies, options)? {
        Plan::Fresh => {
            let done = res.finish(Body::empty());
            res.not_modified();
            return Ok(Start::Done(done));
        }
        Plan::Whole => (0, length),
        Plan::Part { first, last } => {
            let content_range = format!("bytes {first}-{last}/{length}");
            res.status(StatusCode::PARTIAL_CONTENT).set(header::CONTENT_RANGE, content_range);
            (first, last - first + 1)
        }
        Plan::Parts(ranges) => {
            let parts = Parts::new(&ranges, length, res.headers().get(header::CONTENT_TYPE));
            res.status(StatusCode::PARTIAL_CONTENT).set(header::CONTENT_TYPE, parts.content_type.clone());
            return Ok(Start::Parts(parts));
        }
    };
    if req.method() == Method::HEAD {
        res.set(header::CONTENT_LENGTH, part);
        return Ok(Start::Done(res.finish(Body::empty())));
    }
    Ok(Start::Part { first, length: part })
}

/// Removes the headers that describe the content, and not the page of an error.
pub(super) fn forget(res: &mut Response, err: &Error) {
    for name in [header::CONTENT_ENCODING, header::CONTENT_TYPE, header::ETAG, header::LAST_MODIFIED] {
        res.remove(name.as_str());
    }
    let is_kept = res.headers().get(header::CACHE_CONTROL).is_some_and(may_be_stored);
    if is_kept || err.status().is_server_error() {
        res.remove(header::CACHE_CONTROL.as_str());
    }
}

/// Whether a `Cache-Control` lets caches use a response for some time. One that keeps the 416 of a client would give it to all.
fn may_be_stored(value: &HeaderValue) -> bool {
    let is_time = |part: &str| {
        let Some((name, time)) = part.trim().split_once('=') else { return false };
        let is_age = name.eq_ignore_ascii_case("max-age") || name.eq_ignore_ascii_case("s-maxage");
        is_age && time.trim_matches('"') != "0"
    };
    value.to_str().is_ok_and(|value| value.split(',').any(is_time))
}

fn add_headers(res: &mut Response, content: Content, options: &Options) {
    // Compiled once, and not for each value: the virtual call costs little beside sending a file.
    let mut add = |name: HeaderName, value: &mut dyn FnMut() -> Option<HeaderValue>| {
        if !res.headers().contains_key(&name)
            && let Some(value) = value()
        {
            res.set(name, value);
        }
    };
    if options.accept_ranges {
        add(header::ACCEPT_RANGES, &mut || Some(HeaderValue::from_static("bytes")));
    }
    if options.cache_control {
        add(header::CACHE_CONTROL, &mut || Some(options.cache_control()));
    }
    if options.last_modified {
        add(header::LAST_MODIFIED, &mut || content.last_modified.clone());
    }
    if options.etag {
        add(header::ETAG, &mut || content.etag.clone());
    }
    add(header::CONTENT_TYPE, &mut || Some(content.content_type.clone()));
    if let Some(coding) = content.coding {
        res.set(header::CONTENT_ENCODING, coding.value());
    }
    if content.varies {
        if res.headers().contains_key(header::VARY) {
            res.vary("Accept-Encoding");
        } else {
            res.set(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
    }
}
