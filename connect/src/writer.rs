//! A body that is written piece by piece.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;

use crate::error::BoxError;
use crate::{Response, Result};

/// Writes the body of an answer; see [`res.write`](Response::write).
pub struct Writer {
    to: mpsc::Sender<Bytes>,
}

impl Writer {
    /// Writes a piece. It waits until the one before it was taken, and so the connection decides on the pace.
    ///
    /// # Errors
    /// `BrokenPipe` if nobody reads any longer.
    pub async fn write(&mut self, piece: impl Into<Bytes>) -> io::Result<()> {
        let piece = piece.into();
        // An empty chunk would be the end of a chunked body.
        if piece.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads the body any longer");
        self.to.send(piece).await.map_err(gone)
    }

    /// Writes the last piece.
    ///
    /// # Errors
    /// As [`write`](Writer::write).
    pub async fn end(mut self, piece: impl Into<Bytes>) -> io::Result<()> {
        self.write(piece).await
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Response {
    /// Answers with a body that is written piece by piece, as Node's `res.write` and `res.end` do.
    ///
    /// The head goes out first; then the function runs, as part of the connection: it waits while the client does not
    /// read, and is dropped when the client leaves. When it is over, so is the body. It cannot borrow from the request. A piece is sent when it was written,
    /// without waiting for the next.
    ///
    /// # Errors
    /// As [`send`](Response::send). An error of the function comes when the status has gone out: the body ends
    /// without its proper end, which the client sees, and it is logged.
    ///
    /// ```
    /// use connect::{app, get, Response, Result};
    ///
    /// #[get("/numbers")]
    /// async fn numbers(res: &mut Response) -> Result {
    ///     res.set("content-type", "text/plain").write(async |mut out| {
    ///         for number in 0..1000 {
    ///             out.write(format!("{number}\n")).await?;
    ///         }
    ///         out.end("done\n").await
    ///     })
    /// }
    ///
    /// let app = app![numbers];
    /// ```
    pub fn write<W, F, E>(&mut self, write: W) -> Result
    where
        W: FnOnce(Writer) -> F,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let (to, pieces) = mpsc::channel(1);
        self.stream(Written { writing: write(Writer { to }), over: false, pieces, failed: None })
    }
}

pin_project_lite::pin_project! {
    /// The writing, and what was written.
    struct Written<F> {
        #[pin]
        writing: F,
        over: bool,
        pieces: mpsc::Receiver<Bytes>,
        failed: Option<BoxError>,
    }
}

impl<F: Future<Output = Result<(), E>>, E: Into<BoxError>> Stream for Written<F> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        // What is there goes out before more is written.
        if let Poll::Ready(Some(piece)) = this.pieces.poll_recv(cx) {
            return Poll::Ready(Some(Ok(piece)));
        }
        if !*this.over
            && let Poll::Ready(result) = this.writing.poll(cx)
        {
            *this.over = true;
            *this.failed = result.err().map(Into::into);
        }
        match this.pieces.poll_recv(cx) {
            Poll::Ready(Some(piece)) => Poll::Ready(Some(Ok(piece))),
            // The writer is gone.
            Poll::Ready(None) if *this.over => Poll::Ready(this.failed.take().map(Err)),
            // It was given to somebody else, who still writes; or the function has dropped it and does something else.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
