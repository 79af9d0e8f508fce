//! The body that is a part of a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::BoxError;

/// How much is read at a time. A file that is no longer than this is read as a whole.
pub(super) const CHUNK: u64 = 64 * 1024;

/// A part of a file, read as it is sent.
///
/// Its length is fixed: of a file that grows only so much is sent, and one that becomes shorter is an error, since the
/// length is on the wire already.
#[derive(Debug)]
pub(super) struct FileBody {
    state: State,
    left: u64,
}

#[derive(Debug)]
enum State {
    Idle(File),
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Done,
}

impl FileBody {
    /// The file stands where the part begins.
    pub(super) fn new(file: File, length: u64) -> Self {
        FileBody { state: State::Idle(file), left: length }
    }
}

/// Reads a part of a file as a whole.
pub(super) fn read_part(file: &mut File, start: u64, length: u64) -> io::Result<Bytes> {
    seek(file, start)?;
    let bytes = read(file, length)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(shorter()) }
}

/// Goes to where a part begins.
pub(super) fn seek(file: &mut File, start: u64) -> io::Result<()> {
    if start > 0 {
        file.seek(SeekFrom::Start(start))?;
    }
    Ok(())
}

fn read(file: &mut File, length: u64) -> io::Result<Bytes> {
    // Never more than a chunk, so it fits.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn shorter() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was sent")
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Idle(mut file) => {
                    let length = self.left.min(CHUNK);
                    self.state = State::Reading(spawn_blocking(move || {
                        let bytes = read(&mut file, length)?;
                        Ok((file, bytes))
                    }));
                }
                State::Reading(mut reading) => {
                    let polled = Pin::new(&mut reading).poll(cx);
                    if polled.is_pending() {
                        self.state = State::Reading(reading);
                        return Poll::Pending;
                    }
                    let (file, bytes) = ready!(polled)??;
                    if bytes.is_empty() {
                        return Poll::Ready(Some(Err(shorter().into())));
                    }
                    self.left -= bytes.len() as u64;
                    self.state = State::Idle(file);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
