//! Multipart forms, which can contain files.

mod chunks;

use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use encoding_rs::UTF_8;
use http::HeaderMap;
use multer::{Constraints, SizeLimit};

use self::chunks::{Allowance, Chunks, TooLong};
use super::charset;
use super::collect::{refuse_long, refuse_second};
use super::decode::Coding;
use super::error::{BodyError, BodyErrorKind};
use crate::request::parameter;
use crate::{Body, Error, Request, Result};

/// How many parts a body may have by default.
const PARTS: usize = 1000;

/// How long the head of a part may be by default, in bytes.
const HEAD: usize = 16 * 1024;

/// The parts of a body that is `multipart/form-data`: the fields and files of a form (RFC 7578).
///
/// The parts are read one after another as the client sends them. The rest of a part that is not read to its end is
/// skipped.
#[derive(Debug)]
pub struct Multipart {
    parts: multer::Multipart<'static>,
    allowance: Allowance,
    /// The part that was returned last. What the caller has left of it is read here and not by the parser, which does not
    /// report where the content ends and the next head begins.
    current: Option<multer::Field<'static>>,
    left: usize,
    max_parts: usize,
    max_part_size: u64,
    max_head_size: usize,
}

/// One part of a [`Multipart`].
#[derive(Debug)]
pub struct Part<'a> {
    /// Borrowed, because the next part begins where this one ends.
    field: &'a mut multer::Field<'static>,
    left: u64,
    max_size: u64,
}

impl Request {
    /// Reads a body that is `multipart/form-data` part by part, as the client sends it.
    ///
    /// The [limit](Request::body_limit) applies to the whole body, 102,400 bytes by default. By default there may be 1000
    /// parts, each with a head of 16,384 bytes.
    ///
    /// ```
    /// use connect::{app, body_limit, post, Request, Result};
    ///
    /// #[post("/upload", body_limit(50 << 20))]
    /// async fn upload(req: &mut Request) -> Result<String> {
    ///     let mut parts = req.multipart()?.max_parts(10).max_part_size(20 << 20);
    ///     let mut seen = Vec::new();
    ///     while let Some(mut part) = parts.next().await? {
    ///         let name = part.name().unwrap_or("?").to_owned();
    ///         if part.file_name().is_some() {
    ///             let mut size = 0;
    ///             while let Some(chunk) = part.chunk().await? {
    ///                 size += chunk.len();
    ///             }
    ///             seen.push(format!("{name}: {size} bytes"));
    ///         } else {
    ///             seen.push(format!("{name}: {}", part.text().await?));
    ///         }
    ///     }
    ///     Ok(seen.join("\n"))
    /// }
    ///
    /// let app = app![upload];
    /// ```
    ///
    /// # Errors
    /// With status 415 if the body has another type or a `Content-Encoding`, 400 if its type names no boundary, 413 if its
    /// `Content-Length` exceeds the limit, 500 if it was read as a stream before.
    pub fn multipart(&mut self) -> Result<Multipart> {
        refuse_second(self)?;
        self.parts().map_err(Error::from)
    }

    fn parts(&mut self) -> Result<Multipart, BodyError> {
        if self.media_type().as_deref() != Some("multipart/form-data") {
            let what = "expected a body of the type multipart/form-data";
            return Err(BodyError::new(BodyErrorKind::Type, what));
        }
        let boundary = parameter(self.header("content-type").unwrap_or(""), "boundary");
        let boundary = boundary.filter(|boundary| !boundary.is_empty() && boundary.len() <= 70);
        let boundary = boundary
            .ok_or_else(|| {
                BodyError::malformed("the body's Content-Type has no boundary, or an invalid one")
            })?
            .into_owned();
        let coding = Coding::of(self.headers())?;
        if coding != Coding::Identity {
            let what = "a multipart body cannot have a Content-Encoding";
            return Err(BodyError::new(BodyErrorKind::Encoding, what));
        }
        let limit = self.body_limit() as u64;
        refuse_long(self, coding, limit)?;
        let body = if let Some(kept) = self.body().as_kept() {
            Arc::new(Mutex::new(Body::from(kept.clone())))
        } else {
            // The request gets the unread rest back when the parts are dropped.
            let body = Arc::new(Mutex::new(self.take_body()));
            *self.body_mut() = Body::lent(Arc::clone(&body));
            body
        };
        let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
        let (chunks, allowance) = Chunks::new(body);
        let parts = multer::Multipart::with_constraints(chunks, boundary, limits);
        Ok(Multipart {
            parts,
            allowance,
            current: None,
            left: PARTS,
            max_parts: PARTS,
            max_part_size: limit,
            max_head_size: HEAD,
        })
    }
}

impl Multipart {
    /// Sets how many parts there may be: 1000 by default. More are an error with status 413.
    #[must_use]
    pub fn max_parts(mut self, parts: usize) -> Self {
        (self.left, self.max_parts) = (parts, parts);
        self
    }

    /// Sets how long each part may be, in bytes: as long as the whole body by default. Reading a longer one fails with
    /// status 413.
    #[must_use]
    pub fn max_part_size(mut self, bytes: u64) -> Self {
        self.max_part_size = bytes;
        self
    }

    /// Sets how long the head of each part may be, in bytes: 16,384 by default. A longer one is an error with status 413,
    /// and so is a body with more bytes than that before its first boundary.
    ///
    /// ```
    /// # use connect::{Request, Result};
    /// # fn upload(req: &mut Request) -> Result<()> {
    /// let parts = req.multipart()?.max_head_size(1024);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn max_head_size(mut self, bytes: usize) -> Self {
        self.max_head_size = bytes;
        self
    }

    /// Reads up to the next part, and returns it, or `None` after the last.
    ///
    /// ```
    /// # use connect::{http, Request};
    /// # #[tokio::main] async fn main() {
    /// let req = http::Request::post("/").header("content-type", "multipart/form-data; boundary=x");
    /// let body = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nhello\r\n--x--\r\n";
    /// let mut req = Request::from(req.body(body).unwrap());
    /// let mut parts = req.multipart().unwrap();
    /// let part = parts.next().await.unwrap().unwrap();
    /// assert_eq!((part.name(), part.file_name()), (Some("title"), None));
    /// assert_eq!(part.text().await.unwrap(), "hello");
    /// assert!(parts.next().await.unwrap().is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    /// A [`BodyError`]: with status 400 if the body is malformed or ends before its last boundary, 408 if the client is too
    /// slow, 413 beyond a limit.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>> {
        if let Some(field) = &mut self.current {
            self.allowance.content();
            while field.chunk().await.map_err(wrong)?.is_some() {}
        }
        self.current = None;
        let limit = self.max_head_size;
        self.allowance.head(limit);
        let field = self.parts.next_field().await.map_err(|err| wrong_head(err, limit))?;
        self.allowance.content();
        let Some(field) = field else { return Ok(None) };
        // The head may have arrived with the content before it, which has no such limit.
        if head_size(field.headers()) > limit {
            return Err(BodyError::too_large_head(limit).into());
        }
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return Err(BodyError::too_many(self.max_parts, "parts").into()),
        };
        let max_size = self.max_part_size;
        Ok(Some(Part { field: self.current.insert(field), left: max_size, max_size }))
    }
}

impl Part<'_> {
    /// The name of the field in the form.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The name of the file, if the part is a file. The client chose it: it may be any text, such as `../../etc/passwd`.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// The content type that the client sent for the part.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers().get(http::header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The headers of the part.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.field.headers()
    }

    /// Reads the next chunk of the content, or `None` at its end.
    ///
    /// # Errors
    /// As for [`Multipart::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.field.chunk().await.map_err(wrong)?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.left = match self.left.checked_sub(chunk.len() as u64) {
            Some(left) => left,
            None => return Err(BodyError::too_large_part(self.max_size).into()),
        };
        Ok(Some(chunk))
    }

    /// Reads the whole content.
    ///
    /// # Errors
    /// As for [`Multipart::next`].
    pub async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut all = BytesMut::from(&first[..]);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Reads the whole content as text, in the charset of its type, UTF-8 by default.
    ///
    /// # Errors
    /// As for [`Multipart::next`]; also with status 400 if it is not text in its charset, 415 if the charset is not known.
    pub async fn text(self) -> Result<String> {
        let label = self.content_type().and_then(|text| parameter(text, "charset"));
        let encoding = label.map_or(Ok(UTF_8), |label| charset::by_label(&label))?;
        charset::decode(self.bytes().await?, encoding).map_err(Error::from)
    }
}

/// The least number of bytes that a head takes on the wire.
fn head_size(headers: &HeaderMap) -> usize {
    const COLON_AND_LINE_END: usize = 3;
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + COLON_AND_LINE_END).sum()
}

fn wrong_head(err: multer::Error, limit: usize) -> crate::Error {
    match err {
        multer::Error::StreamReadFailed(source) if source.is::<TooLong>() => {
            TooLong.into_body_error(limit).into()
        }
        err => wrong(err),
    }
}

fn wrong(err: multer::Error) -> crate::Error {
    use multer::Error as E;
    let err = match err {
        E::StreamSizeExceeded { limit } => BodyError::too_large(limit, None),
        E::StreamReadFailed(source) => BodyError::unreadable(source),
        E::IncompleteStream | E::IncompleteFieldData { .. } | E::IncompleteHeaders => {
            BodyError::malformed("the body ends before its last boundary").with_source(err)
        }
        err => BodyError::malformed("the body has a malformed part").with_source(err),
    };
    err.into()
}

#[cfg(test)]
mod tests;
