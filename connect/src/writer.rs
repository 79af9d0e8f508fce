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

/// Writes the body of a response; see [`res.write`](Response::write).
pub struct Writer {
    to: mpsc::Sender<Bytes>,
}

impl Writer {
    /// Writes a piece. It waits until the connection has taken the one before, so the client's reading sets the pace.
    ///
    /// # Errors
    /// An [`io::Error`] of the kind `BrokenPipe` if the response is over, for example because the client has disconnected.
    pub async fn write(&mut self, piece: impl Into<Bytes>) -> Result<()> {
        let piece = piece.into();
        // An empty chunk would be the end of a chunked body.
        if piece.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the body is no longer read");
        Ok(self.to.send(piece).await.map_err(gone)?)
    }

    /// Writes the last piece.
    ///
    /// # Errors
    /// As [`write`](Writer::write).
    pub async fn end(mut self, piece: impl Into<Bytes>) -> Result<()> {
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
    /// The head is sent first; then the function runs, as part of the connection: it waits while the client does not read,
    /// and is dropped when the server notices that the client has disconnected, as with [`stream`](Response::stream). The body ends when the function returns. The function cannot borrow from
    /// the request; it takes a clone of what it needs of the application's state, such as an `Arc`. Each piece is sent at once,
    /// without waiting for the next. `?` takes any error, as in a layer.
    ///
    /// # Errors
    /// As [`send`](Response::send). If the function fails, the status is sent already: the error is logged, and the body is
    /// cut off, which the client notices.
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
    pub fn write<W, F>(&mut self, write: W) -> Result
    where
        W: FnOnce(Writer) -> F,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let (to, pieces) = mpsc::channel(1);
        self.stream(Written { writing: write(Writer { to }), over: false, pieces, failed: None })
    }
}

pin_project_lite::pin_project! {
    /// The function that writes, and the pieces that it has written.
    struct Written<F> {
        #[pin]
        writing: F,
        over: bool,
        pieces: mpsc::Receiver<Bytes>,
        failed: Option<BoxError>,
    }
}

impl<F: Future<Output = Result<()>>> Stream for Written<F> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        // A piece that is there is sent before more is written.
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
            // The function gave it to another task, which still writes; or dropped it, and does something else.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
