//! Reading a whole body, decoded and within its limit.

use std::mem;

use bytes::Bytes;
use http::header;
use http_body::Body as _;

use super::decode::{Coding, Decoder, longest};
use super::error::{BodyError, BodyErrorKind};
use crate::{Body, Error, Request, Result};

/// The options for reading a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadOptions {
    /// In bytes, decoded.
    pub(super) limit: usize,
    /// Whether a `Content-Encoding` is decoded.
    pub(super) inflate: bool,
}

/// A request whose body is being read. When it is dropped, the unread rest goes back to the request: later readers see
/// no body, and the server discards it before it sends the response.
struct Reading<'a> {
    req: &'a mut Request,
    body: Body,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        *self.req.body_mut() = mem::take(&mut self.body).rest();
    }
}

/// Fails if an earlier reader has consumed the body without keeping it, which is a mistake in the program.
pub(super) fn refuse_second(req: &Request) -> Result<()> {
    if !req.body().was_read() || req.body().as_kept().is_some() {
        return Ok(());
    }
    Err(Error::msg(
        "the body was read before, as a stream or not to its end, and what was read is gone: read it whole, with `req.bytes()` or its \
         kin, and later readers find it again",
    ))
}

/// Reads the body, or returns what an earlier reader has kept.
pub(super) async fn collect(req: &mut Request, options: ReadOptions) -> Result<Bytes, BodyError> {
    let coding = Coding::of(req.headers())?;
    if coding != Coding::Identity && !options.inflate {
        return Err(BodyError::new(
            BodyErrorKind::Encoding,
            "the body has a Content-Encoding, which is not supported here",
        ));
    }
    let limit = options.limit as u64;
    if let Some(kept) = req.body().as_kept() {
        let (kept, length) = (kept.clone(), kept.len() as u64);
        return if length > limit { Err(BodyError::too_large(limit, Some(length))) } else { Ok(kept) };
    }
    let announced = content_length(req);
    refuse_long(req, coding, limit)?;
    let body = req.take_body();
    let mut reading = Reading { req: &mut *req, body };
    let mut decoder = Decoder::new(coding, limit);
    let mut received = 0;
    while let Some(piece) = reading.body.next_data().await {
        let piece = piece.map_err(BodyError::unreadable)?;
        received += piece.len() as u64;
        decoder.push(piece)?;
    }
    if announced.is_some_and(|announced| announced != received) {
        return Err(BodyError::new(
            BodyErrorKind::Length,
            "the length of the body is not its Content-Length",
        ));
    }
    let bytes = decoder.finish()?;
    drop(reading);
    // A body without an encoding can be read again, also as a stream and by tower services.
    *req.body_mut() = match coding {
        Coding::Identity => Body::from(bytes.clone()),
        _ => Body::kept(bytes.clone()),
    };
    Ok(bytes)
}

/// Fails before reading if the body is known to be too long.
pub(super) fn refuse_long(req: &Request, coding: Coding, limit: u64) -> Result<(), BodyError> {
    let length = content_length(req).unwrap_or_else(|| req.body().size_hint().lower());
    if length > longest(coding, limit) { Err(BodyError::too_large(limit, Some(length))) } else { Ok(()) }
}

/// The value of `Content-Length`.
fn content_length(req: &Request) -> Option<u64> {
    req.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use crate::{Body, Error, Request};

    fn request(length: &str) -> Request {
        let req = http::Request::post("/").header("content-length", length);
        Request::from(req.body("0123456789").unwrap())
    }

    fn seen<T>(result: Result<T, Error>) -> Option<u16> {
        result.err().map(|err| err.status().as_u16())
    }

    #[tokio::test]
    async fn a_length_that_lies_is_a_bad_request() {
        assert_eq!(request("10").bytes().await.unwrap(), "0123456789");
        assert_eq!(seen(request("9").bytes().await), Some(400));
        assert_eq!(seen(request("11").bytes().await), Some(400));
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_the_limit_and_no_longer() {
        assert_eq!(seen(request("10").set_body_limit(10).bytes().await), None);
        assert_eq!(seen(request("10").set_body_limit(9).bytes().await), Some(413));
        let mut streamed = Request::from(http::Request::new("0123456789"));
        assert_eq!(seen(streamed.set_body_limit(9).bytes().await), Some(413));
    }

    #[tokio::test]
    async fn a_body_that_is_refused_for_its_length_is_not_read() {
        let mut req = request("10");
        assert_eq!(seen(req.set_body_limit(9).bytes().await), Some(413));
        assert_eq!(req.body_mut().chunk().await.unwrap().unwrap(), "0123456789");
    }

    #[tokio::test]
    async fn a_second_reader_finds_the_body_again_within_its_own_limit() {
        let mut req = request("10");
        assert_eq!(req.text().await.unwrap(), "0123456789");
        assert_eq!(req.bytes().await.unwrap(), "0123456789");
        assert_eq!(req.json::<u8>().await.unwrap_err().status(), 415);
        assert_eq!(seen(req.set_body_limit(9).bytes().await), Some(413));
        assert_eq!(req.set_body_limit(10).text().await.unwrap(), "0123456789");
        // A stream is read once.
        assert_eq!(req.body_mut().chunk().await.unwrap().unwrap(), "0123456789");
        assert!(req.body_mut().chunk().await.is_none());
        assert_eq!(seen(req.text().await), Some(500));
    }

    #[tokio::test]
    async fn what_was_read_as_a_stream_is_gone() {
        let mut req = request("10");
        drop(req.take_body());
        let err = req.text().await.unwrap_err();
        assert_eq!(err.status().as_u16(), 500);
        assert!(err.to_string().starts_with("the body was read before"), "{err}");
        let mut req = request("10");
        while req.body_mut().chunk().await.is_some() {}
        assert_eq!(seen(req.text().await), Some(500));
        // A new body in its place was not read.
        *req.body_mut() = Body::from("0123456789");
        assert_eq!(seen(req.text().await), None);
    }

    #[tokio::test]
    async fn a_reader_that_was_dropped_half_way_leaves_the_rest_to_be_discarded() {
        struct Slow(u8);
        impl futures_core::Stream for Slow {
            type Item = std::io::Result<&'static str>;
            fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                self.0 += 1;
                match self.0 {
                    1 | 3 => Poll::Ready(Some(Ok("piece"))),
                    2 => {
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                    _ => Poll::Ready(None),
                }
            }
        }
        let mut req = Request::from(http::Request::new(Body::stream(Slow(0))));
        assert!(pin!(req.bytes()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(seen(req.bytes().await), Some(500));
        assert_eq!(req.body_mut().chunk().await.unwrap().unwrap(), "piece");
        assert!(req.body_mut().chunk().await.is_none());
    }

    #[tokio::test]
    async fn what_a_failed_reader_leaves_is_no_body_for_the_next() {
        struct Pieces(u8);
        impl futures_core::Stream for Pieces {
            type Item = std::io::Result<&'static str>;
            fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                self.0 += 1;
                Poll::Ready((self.0 <= 4).then_some(Ok("piece")))
            }
        }
        let mut req = Request::from(http::Request::new(Body::stream(Pieces(0))));
        assert_eq!(seen(req.set_body_limit(12).bytes().await), Some(413));
        assert_eq!(seen(req.bytes().await), Some(500));
        assert_eq!(req.body_mut().chunk().await.unwrap().unwrap(), "piece");
        assert!(req.body_mut().chunk().await.is_none());
    }
}
