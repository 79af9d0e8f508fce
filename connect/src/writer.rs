//! Bodies that a function writes in chunks.

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
    /// Writes a chunk. It waits until the connection has taken the one before, so that writing is as fast as the client
    /// reads.
    ///
    /// # Errors
    /// An [`io::Error`] of the kind `BrokenPipe` if the response has ended, for example because the client has disconnected.
    pub async fn write(&mut self, chunk: impl Into<Bytes>) -> Result<()> {
        let chunk = chunk.into();
        // An empty chunk would be the end of a chunked body.
        if chunk.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the body is no longer read");
        Ok(self.to.send(chunk).await.map_err(gone)?)
    }

    /// Writes the last chunk.
    ///
    /// # Errors
    /// As [`write`](Writer::write).
    pub async fn end(mut self, chunk: impl Into<Bytes>) -> Result<()> {
        self.write(chunk).await
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Response {
    /// Answers with a body that a function writes in chunks, as with Node's `res.write` and `res.end`.
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
        let (to, chunks) = mpsc::channel(1);
        self.stream(Written { writing: write(Writer { to }), over: false, chunks, failed: None })
    }
}

pin_project_lite::pin_project! {
    /// The function that writes, and the chunks that it has written.
    struct Written<F> {
        #[pin]
        writing: F,
        over: bool,
        chunks: mpsc::Receiver<Bytes>,
        failed: Option<BoxError>,
    }
}

impl<F: Future<Output = Result<()>>> Stream for Written<F> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        // A written chunk is sent before the function continues.
        if let Poll::Ready(Some(chunk)) = this.chunks.poll_recv(cx) {
            return Poll::Ready(Some(Ok(chunk)));
        }
        if !*this.over
            && let Poll::Ready(result) = this.writing.poll(cx)
        {
            *this.over = true;
            *this.failed = result.err().map(Into::into);
        }
        match this.chunks.poll_recv(cx) {
            Poll::Ready(Some(chunk)) => Poll::Ready(Some(Ok(chunk))),
            // The writer was dropped.
            Poll::Ready(None) if *this.over => Poll::Ready(this.failed.take().map(Err)),
            // The function has moved the writer to another task, or has dropped it and not returned yet.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}
