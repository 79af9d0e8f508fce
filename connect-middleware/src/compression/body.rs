//! A body that is compressed while it is sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use connect::Body;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame};

use super::encoder::Encoder;

/// How many bytes are compressed before other tasks have their turn.
const STEP: usize = 32 * 1024;

pub(super) struct Compressed {
    body: Body,
    encoder: Encoder,
    /// What the body has given, and is not compressed.
    input: Bytes,
    /// The encoder has bytes that it has not put out.
    is_unflushed: bool,
    stage: Stage,
    trailers: Option<HeaderMap>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Reading,
    /// All is compressed, and trailers may follow.
    Finished,
    Ended,
}

impl Compressed {
    pub(super) fn new(body: Body, encoder: Encoder) -> Self {
        let (input, stage) = (Bytes::new(), Stage::Reading);
        Compressed { body, encoder, input, is_unflushed: false, stage, trailers: None }
    }

    /// Compresses a part of what the body has given.
    fn step(&mut self) -> io::Result<Bytes> {
        let length = STEP.min(self.input.len());
        self.encoder.write(&self.input[..length])?;
        self.input.advance(length);
        self.is_unflushed = true;
        Ok(self.encoder.take())
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Polled = Poll<Option<Result<Frame<Bytes>, BoxError>>>;

/// Output, if there is any.
fn frame(output: Bytes) -> Option<Polled> {
    (!output.is_empty()).then(|| Poll::Ready(Some(Ok(Frame::data(output)))))
}

impl HttpBody for Compressed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = &mut *self;
        // What compresses well has no output for a long time.
        for _ in 0..8 {
            match this.stage {
                Stage::Reading => {}
                Stage::Finished => {
                    this.stage = Stage::Ended;
                    if let Some(trailers) = this.trailers.take() {
                        return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                    }
                    return Poll::Ready(None);
                }
                Stage::Ended => return Poll::Ready(None),
            }
            if !this.input.is_empty() {
                if let Some(frame) = frame(this.step()?) {
                    return frame;
                }
                continue;
            }
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Pending if this.is_unflushed => {
                    this.is_unflushed = false;
                    this.encoder.flush()?;
                    return frame(this.encoder.take()).unwrap_or(Poll::Pending);
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(one))) => match one.into_data() {
                    Ok(data) => this.input = data,
                    Err(one) => this.trailers = one.into_trailers().ok(),
                },
                Poll::Ready(Some(Err(err))) => {
                    this.stage = Stage::Ended;
                    return Poll::Ready(Some(Err(err)));
                }
                Poll::Ready(None) => {
                    this.stage = Stage::Finished;
                    this.encoder.finish()?;
                    if let Some(frame) = frame(this.encoder.take()) {
                        return frame;
                    }
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
