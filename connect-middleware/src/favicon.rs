//! The icon of the site, answered from memory at `/favicon.ico`.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::favicon::Favicon;
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! let icon = Favicon::svg(r##"<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9" fill="#06c"/></svg>"##);
//! let app = app![icon, index];
//! ```
//!
//! Browsers request this path on their own for each site. List the layer first: a request for the icon then is not logged, counted or
//! given a session by the layers below it.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Favicon::file`] | path | | the icon is the content of a file, which is read once |
//! | [`Favicon::bytes`] | bytes | | the icon is in memory already, as with `include_bytes!` |
//! | [`Favicon::svg`] | text | | the icon is an SVG image |
//! | [`max_age`](Favicon::max_age) | `Duration` | one year | how long clients keep it, in whole seconds |
//! | [`content_type`](Favicon::content_type) | `HeaderValue` | by the content | the `Content-Type` |
//!
//! The type is that of the first bytes: PNG, GIF, JPEG, WebP or SVG, and `image/x-icon` for all others. Browsers take an SVG image at
//! this path only if `Content-Type` says so, which it does.
//!
//! The path is compared below mounts: in `"/shop" => Favicon::..` the icon is at `/shop/favicon.ico`.
//!
//! # Needs and provides
//! Nothing. It states no facts and has no laws.
//!
//! # What goes wrong
//! - [`Favicon::file`] returns an error that names the path if the file cannot be read.
//! - A method other than `GET` and `HEAD` is a 405 on the error track, with `Allow`. `OPTIONS` is answered with 200 and `Allow`.
//!
//! The `ETag` is strong and depends on the content alone, so all processes of a site send the same; a client whose copy is fresh gets a 304.
//!
//! # Differences from `serve-favicon`
//! - The file is read when the layer is made, and not at the first request.
//! - The `Content-Type` is that of the content, and not always `image/x-icon`.
//! - A 405 is an error, so error handlers see it. There it is an empty response.

use std::io;
use std::path::Path;
use std::time::Duration;

use connect::bytes::Bytes;
use connect::{Error, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};
use sha2::{Digest, Sha256};

const PATH: &str = "/favicon.ico";
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Answers requests for `/favicon.ico`.
#[derive(Debug, Clone)]
pub struct Favicon {
    content: Bytes,
    content_type: HeaderValue,
    max_age: Duration,
}

impl Favicon {
    /// Reads the icon from a file. It is read here and not again.
    ///
    /// ```no_run
    /// use connect::app;
    /// use connect_middleware::favicon::Favicon;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let app = app![Favicon::file("public/favicon.ico")?];
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// If the file cannot be read. The message names its path.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let content = std::fs::read(path).map_err(|err| {
            io::Error::new(err.kind(), format!("the icon `{}` cannot be read: {err}", path.display()))
        })?;
        Ok(Favicon::bytes(content))
    }

    /// Uses an icon that is in memory.
    #[must_use]
    pub fn bytes(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        Favicon { content_type: type_of(&content), content, max_age: YEAR }
    }

    /// Uses an SVG image.
    #[must_use]
    pub fn svg(image: impl Into<String>) -> Self {
        Favicon::bytes(image.into()).content_type(SVG)
    }

    /// Sets how long clients keep the icon without asking again: one year by default, which is also the most. Parts of a second are
    /// dropped.
    #[must_use]
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = time.min(YEAR);
        self
    }

    /// Sets the `Content-Type`: by default that of the content.
    #[must_use]
    pub fn content_type(mut self, content_type: HeaderValue) -> Self {
        self.content_type = content_type;
        self
    }
}

const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml");

fn type_of(content: &[u8]) -> HeaderValue {
    let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content).trim_ascii_start();
    HeaderValue::from_static(match content {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ if text.starts_with(b"<") => return SVG,
        _ => "image/x-icon",
    })
}

impl IntoLayer for Favicon {
    type Layer = FaviconLayer;

    fn into_layer(self) -> Self::Layer {
        let Favicon { content, content_type, max_age } = self;
        let hash = Sha256::digest(&content);
        let mut tag = String::from("\"");
        for byte in &hash[..16] {
            tag.push_str(&format!("{byte:02x}"));
        }
        tag.push('"');
        let value = |text: String| HeaderValue::try_from(text).expect("digits and letters");
        let cache_control = value(format!("public, max-age={}", max_age.as_secs()));
        FaviconLayer { content, content_type, cache_control, etag: value(tag) }
    }
}

/// What [`Favicon`] becomes in a list.
#[derive(Debug)]
pub struct FaviconLayer {
    content: Bytes,
    content_type: HeaderValue,
    cache_control: HeaderValue,
    etag: HeaderValue,
}

impl PlainLayer for FaviconLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if req.path() != PATH {
            return next.pass();
        }
        if req.method() == Method::OPTIONS {
            return res.status(StatusCode::OK).set(header::ALLOW, ALLOW).end("");
        }
        if req.method() != Method::GET && req.method() != Method::HEAD {
            let err = Error::new(StatusCode::METHOD_NOT_ALLOWED, "the icon is only for GET and HEAD");
            return next.fail(err.with_header(header::ALLOW, ALLOW));
        }
        res.set(header::CONTENT_TYPE, self.content_type.clone())
            .set(header::CACHE_CONTROL, self.cache_control.clone())
            .set(header::ETAG, self.etag.clone());
        res.send(self.content.clone())
    }

    fn name(&self) -> &str {
        "Favicon"
    }
}
