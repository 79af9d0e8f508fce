//! Compressed responses: gzip, Brotli and Zstandard.
//!
//! ```
//! use connect::{Response, Result, app, get};
//! use connect_middleware::compression::Compression;
//!
//! #[get("/")]
//! fn index() -> connect::Html<String> {
//!     connect::Html("<p>Some text that is long enough to be compressed.</p>".repeat(40))
//! }
//!
//! /// The page has a secret beside what the request says, so it is not compressed.
//! #[get("/transfer/:to")]
//! fn transfer(to: String, res: &mut Response) -> Result {
//!     res.encoded(false).html(format!("<p>Money for {}</p><input type=hidden value=secret>", to.len()))
//! }
//!
//! # #[tokio::main] async fn main() {
//! let app = app![Compression::new(), index, transfer];
//! # let client = connect::testing::Client::new(app);
//! # let res = client.get("/").header("accept-encoding", "gzip, br").send().await;
//! # res.assert_header("content-encoding", "br").assert_header("vary", "Accept-Encoding");
//! # assert!(res.header("etag").is_some_and(|etag| etag.starts_with("W/")));
//! # client.get("/transfer/a").header("accept-encoding", "gzip").send().await.assert_no_header("content-encoding");
//! # }
//! ```
//!
//! A body is compressed when all layers are done, so it does not matter where in its list the layer stands: all routes below it are
//! meant, and layers above it see the body as the route made it. A body that is one buffer of at most 32 KiB is compressed at
//! once and has its new `Content-Length`. Others are compressed while they are sent, at most 32 KiB at a time, so that other requests
//! have their turn. When the route's stream pauses, what was made so far is flushed to the client.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`threshold`](Compression::threshold) | bytes | 1,024 | a body that is known to be shorter stays as it is |
//! | [`codings`](Compression::codings) | list of [`Coding`] | `Zstd`, `Br`, `Gzip` | which there are; of those that a client likes equally, the first |
//! | [`level`](Compression::level) | [`Coding`], number | `Br` 4, `Zstd` 3, `Gzip` 4 | more is smaller and slower |
//! | [`when`](Compression::when) | function | [`is_compressible`] of the `Content-Type` | which responses |
//! | [`res.encoded(false)`](connect::Response::encoded) | | | this response stays as it is |
//! | [`off`] | layer | | those of the routes behind it stay as they are: `guard![compression::off() => a, b]` |
//!
//! The levels are for responses that are made for each request. Files that do not change are better compressed once, beside the
//! original. A level of `Br` from 5 on takes megabytes and milliseconds for each response, however short it is.
//!
//! Encoders of `Gzip` and `Zstd` are kept, one for each processor, and used again.
//!
//! # What is not compressed
//! - A response to a client whose `Accept-Encoding` has none of the codings, or forbids them by `q=0`. Without the header nothing is
//!   compressed.
//! - A response of another media type. Texts, JSON, XML, JavaScript, SVG, fonts without compression of their own and WebAssembly
//!   are compressed; images, audio, video and archives are not.
//! - Server-sent events: one that waits in a proxy that decodes the stream arrives late, and each is flushed alone, which
//!   compresses little.
//! - `Cache-Control: no-transform` (RFC 9111, section 5.2.2.6), or a `Content-Encoding` of the route.
//! - A part of a body (206, or a `Content-Range`), since its bytes are counted in the body as it is; and one with a digest of its bytes
//!   (`Content-Digest`, `Digest`, `Content-MD5`).
//! - The statuses 1xx, 204, 205 and 304, an empty body, an upgrade.
//!
//! # Headers
//! - `Vary: Accept-Encoding` is set where another client could get it compressed: also if this one is not, on a 304, on a 206, and on
//!   the response to a `HEAD`.
//! - `ETag` becomes weak, since the bytes are others (RFC 9110, section 8.8.3.3); the automatic one is weak already. It is the same with and
//!   without compression, so `If-None-Match` gives a 304 either way, for which nothing is compressed. A client that sends
//!   a weak tag back in `If-Match` or `If-Range` does not match by them (sections 13.1.1 and 13.1.5).
//! - `Content-Length` is that of the compressed body where it is known, and left out otherwise. `Accept-Ranges` is left out.
//!
//! # Needs and provides
//! Nothing.
//!
//! # What goes wrong
//! A route's stream that fails is an incomplete response, as without compression.
//!
//! # Secrets
//! A page that has a secret, such as a token against cross-site requests, beside text that a request chose can be read by its
//! lengths (BREACH). Such a page says [`res.encoded(false)`](connect::Response::encoded), or its route stands behind [`off`].
//! The tokens of `csrf::token` are masked and so another one each time, which is enough for them, and not for the other
//! secrets of a page. Protection by `csrf` needs no token in pages.
//!
//! # Differences from Express's `compression`
//! - Zstandard is there, `deflate` is not. `res.flush()` is not needed.
//! - Server-sent events, parts (206), bodies with a digest and `application/octet-stream` are not compressed; a strong `ETag` becomes
//!   weak; the response to a `HEAD` has the headers of the `GET`; a 304 has `Vary`.
//! - There is no coding for clients that send no `Accept-Encoding` (`enforceEncoding`).

mod body;
mod coding;
mod encoder;
mod negotiate;
mod types;

use std::fmt;
use std::sync::Arc;

use connect::{Body, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use http_body::Body as _;

use self::body::Compressed;
use self::encoder::{Encoder, Pool};

pub use self::coding::Coding;
pub use self::types::is_compressible;

/// Compresses responses: see the [module](self).
pub struct Compression {
    options: Options,
}

struct Options {
    threshold: u64,
    codings: Vec<Coding>,
    pool: Arc<Pool>,
    when: Option<When>,
}

/// A function that users give, behind a pointer: so it is no part of the type of the list.
type When = Box<dyn Fn(&Response) -> bool + Send + Sync>;

/// Longer buffers are compressed while they are sent.
const AT_ONCE: usize = 32 * 1024;

impl Compression {
    /// Compression with the defaults.
    #[must_use]
    pub fn new() -> Self {
        let options = Options {
            threshold: 1024,
            codings: vec![Coding::Zstd, Coding::Br, Coding::Gzip],
            pool: Arc::default(),
            when: None,
        };
        Compression { options }
    }

    /// Sets how many bytes a body has to have: by default 1,024. One whose length is not known beforehand is compressed.
    #[must_use]
    pub fn threshold(mut self, bytes: u64) -> Self {
        self.options.threshold = bytes;
        self
    }

    /// Sets which codings there are. Of those that a client accepts with the same weight, the first is taken: by default `Zstd`,
    /// which is nearly as small as `Br` and takes less than half of its time, then `Br`, `Gzip`.
    ///
    /// # Panics
    /// If it is empty.
    #[must_use]
    pub fn codings(mut self, codings: impl IntoIterator<Item = Coding>) -> Self {
        self.options.codings = codings.into_iter().collect();
        assert!(
            !self.options.codings.is_empty(),
            "without a coding nothing is compressed: leave out `Compression`"
        );
        self
    }

    /// Sets the level of a coding: by default 4 for `Br` (0 to 11), 3 for `Zstd` (1 to 19) and 4 for `Gzip` (1 to 9).
    ///
    /// # Panics
    /// If there is no such level.
    #[must_use]
    pub fn level(mut self, coding: Coding, level: u8) -> Self {
        // Nobody else has it before the app is built.
        if let Some(pool) = Arc::get_mut(&mut self.options.pool) {
            pool.levels.set(coding, level);
        }
        self
    }

    /// Sets which responses are compressed, by a function: by default those whose `Content-Type` [`is_compressible`]. What the
    /// [module](self#what-is-not-compressed) names otherwise stays as it is all the same.
    #[must_use]
    pub fn when(mut self, is_meant: impl Fn(&Response) -> bool + Send + Sync + 'static) -> Self {
        self.options.when = Some(Box::new(is_meant));
        self
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compression")
            .field("threshold", &self.options.threshold)
            .field("codings", &self.options.codings)
            .field("levels", &self.options.pool.levels)
            .finish_non_exhaustive()
    }
}

impl IntoLayer for Compression {
    type Layer = CompressionLayer;

    fn into_layer(self) -> CompressionLayer {
        CompressionLayer { options: Arc::new(self.options) }
    }
}

/// What [`Compression`] becomes in a list.
pub struct CompressionLayer {
    options: Arc<Options>,
}

impl fmt::Debug for CompressionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressionLayer").finish_non_exhaustive()
    }
}

impl PlainLayer for CompressionLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let coding = negotiate::choose(req.headers(), &self.options.codings);
        let options = Arc::clone(&self.options);
        res.encode(move |res, is_sent| options.encode(res, coding, is_sent));
        next.pass()
    }

    fn name(&self) -> &str {
        "Compression"
    }
}

/// A layer below which nothing is compressed: in front of routes whose pages have secrets. In a guard it is passed by the requests of these
/// routes alone.
///
/// ```
/// use connect::{app, get, guard};
/// use connect_middleware::compression::{self, Compression};
///
/// #[get("/account")]
/// fn account() -> &'static str {
///     "secrets"
/// }
///
/// let app = app![Compression::new(), guard![compression::off() => account]];
/// ```
#[must_use]
pub const fn off() -> Off {
    Off { _private: () }
}

/// What [`off`] returns.
#[derive(Debug)]
pub struct Off {
    _private: (),
}

impl PlainLayer for Off {
    fn run(&self, _: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        res.encoded(false);
        next.pass()
    }

    fn name(&self) -> &str {
        "compression::off"
    }
}

impl Options {
    fn encode(&self, res: &mut Response, coding: Option<Coding>, is_sent: bool) {
        let status = res.status_code();
        // The headers of a 304 do not say what the body of the 200 would be.
        let is_unmodified = status == StatusCode::NOT_MODIFIED;
        if !is_unmodified && !self.is_meant(res) || has_directive(res.headers(), "no-transform") {
            return;
        }
        res.vary("Accept-Encoding");
        let Some(coding) = coding.filter(|_| !is_unmodified && is_whole(status, res.headers())) else {
            return;
        };
        let hint = res.body().size_hint();
        if hint.exact() == Some(0) || hint.upper().is_some_and(|length| length < self.threshold) {
            return;
        }
        // It stays as it is.
        let Ok(encoder) = Encoder::new(&self.pool, coding, hint.exact()) else { return };
        let body = match res.body().as_bytes().filter(|bytes| is_sent && bytes.len() <= AT_ONCE) {
            Some(bytes) => match encoder.whole(bytes) {
                Ok(compressed) => compressed.into(),
                Err(_) => return,
            },
            None => Body::new(Compressed::new(res.take_body(), encoder)),
        };
        res.set_body(body);
        res.remove("content-length").remove("accept-ranges").set(header::CONTENT_ENCODING, coding.name());
        weaken_etag(res);
    }

    fn is_meant(&self, res: &Response) -> bool {
        match &self.when {
            Some(is_meant) => is_meant(res),
            None => res.header("content-type").is_some_and(is_compressible),
        }
    }
}

/// Whether it is a body of its own that nothing else describes byte by byte.
fn is_whole(status: StatusCode, headers: &HeaderMap) -> bool {
    const DESCRIBING: [&str; 5] =
        ["content-encoding", "content-range", "content-digest", "digest", "content-md5"];
    let has_body = !status.is_informational()
        && !matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::PARTIAL_CONTENT
        );
    has_body && !DESCRIBING.iter().any(|name| headers.contains_key(*name))
}

fn has_directive(headers: &HeaderMap, wanted: &str) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|directive| directive.trim().eq_ignore_ascii_case(wanted))
}

fn weaken_etag(res: &mut Response) {
    let strong = res.headers().get(header::ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
    if let Some(weak) = strong.and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok())
    {
        res.set(header::ETAG, weak);
    }
}
