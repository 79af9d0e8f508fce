//! The bodies in both directions: each piece is sent on when it arrives, and none is asked for before there is room for it.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use connect::{Body, BodyError};
use http::StatusCode;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

/// Why a body could not be sent to the target: not the target's fault.
#[derive(Debug)]
pub(super) enum Broken {
    /// Longer than the limit.
    TooLong,
    /// The client has left, was too slow, or sent something malformed.
    Client(BodyError),
}

impl Broken {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Broken::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Broken::Client(err) => err.status(),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::TooLong => f.write_str("the body is longer than the proxy's limit"),
            Broken::Client(err) => err.fmt(f),
        }
    }
}

impl StdError for Broken {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Broken::TooLong => None,
            // It is displayed as this one is.
            Broken::Client(err) => err.source(),
        }
    }
}

/// How far a request body is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) pieces: AtomicU64,
    /// The target would take more, and the client has not sent it yet.
    pub(super) waits_for_client: AtomicBool,
}

/// A request body on its way to the target.
pub(super) struct Sent {
    body: Body,
    /// How many bytes may follow.
    left: u64,
    progress: Option<Arc<Progress>>,
}

impl Sent {
    pub(super) fn new(body: Body, limit: u64, progress: Option<Arc<Progress>>) -> Self {
        Sent { body, left: limit, progress }
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(progress) = &self.progress {
            progress.waits_for_client.store(polled.is_pending(), Relaxed);
            if polled.is_ready() {
                progress.pieces.fetch_add(1, Relaxed);
            }
        }
        polled.map(|frame| {
            Some(match frame? {
                Ok(frame) => {
                    let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                    match self.left.checked_sub(bytes) {
                        Some(left) => {
                            self.left = left;
                            Ok(frame)
                        }
                        None => Err(Broken::TooLong),
                    }
                }
                Err(err) => Err(Broken::Client(BodyError::unreadable(err))),
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The target's response body.
pub(super) struct Received {
    body: Incoming,
    idle: Option<Idle>,
}

struct Idle {
    limit: Duration,
    // In a box, since a body may be moved and a timer may not. One for each response that has a limit.
    sleep: Pin<Box<Sleep>>,
    /// Time counts only while the client waits: one that does not read asks for nothing.
    counts: bool,
}

impl Received {
    pub(super) fn new(body: Incoming, idle: Option<Duration>) -> Self {
        let idle =
            idle.map(|limit| Idle { limit, sleep: Box::pin(tokio::time::sleep(limit)), counts: false });
        Received { body, idle }
    }
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let Some(idle) = &mut self.idle else {
            return polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        };
        if polled.is_ready() {
            idle.counts = false;
            return polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        }
        if !idle.counts {
            idle.counts = true;
            idle.sleep.as_mut().reset(Instant::now() + idle.limit);
        }
        idle.sleep
            .as_mut()
            .poll(cx)
            .map(|()| Some(Err("the upstream server stopped sending its response".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
