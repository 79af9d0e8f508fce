//! The body of a multipart form as the parser reads it: in chunks of a bounded size, and with a limit on what it may
//! buffer.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::error::BoxError;
use crate::read::error::BodyError;
use crate::{Body, Result};

/// The longest chunk that the parser gets, in bytes: it searches everything that it has buffered.
const LONGEST: usize = 64 * 1024;

/// Chunks shorter than this many bytes are joined as far as the client has sent them, since each costs the parser a
/// search.
const SHORT: usize = 4 * 1024;

/// How many bytes the parser may still buffer before it has to have found the next part.
///
/// The parser has no such limit of its own: it buffers everything in front of the first boundary, and a part's head,
/// until their end arrives, and searches all of it again with each chunk.
#[derive(Debug, Clone)]
pub(super) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// The content of a part, which is not buffered, has no limit.
    const CONTENT: usize = usize::MAX;

    /// Sets the number of bytes within which a head has to end.
    pub(super) fn head(&self, bytes: usize) {
        // One thread at a time uses the parser, and passing it to another thread synchronizes.
        self.0.store(bytes.min(Self::CONTENT - 1), Ordering::Relaxed);
    }

    pub(super) fn content(&self) {
        self.0.store(Self::CONTENT, Ordering::Relaxed);
    }

    /// How long the next chunk may be.
    fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) {
        let left = self.left();
        if left != Self::CONTENT {
            self.0.store(left.saturating_sub(bytes), Ordering::Relaxed);
        }
    }
}

/// The chunks of a body, one for each poll: otherwise the parser would buffer all that has arrived.
pub(super) struct Chunks {
    body: Arc<Mutex<Body>>,
    allowance: Allowance,
    /// The rest of a long chunk.
    rest: Bytes,
    /// Short chunks that are being joined.
    short: BytesMut,
    /// How the body ended, to be returned after the short chunks.
    end: Option<Option<BoxError>>,
    pause: bool,
    /// Whether the body has been polled once more for further short chunks.
    waited: bool,
}

impl Chunks {
    pub(super) fn new(body: Arc<Mutex<Body>>) -> (Self, Allowance) {
        let allowance = Allowance(Arc::new(AtomicUsize::new(Allowance::CONTENT)));
        let chunks = Chunks {
            body,
            allowance: allowance.clone(),
            rest: Bytes::new(),
            short: BytesMut::new(),
            end: None,
            pause: false,
            waited: false,
        };
        (chunks, allowance)
    }

    /// Reads the next chunk into `rest`, which stays empty at the end of the body.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        // At most as many chunks as bytes: any more would be empty, and must not keep the thread busy.
        for _ in 0..SHORT {
            if self.short.len() >= SHORT {
                break;
            }
            let polled = match self.end.take() {
                Some(None) => Poll::Ready(None),
                Some(Some(err)) => Poll::Ready(Some(Err(err))),
                None => body.poll_data(cx),
            };
            match polled {
                Poll::Ready(Some(Ok(chunk))) => {
                    self.waited = false;
                    if self.short.is_empty() && chunk.len() >= SHORT {
                        self.rest = chunk;
                        return Poll::Ready(Ok(()));
                    }
                    self.short.extend_from_slice(&chunk);
                }
                Poll::Ready(end) if self.short.is_empty() => {
                    return Poll::Ready(end.map_or(Ok(()), |end| end.map(drop)));
                }
                Poll::Ready(end) => {
                    self.end = Some(end.and_then(Result::err));
                    break;
                }
                Poll::Pending if self.short.is_empty() => return Poll::Pending,
                // hyper returns one chunk, and reads the next one when it is polled again.
                Poll::Pending if !self.waited => {
                    self.waited = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                // The client pauses, and may be waiting for a response to what it has sent.
                Poll::Pending => break,
            }
        }
        if self.short.is_empty() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        self.rest = self.short.split().freeze();
        Poll::Ready(Ok(()))
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let left = self.allowance.left();
        if left == 0 {
            return Poll::Ready(Some(Err(TooLong.into())));
        }
        if self.rest.is_empty()
            && let Err(err) = std::task::ready!(self.poll_rest(cx))
        {
            return Poll::Ready(Some(Err(err)));
        }
        let length = self.rest.len().min(LONGEST).min(left);
        let chunk = self.rest.split_to(length);
        if chunk.is_empty() {
            return Poll::Ready(None);
        }
        self.allowance.take(length);
        self.pause = true;
        Poll::Ready(Some(Ok(chunk)))
    }
}

/// No part began within the [`Allowance`].
#[derive(Debug)]
pub(super) struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the head of a part does not end within its limit")
    }
}

impl std::error::Error for TooLong {}

impl TooLong {
    pub(super) fn into_body_error(self, limit: usize) -> BodyError {
        BodyError::too_large_head(limit).with_source(self)
    }
}
