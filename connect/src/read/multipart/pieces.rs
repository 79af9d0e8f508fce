//! The body of a multipart form as the parser gets it: in pieces of a bounded size, and only so much of it at once.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::error::BoxError;
use crate::read::error::BodyError;
use crate::{Body, Result};

/// The longest piece that the parser gets. It searches all that it has buffered.
const LONGEST: usize = 64 * 1024;

/// Shorter pieces are put together as far as the client has sent them: each costs the parser a search.
const SHORT: usize = 4 * 1024;

/// How many bytes the parser may still buffer before it has to have found the next part.
///
/// The parser itself knows no such limit: it keeps what stands in front of the first boundary, and a part's head, until the
/// end comes, and searches all of it again with each piece.
#[derive(Debug, Clone)]
pub(super) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// The content of a part follows, which is handed on as it comes.
    const CONTENT: usize = usize::MAX;

    /// A head has to end within so many bytes.
    pub(super) fn head(&self, bytes: usize) {
        // One thread at a time has the parser, and whatever hands it to another one synchronizes.
        self.0.store(bytes.min(Self::CONTENT - 1), Ordering::Relaxed);
    }

    pub(super) fn content(&self) {
        self.0.store(Self::CONTENT, Ordering::Relaxed);
    }

    /// How long the next piece may be.
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

/// The pieces of a body, one a poll: the parser would keep all that it can get.
pub(super) struct Pieces {
    body: Arc<Mutex<Body>>,
    allowance: Allowance,
    /// What is left of a long piece.
    rest: Bytes,
    /// Short pieces that are being put together.
    short: BytesMut,
    /// How the body ended, once the short pieces in front of it are out.
    end: Option<Option<BoxError>>,
    pause: bool,
    /// The client was given a second chance to send more.
    waited: bool,
}

impl Pieces {
    pub(super) fn new(body: Arc<Mutex<Body>>) -> (Self, Allowance) {
        let allowance = Allowance(Arc::new(AtomicUsize::new(Allowance::CONTENT)));
        let pieces = Pieces {
            body,
            allowance: allowance.clone(),
            rest: Bytes::new(),
            short: BytesMut::new(),
            end: None,
            pause: false,
            waited: false,
        };
        (pieces, allowance)
    }

    /// Gets the next piece into `rest`. It stays empty at the end of the body.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        // As many pieces as there are bytes to gather: more are empty ones, and no reason to keep the thread.
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
                Poll::Ready(Some(Ok(piece))) => {
                    self.waited = false;
                    if self.short.is_empty() && piece.len() >= SHORT {
                        self.rest = piece;
                        return Poll::Ready(Ok(()));
                    }
                    self.short.extend_from_slice(&piece);
                }
                Poll::Ready(end) if self.short.is_empty() => {
                    return Poll::Ready(end.map_or(Ok(()), |end| end.map(drop)));
                }
                Poll::Ready(end) => {
                    self.end = Some(end.and_then(Result::err));
                    break;
                }
                Poll::Pending if self.short.is_empty() => return Poll::Pending,
                // hyper hands over one chunk, and looks for the next one when it is polled again.
                Poll::Pending if !self.waited => {
                    self.waited = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                // The client pauses, and may wait for what becomes of what it has sent.
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

impl Stream for Pieces {
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
        let piece = self.rest.split_to(length);
        if piece.is_empty() {
            return Poll::Ready(None);
        }
        self.allowance.take(length);
        self.pause = true;
        Poll::Ready(Some(Ok(piece)))
    }
}

/// No part began within what the [`Allowance`] was.
#[derive(Debug)]
pub(super) struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the head of a part has no end")
    }
}

impl std::error::Error for TooLong {}

impl TooLong {
    pub(super) fn into_body_error(self, limit: usize) -> BodyError {
        BodyError::too_large_head(limit).with_source(self)
    }
}
