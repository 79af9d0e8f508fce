//! The body of a request or a response.

mod read;
mod stall;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use sync_wrapper::SyncWrapper;

use self::stall::Stall;
pub(crate) use self::stall::{Pace, Stalled};
use crate::connection::Connection;
use crate::error::BoxError;
use crate::read::ParsedBody;

/// The body of a request or a response: nothing, one buffer, or a stream.
///
/// A single buffer is kept as it is; only streams are boxed. `Body` implements [`http_body::Body`], so
/// `http_body_util::BodyExt` works on it.
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    /// A request body that hyper reads.
    Incoming(Incoming, Option<Stall>),
    Stream(Boxed),
    /// Read to its end: empty for a second reader.
    Read,
    /// Read, and its decoded content is kept for later readers.
    Kept(Bytes),
    /// The rest of a body after a reader has stopped early. It is empty for other readers, but can be discarded before
    /// the response. Boxed, since it contains its own type.
    Rest(Box<Body>),
    /// A body that another owner reads. The rest is available once that owner is dropped.
    Lent(Arc<Mutex<Body>>),
    /// Read and parsed by a layer of [`body_parser`](crate::body_parser), with its content. Boxed, so that other
    /// requests do not carry its size.
    Parsed(Box<(ParsedBody, Bytes)>),
}

/// Any other body: a user's stream, or that of another framework, type-erased. `SyncWrapper` makes it `Sync` at no
/// cost, but allows no shared access, so its size hint is read beforehand.
struct Boxed {
    body: SyncWrapper<Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send>>>,
    length: SizeHint,
}

impl Boxed {
    fn new(body: impl HttpBody<Data = Bytes, Error = BoxError> + Send + 'static) -> Self {
        Boxed { length: body.size_hint(), body: SyncWrapper::new(Box::pin(body)) }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = self.body.get_mut().as_mut().poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let sent = frame.data_ref().map_or(0, |data| data.len() as u64);
            let (lower, upper) = (self.length.lower(), self.length.upper());
            self.length = SizeHint::new();
            self.length.set_lower(lower.saturating_sub(sent));
            if let Some(upper) = upper {
                self.length.set_upper(upper.saturating_sub(sent).max(self.length.lower()));
            }
        }
        polled
    }
}

impl Body {
    /// Makes an empty body.
    #[must_use]
    pub const fn empty() -> Self {
        Body(Kind::Empty)
    }

    /// Makes a body of any other one. A body at its end becomes an empty one, and hyper's is kept as it is; others are
    /// boxed.
    pub fn new<B>(body: B) -> Self
    where
        B: HttpBody<Error: Into<BoxError>> + Send + 'static,
    {
        let mut body = Some(body);
        // The downcasts are resolved at compile time for other types.
        let any: &mut dyn std::any::Any = &mut body;
        if let Some(incoming) = any.downcast_mut::<Option<Incoming>>() {
            return incoming.take().map_or_else(Body::empty, Body::from);
        }
        if let Some(ours) = any.downcast_mut::<Option<Body>>() {
            return ours.take().unwrap_or_default();
        }
        match body {
            Some(body) if !body.is_end_stream() => Body(Kind::Stream(Boxed::new(Converted { body }))),
            _ => Body::empty(),
        }
    }

    /// A request body with the limits for slow clients. It needs tokio's timers.
    pub(crate) fn from_client(body: Incoming) -> Self {
        match Body::from(body).0 {
            Kind::Incoming(body, _) => Body(Kind::Incoming(body, Some(Stall::new(Pace::default())))),
            finished => Body(finished),
        }
    }

    /// Makes a body of a stream of chunks.
    ///
    /// The stream is polled as fast as the client reads. It is dropped when the server notices that the client has disconnected: at
    /// once if the connection is reset or the client of HTTP/2 resets the stream, otherwise with a write that fails or after the
    /// [`half_close_timeout`](crate::Server::half_close_timeout).
    pub fn stream<S, D, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<D, E>> + Send + 'static,
        D: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Body(Kind::Stream(Boxed::new(Items { stream })))
    }

    /// Reads the next chunk of data, or `None` at the end. Trailers are skipped.
    ///
    /// # Errors
    /// With status 400 if the client disconnects or sends a malformed body, or if the stream fails. With status 408 if
    /// the client sends nothing for too long ([`App::body_timeout`](crate::App::body_timeout)) or sends too slowly
    /// ([`App::min_body_rate`](crate::App::min_body_rate)).
    pub async fn chunk(&mut self) -> Option<crate::Result<Bytes>> {
        Some(self.next_data().await?.map_err(|err| {
            if err.is::<Stalled>() {
                crate::Error::new(408, "the client sent the body too slowly").with_source(err)
            } else {
                crate::Error::new(400, "the body could not be read").with_source(err)
            }
        }))
    }

    /// The same with the original error.
    pub(crate) async fn next_data(&mut self) -> Option<Result<Bytes, BoxError>> {
        std::future::poll_fn(|cx| self.poll_data(cx)).await
    }

    pub(crate) fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            let frame = ready!(Pin::new(&mut *self).poll_frame(cx));
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => return Poll::Ready(Some(Ok(data))),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(err)) => return Poll::Ready(Some(Err(err))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// The whole body, if it is one buffer or empty.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        static NOTHING: Bytes = Bytes::new();
        match &self.0 {
            Kind::Empty | Kind::Read | Kind::Kept(_) | Kind::Parsed(_) => Some(&NOTHING),
            Kind::Full(bytes) => Some(bytes),
            Kind::Incoming(..) | Kind::Stream(_) | Kind::Rest(_) | Kind::Lent(_) => None,
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Incoming(..) => f.write_str("Body(incoming)"),
            Kind::Stream(_) => f.write_str("Body(stream)"),
            Kind::Read | Kind::Kept(_) => f.write_str("Body(read)"),
            Kind::Rest(_) | Kind::Lent(_) => f.write_str("Body(partly read)"),
            Kind::Parsed(_) => f.write_str("Body(parsed)"),
        }
    }
}

impl Body {
    /// Sets the limits for slow clients, if a client sends the body.
    pub(crate) fn set_pace(&mut self, pace: Pace) {
        if let Kind::Incoming(_, Some(stall)) = &mut self.0 {
            stall.pace = pace;
        }
    }

    /// Sets the HTTP/1 connection, which has to know when a reader waits.
    pub(crate) fn set_connection(&mut self, connection: &Arc<Connection>) {
        if let Kind::Incoming(_, Some(stall)) = &mut self.0 {
            stall.connection = Some(Arc::clone(connection));
        }
    }

    /// Sets only the minimum rate.
    pub(crate) fn set_min_rate(&mut self, min_rate: u32) {
        if let Kind::Incoming(_, Some(stall)) = &mut self.0 {
            stall.pace.min_rate = min_rate;
        }
    }
}

impl From<Incoming> for Body {
    #[inline]
    fn from(body: Incoming) -> Self {
        // A finished body becomes empty, which drops hyper's channel before the layers run.
        if body.is_end_stream() { Body::empty() } else { Body(Kind::Incoming(body, None)) }
    }
}

macro_rules! from_buffer {
    ($($ty:ty: $this:ident => $bytes:expr;)*) => { $(
        impl From<$ty> for Body {
            #[inline]
            fn from($this: $ty) -> Self {
                Body(Kind::Full($bytes))
            }
        }
    )* };
}
from_buffer! {
    Bytes: this => this;
    Vec<u8>: this => this.into();
    String: this => this.into();
    &'static str: this => Bytes::from_static(this.as_bytes());
    &'static [u8]: this => Bytes::from_static(this);
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    #[inline]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = match &mut self.0 {
            Kind::Empty | Kind::Read | Kind::Kept(_) | Kind::Parsed(_) => return Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Read;
                return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
            }
            Kind::Incoming(body, stall) => match (Pin::new(body).poll_frame(cx), stall) {
                (Poll::Ready(frame), stall) => {
                    if let (Some(stall), Some(Ok(frame))) = (stall, &frame) {
                        stall.received(frame.data_ref().map_or(0, Bytes::len));
                    }
                    Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
                }
                (Poll::Pending, Some(stall)) => stall.poll(cx).map(|err| Some(Err(err))),
                (Poll::Pending, None) => Poll::Pending,
            },
            Kind::Stream(boxed) => boxed.poll_frame(cx),
            Kind::Rest(body) => Pin::new(&mut **body).poll_frame(cx),
            Kind::Lent(body) => match Arc::get_mut(body) {
                Some(body) => {
                    let body = body.get_mut().unwrap_or_else(PoisonError::into_inner);
                    Pin::new(body).poll_frame(cx)
                }
                // The owner is still reading.
                None => return Poll::Ready(None),
            },
        };
        if let Poll::Ready(None | Some(Err(_))) = polled {
            // It may be polled again, which a stream need not support after its end.
            self.0 = Kind::Read;
        }
        polled
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty | Kind::Read | Kind::Kept(_) | Kind::Parsed(_) => true,
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Incoming(body, _) => body.is_end_stream(),
            Kind::Rest(body) => body.is_end_stream(),
            // `false` is allowed if the end is not known.
            Kind::Stream(_) | Kind::Lent(_) => false,
        }
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty | Kind::Read | Kind::Kept(_) | Kind::Parsed(_) => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Incoming(body, _) => body.size_hint(),
            Kind::Stream(boxed) => boxed.length,
            Kind::Rest(body) => body.size_hint(),
            Kind::Lent(_) => SizeHint::new(),
        }
    }
}

pin_project_lite::pin_project! {
    /// A foreign body with our data and error types.
    struct Converted<B> {
        #[pin]
        body: B,
    }
}

impl<B: HttpBody<Error: Into<BoxError>>> HttpBody for Converted<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let to_bytes = |mut data: B::Data| data.copy_to_bytes(data.remaining());
        self.project()
            .body
            .poll_frame(cx)
            .map(|frame| frame.map(|frame| frame.map(|frame| frame.map_data(to_bytes)).map_err(Into::into)))
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project_lite::pin_project! {
    /// The items of a stream as frames.
    struct Items<S> {
        #[pin]
        stream: S,
    }
}

impl<S, D, E> HttpBody for Items<S>
where
    S: Stream<Item = Result<D, E>>,
    D: Into<Bytes>,
    E: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.project()
            .stream
            .poll_next(cx)
            .map(|item| item.map(|item| item.map(|data| Frame::data(data.into())).map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use super::Body;
    use bytes::Bytes;
    use http_body::Body as _;
    use http_body_util::Full;

    /// A body that panics when it is polled after its end.
    struct Once(bool);

    impl futures_core::Stream for Once {
        type Item = std::io::Result<Bytes>;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            assert!(!self.0, "polled after its end");
            self.0 = true;
            std::task::Poll::Ready(None)
        }
    }

    #[tokio::test]
    async fn a_body_that_was_read_is_empty_from_then_on() {
        let mut body = Body::stream(Once(false));
        assert!(body.chunk().await.is_none());
        assert!(body.chunk().await.is_none());
        assert!(body.is_end_stream());
    }

    #[tokio::test]
    async fn the_length_of_a_body_is_what_is_left_to_read() {
        let mut body = Body::new(Full::new(Bytes::from("hello")));
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.chunk().await.unwrap().unwrap(), "hello");
        assert_eq!(body.size_hint().exact(), Some(0));
    }
}
