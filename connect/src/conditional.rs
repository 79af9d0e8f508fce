//! Conditional requests (RFC 9110, section 13): whether the client's copy is fresh, and whether preconditions hold.

use std::time::SystemTime;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};

use crate::{Request, Response};

/// Whether the client's copy is fresh, so that the response is a 304 (RFC 9110, sections 13.1.2 and 13.1.3; Express's
/// `req.fresh`).
///
/// `If-None-Match` decides if it is there, else `If-Modified-Since`. With `Cache-Control: no-cache` no copy is fresh.
pub(crate) fn is_fresh(req: &HeaderMap, res: &HeaderMap) -> bool {
    // One pass over the names costs less than one lookup.
    let (mut by_tag, mut by_date) = (false, false);
    for name in req.keys() {
        by_tag |= *name == header::IF_NONE_MATCH;
        by_date |= *name == header::IF_MODIFIED_SINCE;
    }
    if !by_tag && !by_date || wants_no_cache(req) {
        return false;
    }
    if by_tag {
        return names_tag(req, header::IF_NONE_MATCH, res.get(header::ETAG));
    }
    match (date(req, header::IF_MODIFIED_SINCE), date(res, header::LAST_MODIFIED)) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

/// Whether a precondition fails, so that the response is a 412 (RFC 9110, sections 13.1.1 and 13.1.4).
///
/// As in Express, a weak tag can match: a file may have no other, and the client only reads.
pub(crate) fn is_precondition_failed(req: &HeaderMap, res: &HeaderMap) -> bool {
    if req.contains_key(header::IF_MATCH) {
        return !names_tag(req, header::IF_MATCH, res.get(header::ETAG));
    }
    match (date(req, header::IF_UNMODIFIED_SINCE), date(res, header::LAST_MODIFIED)) {
        (Some(since), Some(modified)) => modified > since,
        _ => false,
    }
}

/// Whether a range may be sent (RFC 9110, section 13.1.5): without `If-Range`, or if it names the same strong tag or
/// the exact date.
pub(crate) fn is_range_current(req: &HeaderMap, res: &HeaderMap) -> bool {
    let Some(condition) = req.get(header::IF_RANGE) else { return true };
    if condition.as_bytes().ends_with(b"\"") {
        // Equal weak tags do not mean equal bytes.
        return !condition.as_bytes().starts_with(b"W/") && res.get(header::ETAG) == Some(condition);
    }
    let meant = date(req, header::IF_RANGE);
    meant.is_some() && meant == date(res, header::LAST_MODIFIED)
}

/// The value of a date header, in whole seconds; `None` for a date that headers cannot express.
pub(crate) fn date_value(time: SystemTime) -> Option<HeaderValue> {
    // The year 10000, in seconds from 1970.
    const END: u64 = 253_402_300_800;
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    if seconds >= END {
        return None;
    }
    HeaderValue::try_from(httpdate::fmt_http_date(time)).ok()
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

fn wants_no_cache(req: &HeaderMap) -> bool {
    let values = req.get_all(header::CACHE_CONTROL).iter().map(HeaderValue::as_bytes);
    values
        .flat_map(|value| value.split(|&byte| byte == b','))
        .any(|directive| directive.trim_ascii().eq_ignore_ascii_case(b"no-cache"))
}

/// Whether a list of entity tags names this one, by the weak comparison, or names all with `*`.
fn names_tag(req: &HeaderMap, list: HeaderName, tag: Option<&HeaderValue>) -> bool {
    let mut values = req.get_all(list).iter().map(HeaderValue::as_bytes);
    let tag = tag.map(|tag| opaque(tag.as_bytes()));
    values.any(|value| {
        // `*` matches any existing representation.
        value.trim_ascii() == b"*" || tag.is_some_and(|tag| Tags(value).any(|listed| opaque(listed) == tag))
    })
}

fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// The entity tags of a list. A comma in quotes is part of a tag.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|byte| !matches!(byte, b',' | b' ' | b'\t'))?;
        let rest = &self.0[start..];
        let mut quoted = false;
        let end = rest.iter().position(|&byte| {
            quoted ^= byte == b'"';
            byte == b',' && !quoted
        });
        let (tag, rest) = rest.split_at(end.unwrap_or(rest.len()));
        self.0 = rest;
        Some(tag.trim_ascii())
    }
}

/// The client's copy.
impl Request {
    /// Returns whether the client's copy is fresh, so that the response can be a 304: the request is a GET or HEAD, the
    /// status is a success or 304, and the response's `ETag` or `Last-Modified` matches `If-None-Match` or
    /// `If-Modified-Since` (Express's `req.fresh`; RFC 9110, section 13).
    ///
    /// [`send`](Response::send) and [`json`](Response::json) check this themselves. Use it for a response that is
    /// expensive to make:
    ///
    /// ```
    /// use connect::{app, get, Request, Response, Result};
    ///
    /// #[get("/report")]
    /// async fn report(req: &Request, res: &mut Response) -> Result {
    ///     res.set("etag", "\"2026-11\"");
    ///     if req.fresh(res) {
    ///         return res.status(304).end("");
    ///     }
    ///     // Hours later.
    ///     res.text("all of it")
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let client = connect::testing::Client::new(app![report]);
    /// client.get("/report").send().await.assert_text("all of it");
    /// client.get("/report").header("if-none-match", "\"2026-11\"").send().await.assert_status(304);
    /// # }
    /// ```
    #[must_use]
    pub fn fresh(&self, res: &Response) -> bool {
        let asks = matches!(*self.method(), Method::GET | Method::HEAD);
        let status = res.status_code();
        asks && (status.is_success() || status == StatusCode::NOT_MODIFIED)
            && is_fresh(self.headers(), res.headers())
    }

    /// Returns whether the client's copy is not [`fresh`](Request::fresh).
    #[must_use]
    pub fn stale(&self, res: &Response) -> bool {
        !self.fresh(res)
    }
}

#[cfg(test)]
mod tests {
    use super::{date_value, is_fresh, is_precondition_failed, is_range_current};
    use http::HeaderMap;
    use std::time::{Duration, SystemTime};

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    const EARLIER: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    #[test]
    fn a_copy_is_fresh_by_its_tag_or_else_by_its_date() {
        let res = headers(&[("etag", "W/\"a,b\""), ("last-modified", EARLIER)]);
        for (asked, fresh) in [
            (&[][..], false),
            (&[("if-none-match", "W/\"a,b\"")], true),
            (&[("if-none-match", "\"a,b\"")], true),
            (&[("if-none-match", "\"x\", \"a,b\" , \"y\"")], true),
            (&[("if-none-match", "*")], true),
            (&[("if-none-match", "\"a\"")], false),
            (&[("if-none-match", "\"x")], false),
            (&[("if-none-match", "")], false),
            (&[("if-modified-since", EARLIER)], true),
            (&[("if-modified-since", LATER)], true),
            (&[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")], false),
            (&[("if-modified-since", "yesterday")], false),
            // The tag takes precedence.
            (&[("if-none-match", "\"x\""), ("if-modified-since", LATER)], false),
            (&[("if-none-match", "\"a,b\""), ("cache-control", "max-age=0, No-Cache")], false),
        ] {
            assert_eq!(is_fresh(&headers(asked), &res), fresh, "{asked:?}");
        }
        assert!(!is_fresh(&headers(&[("if-none-match", "\"a\"")]), &headers(&[])));
        assert!(is_fresh(&headers(&[("if-none-match", "*")]), &headers(&[])));
    }

    #[test]
    fn a_precondition_holds_for_the_same_tag_or_no_later_date() {
        let res = headers(&[("etag", "W/\"a\""), ("last-modified", LATER)]);
        for (asked, failed) in [
            (&[][..], false),
            (&[("if-match", "W/\"a\"")], false),
            (&[("if-match", "*")], false),
            (&[("if-match", "\"b\"")], true),
            (&[("if-unmodified-since", LATER)], false),
            (&[("if-unmodified-since", EARLIER)], true),
            (&[("if-unmodified-since", "never")], false),
            (&[("if-match", "\"a\""), ("if-unmodified-since", EARLIER)], false),
        ] {
            assert_eq!(is_precondition_failed(&headers(asked), &res), failed, "{asked:?}");
        }
    }

    #[test]
    fn a_range_needs_the_same_strong_tag_or_the_exact_date() {
        let weak = headers(&[("etag", "W/\"a\""), ("last-modified", EARLIER)]);
        let strong = headers(&[("etag", "\"a\"")]);
        assert!(is_range_current(&headers(&[]), &weak));
        assert!(is_range_current(&headers(&[("if-range", "\"a\"")]), &strong));
        assert!(is_range_current(&headers(&[("if-range", EARLIER)]), &weak));
        for (asked, res) in [
            ("W/\"a\"", &weak),
            ("\"a\"", &weak),
            ("\"b\"", &strong),
            (LATER, &weak),
            (EARLIER, &strong),
            ("x", &weak),
        ] {
            assert!(!is_range_current(&headers(&[("if-range", asked)]), res), "{asked}");
        }
    }

    #[test]
    fn a_date_that_headers_cannot_express_is_none() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(date_value(epoch).unwrap(), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(date_value(epoch - Duration::from_secs(1)), None);
        assert_eq!(date_value(epoch + Duration::from_secs(253_402_300_800)), None);
    }
}
