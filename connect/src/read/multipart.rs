//! Forms with files.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use encoding_rs::UTF_8;
use futures_core::Stream;
use http::HeaderMap;
use multer::{Constraints, SizeLimit};

use super::charset;
use super::collect::{refuse_long, refuse_second};
use super::decode::Coding;
use super::error::{BodyError, BodyErrorKind};
use crate::error::BoxError;
use crate::request::parameter;
use crate::{Body, Request, Result};

/// How many parts a body may have.
const PARTS: usize = 1000;

/// The parts of a body that is `multipart/form-data`: the fields and files of a form (RFC 7578).
///
/// They come one after the other as the client sends them; a part that is not read to its end is gone past.
#[derive(Debug)]
pub struct Multipart {
    parts: multer::Multipart<'static>,
    left: usize,
    max_parts: usize,
    max_part_size: u64,
}

/// One part of a [`Multipart`].
#[derive(Debug)]
pub struct Part<'a> {
    field: multer::Field<'static>,
    left: u64,
    max_size: u64,
    /// One at a time: the next one begins where this one ends.
    _from: &'a mut Multipart,
}

impl Request {
    /// The parts of a body that is `multipart/form-data`, as they come.
    ///
    /// The [limit](Request::body_limit) counts for the whole body, and there may be 1000 parts.
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
    /// With status 415 if the body is of another type or has a `Content-Encoding`, 400 if its type names no boundary,
    /// 413 if it says that it is longer than the limit, 500 if it was read before.
    pub fn multipart(&mut self) -> Result<Multipart> {
        refuse_second(self)?;
        self.parts().map_err(BodyError::into_error)
    }

    fn parts(&mut self) -> Result<Multipart, BodyError> {
        if self.media_type().as_deref() != Some("multipart/form-data") {
            let what = "expected a body of the type multipart/form-data";
            return Err(BodyError::new(BodyErrorKind::Type, what));
        }
        let boundary = parameter(self.header("content-type").unwrap_or(""), "boundary");
        let boundary = boundary.filter(|boundary| !boundary.is_empty() && boundary.len() <= 70);
        let boundary = boundary
            .ok_or_else(|| BodyError::malformed("the type of the body names no boundary, or a wrong one"))?
            .into_owned();
        let coding = Coding::of(self.headers())?;
        if coding != Coding::Identity {
            let what = "a body with parts cannot have a Content-Encoding";
            return Err(BodyError::new(BodyErrorKind::Encoding, what));
        }
        let limit = self.body_limit() as u64;
        refuse_long(self, coding, limit)?;
        let body = if let Some(kept) = self.body().as_kept() {
            Arc::new(Mutex::new(Body::from(kept.clone())))
        } else {
            // What is left when the parts are dropped goes back to the request.
            let body = Arc::new(Mutex::new(self.take_body()));
            *self.body_mut() = Body::lent(Arc::clone(&body));
            body
        };
        let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
        let parts = multer::Multipart::with_constraints(Pieces { body, pause: false }, boundary, limits);
        Ok(Multipart { parts, left: PARTS, max_parts: PARTS, max_part_size: limit })
    }
}

impl Multipart {
    /// How many parts there may be: 1000 otherwise. More are a 413.
    #[must_use]
    pub fn max_parts(mut self, parts: usize) -> Self {
        (self.left, self.max_parts) = (parts, parts);
        self
    }

    /// How long each part may be, in bytes: otherwise as long as the whole body. A longer one is a 413 when it is
    /// read.
    #[must_use]
    pub fn max_part_size(mut self, bytes: u64) -> Self {
        self.max_part_size = bytes;
        self
    }

    /// The next part, or `None` behind the last.
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
        let field = self.parts.next_field().await.map_err(wrong)?;
        let Some(field) = field else { return Ok(None) };
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return Err(BodyError::too_many(self.max_parts, "parts").into_error()),
        };
        let max_size = self.max_part_size;
        Ok(Some(Part { field, left: max_size, max_size, _from: self }))
    }
}

impl Part<'_> {
    /// The name of the form's field.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The name of the file, if it is one. The client chose it: it may be any text, as `../../etc/passwd`.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// The type that the client gives it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers().get(http::header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The headers of the part.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.field.headers()
    }

    /// The next piece of its content, or `None` at its end.
    ///
    /// # Errors
    /// As for [`Multipart::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.field.chunk().await.map_err(wrong)?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.left = match self.left.checked_sub(chunk.len() as u64) {
            Some(left) => left,
            None => return Err(BodyError::too_large_part(self.max_size).into_error()),
        };
        Ok(Some(chunk))
    }

    /// The whole content.
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

    /// The whole content as text, from the charset in its type, or else from UTF-8.
    ///
    /// # Errors
    /// As for [`Multipart::next`]; with status 400 if it is not text in its charset, 415 if that is not known.
    pub async fn text(self) -> Result<String> {
        let label = self.content_type().and_then(|text| parameter(text, "charset"));
        let encoding =
            label.map_or(Ok(UTF_8), |label| charset::by_label(&label)).map_err(BodyError::into_error)?;
        charset::decode(self.bytes().await?, encoding).map_err(BodyError::into_error)
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
        err => BodyError::malformed("the body has a part that is malformed").with_source(err),
    };
    err.into_error()
}

/// The pieces of a body, one a poll: the parser would keep all that it can get.
struct Pieces {
    body: Arc<Mutex<Body>>,
    pause: bool,
}

impl Stream for Pieces {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let polled = {
            let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
            std::task::ready!(body.poll_data(cx))
        };
        self.pause = matches!(polled, Some(Ok(_)));
        Poll::Ready(polled)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Body, Error, Request};

    const BODY: &str = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nh\u{e9}llo\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n";

    fn request(content_type: &str, body: impl Into<Body>) -> Request {
        http::Request::post("/").header("content-type", content_type).body(body.into()).unwrap().into()
    }

    fn form(body: &'static str) -> Request {
        request("multipart/form-data; boundary=x", body)
    }

    async fn read(req: &mut Request) -> Result<Vec<String>, Error> {
        let mut parts = req.multipart()?;
        let mut seen = Vec::new();
        while let Some(part) = parts.next().await? {
            let head = format!("{:?} {:?} {:?}", part.name(), part.file_name(), part.content_type());
            seen.push(format!("{head} {}", part.text().await?));
        }
        Ok(seen)
    }

    fn seen<T>(result: Result<T, Error>) -> (u16, String) {
        result.err().map_or((200, String::new()), |err| (err.status().as_u16(), err.public_message()))
    }

    #[tokio::test]
    async fn parts_have_names_types_and_contents() {
        let wanted = [
            "Some(\"title\") None None h\u{e9}llo",
            "Some(\"file\") Some(\"a.txt\") Some(\"text/plain\") abc",
        ];
        assert_eq!(read(&mut form(BODY)).await.unwrap(), wanted);
        assert_eq!(read(&mut request("Multipart/Form-Data; Boundary=\"x\"", BODY)).await.unwrap(), wanted);
    }

    #[tokio::test]
    async fn a_part_that_is_not_read_is_gone_past() {
        let mut req = form(BODY);
        let mut parts = req.multipart().unwrap();
        drop(parts.next().await.unwrap());
        assert_eq!(parts.next().await.unwrap().unwrap().bytes().await.unwrap(), "abc");
        assert!(parts.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_body_that_is_wrong_is_told_so() {
        let cut = &BODY[..BODY.len() - 6];
        assert_eq!(
            seen(read(&mut form(cut)).await),
            (400, "the body ends before its last boundary".to_owned())
        );
        assert_eq!(seen(read(&mut form("")).await).0, 400);
        assert_eq!(seen(read(&mut form("nonsense")).await).0, 400);
        for (content_type, status) in [
            ("multipart/form-data", 400),
            ("multipart/form-data; boundary=", 400),
            ("multipart/mixed; boundary=x", 415),
            ("text/plain", 415),
        ] {
            assert_eq!(seen(read(&mut request(content_type, BODY)).await).0, status, "{content_type}");
        }
    }

    #[tokio::test]
    async fn there_are_limits_for_the_whole_for_each_part_and_for_their_number() {
        assert_eq!(seen(read(form(BODY).set_body_limit(BODY.len())).await).0, 200);
        assert_eq!(seen(read(form(BODY).set_body_limit(BODY.len() - 1)).await).0, 413);
        let mut req = form(BODY);
        let mut parts = req.multipart().unwrap().max_parts(1);
        parts.next().await.unwrap();
        let more = parts.next().await.map(drop);
        assert_eq!(seen(more), (413, "the body has more than 1 parts".to_owned()));
        let mut req = form(BODY);
        let mut parts = req.multipart().unwrap().max_part_size(5);
        let long = parts.next().await.unwrap().unwrap().bytes().await;
        assert_eq!(seen(long), (413, "a part of the body is longer than 5 bytes".to_owned()));
        assert_eq!(parts.next().await.unwrap().unwrap().text().await.unwrap(), "abc");
    }

    #[tokio::test]
    async fn a_second_reader_is_told_so() {
        let mut req = form(BODY);
        let parts = req.multipart().unwrap();
        assert_eq!(seen(req.bytes().await).0, 500);
        drop(parts);
        assert_eq!(seen(req.bytes().await).0, 500);
        // What was not read can still be waited for.
        assert_eq!(req.body_mut().chunk().await.unwrap().unwrap(), BODY);
    }
}
