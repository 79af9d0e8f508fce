//! What happens to a response when it is sent: framing, `ETag`, 304, and the format of a redirect.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use xxhash_rust::xxh3::xxh3_64;

use super::Response;
use crate::finish::Watched;
use crate::{Body, conditional, status};

impl Response {
    /// Sets whether this response gets an `ETag`, instead of what [`App::etag`](crate::App::etag) sets for all.
    ///
    /// A response to a GET or HEAD by [`send`](Response::send), [`json`](Response::json) or similar, with status 200,
    /// gets a weak `ETag` of its bytes when it is sent, unless a layer has set one. A client that has the response
    /// already (`If-None-Match`, `If-Modified-Since`) gets a 304 without a body, as with Express's `res.send` (RFC
    /// 9110, section 13).
    ///
    /// ```
    /// use connect::{middleware, Request, Response, Result};
    ///
    /// /// Different each time, so an `ETag` is of no use.
    /// #[middleware]
    /// fn dice(_req: &mut Request, res: &mut Response) -> Result {
    ///     # let number = "4";
    ///     res.etag(false).text(number)
    /// }
    /// ```
    pub fn etag(&mut self, on: bool) -> &mut Self {
        self.late.no_etag = !on;
        self
    }

    /// Makes the response that is sent. `etag` is the app's setting, and `req` the headers of the request.
    pub(crate) fn into_http(mut self, method: &Method, req: &HeaderMap, etag: bool) -> http::Response<Body> {
        let (mut framed, mut tagged, mut dated) = (false, false, false);
        for name in self.headers.keys() {
            framed |= *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING;
            tagged |= *name == header::ETAG;
            dated |= *name == header::LAST_MODIFIED;
        }
        if framed {
            self.settle_framing(method);
        }
        if self.late.redirect {
            self.settle_redirect(req);
        }
        let mut is_fresh = false;
        let validate = self.late.validate && self.status == StatusCode::OK;
        if validate && (*method == Method::GET || *method == Method::HEAD) {
            if etag && !tagged && !self.late.no_etag {
                tagged = self.make_etag(method);
            }
            is_fresh = (tagged || dated) && conditional::is_fresh(req, &self.headers);
        }
        if self.later.is_some() {
            self.run_encode(!is_fresh && *method != Method::HEAD);
        }
        if is_fresh {
            self.not_modified();
        }
        let body = match self.later.and_then(|later| later.waiting) {
            None => self.body,
            Some(mut waiting) => {
                let length = self.headers.get(header::CONTENT_LENGTH);
                let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
                waiting.head(self.status, &self.headers, &self.body, length);
                Body::new(Watched::new(self.body, waiting, self.status, length, method))
            }
        };
        let mut response = http::Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.into_map();
        if let Some(phrase) = status::phrase_to_set(self.status) {
            response.extensions_mut().insert(hyper::ext::ReasonPhrase::from_static(phrase.as_bytes()));
        }
        response
    }

    /// Makes an `ETag`, if the body is one buffer.
    fn make_etag(&mut self, method: &Method) -> bool {
        let Some(body) = self.body.as_bytes() else { return false };
        // A layer may have dropped the body of a response to HEAD.
        if body.is_empty() && *method == Method::HEAD {
            return false;
        }
        let etag = weak_etag(body);
        self.headers.insert(header::ETAG, etag);
        true
    }

    /// A 304 has the headers of the 200, except those that describe the body (RFC 9110, section 15.4.5).
    #[cold]
    pub(crate) fn not_modified(&mut self) {
        const NAMES: [HeaderName; 5] = [
            header::CONTENT_ENCODING,
            header::CONTENT_LANGUAGE,
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::CONTENT_TYPE,
        ];
        self.status = StatusCode::NOT_MODIFIED;
        self.body = Body::empty();
        for name in NAMES {
            self.headers.remove(name);
        }
    }

    /// hyper decides the framing: by the length if it is known, or else chunked. A `Content-Length` that layers have
    /// set is kept only for a body of unknown length, and for the body that a GET would have had; it has to be valid.
    #[cold]
    fn settle_framing(&mut self, method: &Method) {
        use http_body::Body as _;
        self.headers.remove(header::TRANSFER_ENCODING);
        let exact = self.body.size_hint().exact();
        let told = exact.is_none() || (*method == Method::HEAD && exact == Some(0));
        if !told || !self.has_valid_length() {
            self.headers.remove(header::CONTENT_LENGTH);
        }
    }

    fn has_valid_length(&self) -> bool {
        let mut lengths = self.headers.get_all(header::CONTENT_LENGTH).iter();
        let valid = |value: &HeaderValue| value.to_str().is_ok_and(|text| text.parse::<u64>().is_ok());
        lengths.next().is_some_and(valid) && lengths.next().is_none()
    }
}

/// A response to `HEAD`, without its body (RFC 9110, section 9.3.2): hyper sends the body with HTTP/2, which a client answers with
/// `PROTOCOL_ERROR`. The `Content-Length` stays that of the body, where it is known.
#[cold]
pub(crate) fn head_only(response: &mut http::Response<Body>) {
    use http_body::Body as _;
    let has_body = !matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if let Some(length) = response.body().size_hint().exact().filter(|length| has_body && *length > 0) {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = Body::empty();
}

/// A weak `ETag` of bytes: their number and their XXH3 hash, which is the same in every version of this library and on
/// every machine. It distinguishes versions of a response, and does not resist deliberate collisions.
fn weak_etag(body: &[u8]) -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // `W/"`, two numbers of 16 digits at most, a dash and a quote.
    let mut text = [0; 3 + 16 + 1 + 16 + 1];
    let mut at = text.len();
    let mut put = |byte: u8| {
        at -= 1;
        text[at] = byte;
    };
    put(b'"');
    let mut hash = xxh3_64(body);
    for _ in 0..16 {
        put(DIGITS[(hash & 15) as usize]);
        hash >>= 4;
    }
    put(b'-');
    let mut length = body.len();
    loop {
        put(DIGITS[length & 15]);
        length >>= 4;
        if length == 0 {
            break;
        }
    }
    for byte in *b"\"/W" {
        put(byte);
    }
    HeaderValue::from_bytes(&text[at..]).unwrap_or(HeaderValue::from_static("W/\"\""))
}

#[cfg(test)]
mod tests {
    use super::weak_etag;
    use crate::Response;
    use http::{HeaderMap, Method};

    #[test]
    fn an_etag_is_the_same_on_every_machine() {
        // Also computed by the reference implementation.
        assert_eq!(weak_etag(b""), "W/\"0-2d06800538d394c2\"");
        let etag = weak_etag(&[b'x'; 0x1234]);
        assert!(etag.to_str().unwrap().starts_with("W/\"1234-"));
        assert_ne!(weak_etag(b"a"), weak_etag(b"b"));
    }

    fn finalized(method: &Method, app: bool, act: impl FnOnce(&mut Response)) -> http::Response<crate::Body> {
        let mut res = Response::new();
        act(&mut res);
        res.into_http(method, &HeaderMap::new(), app)
    }

    #[test]
    fn a_response_of_one_buffer_has_an_etag_unless_it_is_turned_off() {
        let has = |method: Method, app: bool, act: fn(&mut Response)| {
            finalized(&method, app, act).headers().contains_key("etag")
        };
        let send: fn(&mut Response) = |res| drop(res.send("x"));
        assert!(has(Method::GET, true, send));
        assert!(has(Method::HEAD, true, send));
        assert!(has(Method::GET, true, |res| drop(res.json("x"))));
        assert!(!has(Method::GET, false, send));
        assert!(!has(Method::POST, true, send));
        assert!(!has(Method::GET, true, |res| drop(res.etag(false).send("x"))));
        assert!(!has(Method::GET, true, |res| drop(res.status(201).send("x"))));
        assert!(!has(Method::GET, true, |res| drop(res.end("x"))));
        assert!(!has(Method::HEAD, true, |res| drop(res.send(""))));
        assert!(has(Method::GET, true, |res| drop(res.etag(false).etag(true).send(""))));
        let own = finalized(&Method::GET, true, |res| drop(res.set("etag", "\"1\"").send("x")));
        assert_eq!(own.headers()["etag"], "\"1\"");
    }

    #[test]
    fn an_etag_is_that_of_the_body_that_is_sent() {
        let etag = |act: fn(&mut Response)| finalized(&Method::GET, true, act).headers()["etag"].clone();
        assert_eq!(
            etag(|res| {
                drop(res.send("first"));
                res.set_body("second");
            }),
            weak_etag(b"second")
        );
    }
}
