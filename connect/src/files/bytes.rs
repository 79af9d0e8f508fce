//! A file in memory as a response.

use bytes::Bytes;
use http::header::HeaderValue;

use super::body::{FileBody, part_of};
use super::cache::content_etag;
use super::coding::{Coding, Preferred};
use super::content::{Content, Source, Start, forget, start};
use super::options::{Options, builder_methods};
use crate::{Body, Request, Response, Result};

/// A file in memory, which is sent as [`SendFile`](crate::SendFile) sends one from the disk: with an `ETag`, conditions and
/// ranges, and in the coding that the client prefers.
///
/// The `ETag` is a hash of the content. Make it once, and not for each request:
///
/// ```
/// use connect::{Request, Response, Result, SendBytes, http::HeaderValue, get};
/// use std::sync::LazyLock;
///
/// static LOGO: LazyLock<SendBytes> =
///     LazyLock::new(|| SendBytes::new(&b"<svg/>"[..], HeaderValue::from_static("image/svg+xml")));
///
/// #[get("/logo.svg")]
/// async fn logo(req: &Request, res: &mut Response) -> Result {
///     LOGO.send(req, res)
/// }
///
/// # #[tokio::main] async fn main() {
/// let client = connect::testing::Client::new(connect::app![logo]);
/// client.get("/logo.svg").header("range", "bytes=1-3").send().await.assert_status(206).assert_text("svg");
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SendBytes {
    identity: Representation,
    content_type: HeaderValue,
    /// In the order of `Coding::ALL`.
    coded: [Option<Representation>; 3],
    options: Options,
}

#[derive(Debug, Clone)]
struct Representation {
    bytes: Bytes,
    etag: HeaderValue,
}

impl Representation {
    fn new(bytes: Bytes) -> Self {
        Representation { etag: content_etag(&bytes), bytes }
    }
}

impl SendBytes {
    /// Uses these bytes, as this type of content.
    pub fn new(bytes: impl Into<Bytes>, content_type: HeaderValue) -> Self {
        SendBytes {
            identity: Representation::new(bytes.into()),
            content_type,
            coded: [None, None, None],
            options: Options::default(),
        }
    }

    /// Adds the same content in a coding: none by default. The one that `Accept-Encoding` prefers is sent, and `Vary` is set.
    ///
    /// ```
    /// use connect::{Coding, SendBytes, http::HeaderValue};
    ///
    /// # let (script, script_in_gzip) = ("1", &[][..]);
    /// let script = SendBytes::new(script, HeaderValue::from_static("text/javascript")).coded(Coding::Gzip, script_in_gzip);
    /// ```
    #[must_use]
    pub fn coded(mut self, coding: Coding, bytes: impl Into<Bytes>) -> Self {
        self.coded[coding as usize] = Some(Representation::new(bytes.into()));
        self
    }

    builder_methods!();

    /// Answers with it.
    ///
    /// # Errors
    /// A 412 or 416 by the conditions and ranges of the request, and as for [`send`](Response::send).
    pub fn send(&self, req: &Request, res: &mut Response) -> Result {
        res.begin()?;
        let varies = self.coded.iter().any(Option::is_some);
        let preferred = if varies { Preferred::of(req.headers()) } else { Preferred::default() };
        let mut codings = preferred.iter().filter_map(|coding| {
            let coded = self.coded[coding as usize].as_ref()?;
            Some((Some(coding), coded))
        });
        let (coding, chosen) = codings.next().unwrap_or((None, &self.identity));
        let content = Content {
            length: chosen.bytes.len() as u64,
            etag: Some(chosen.etag.clone()),
            last_modified: None,
            content_type: self.content_type.clone(),
            coding,
            varies,
        };
        let body = match start(res, req, content, &self.options) {
            Ok(Start::Done(done)) => return Ok(done),
            Ok(Start::Part { first, length }) => part_of(&chosen.bytes, first, length).into(),
            Ok(Start::Parts(parts)) => {
                Body::new(FileBody::of_parts(Source::Bytes(chosen.bytes.clone()), parts))
            }
            Err(err) => {
                forget(res, &err);
                return Err(err);
            }
        };
        Ok(res.finish(body))
    }
}
