//! Bodies that are read from a file, or are parts of one in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::content::Source;
use super::parts::{Part, Parts};
use crate::error::BoxError;

/// How many bytes are read at a time. A file that is not longer is read as a whole.
pub(super) const CHUNK: u64 = 64 * 1024;

/// Parts of a file, read as they are sent.
///
/// The length is fixed, since the head has been sent: of a file that grows only so much is sent, and a file that
/// becomes shorter is an error.
#[derive(Debug)]
pub(super) struct FileBody {
    state: State,
    part: Part,
    /// The parts after it.
    later: std::vec::IntoIter<Part>,
    /// The bytes that are sent after the last part.
    end: Bytes,
    /// How many bytes are left in all.
    left: u64,
}

#[derive(Debug)]
enum State {
    Idle(Source),
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Done,
}

impl FileBody {
    pub(super) fn new(source: Source, start: u64, length: u64) -> Self {
        FileBody {
            state: State::Idle(source),
            part: Part { head: Bytes::new(), start, left: length },
            later: Vec::new().into_iter(),
            end: Bytes::new(),
            left: length,
        }
    }

    pub(super) fn of_parts(source: Source, parts: Parts) -> Self {
        let left = parts.length();
        let part = Part { head: Bytes::new(), start: 0, left: 0 };
        FileBody { state: State::Idle(source), part, later: parts.parts.into_iter(), end: parts.end, left }
    }

    /// The bytes in front of the part, or after the last one.
    fn text(&mut self) -> Option<Bytes> {
        if self.part.left == 0 && self.part.head.is_empty() {
            match self.later.next() {
                Some(part) => self.part = part,
                None => return Some(std::mem::take(&mut self.end)).filter(|end| !end.is_empty()),
            }
        }
        Some(std::mem::take(&mut self.part.head)).filter(|head| !head.is_empty())
    }
}

/// A part of a file in memory, in which it lies.
pub(super) fn part_of(bytes: &Bytes, start: u64, length: u64) -> Bytes {
    // No part ends after the last byte, whose place fits.
    let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(place(start)..place(start + length))
}

/// Reads a part of a file as a whole.
pub(super) fn read_part(file: &mut File, start: u64, length: u64) -> io::Result<Bytes> {
    seek(file, start)?;
    let bytes = read(file, length)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(shorter()) }
}

fn seek(file: &mut File, start: u64) -> io::Result<()> {
    if file.stream_position()? != start {
        file.seek(SeekFrom::Start(start))?;
    }
    Ok(())
}

fn read(file: &mut File, length: u64) -> io::Result<Bytes> {
    // At most a chunk, so it fits.
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
                State::Idle(source) => {
                    if let Some(text) = self.text() {
                        self.left -= text.len() as u64;
                        self.state = State::Idle(source);
                        return Poll::Ready(Some(Ok(Frame::data(text))));
                    }
                    let mut file = match source {
                        Source::File(file) => file,
                        Source::Bytes(bytes) => {
                            let part = part_of(&bytes, self.part.start, self.part.left);
                            self.left -= self.part.left;
                            self.part.left = 0;
                            self.state = State::Idle(Source::Bytes(bytes));
                            return Poll::Ready(Some(Ok(Frame::data(part))));
                        }
                    };
                    let (start, length) = (self.part.start, self.part.left.min(CHUNK));
                    self.state = State::Reading(spawn_blocking(move || {
                        seek(&mut file, start)?;
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
                    let length = bytes.len() as u64;
                    self.left -= length;
                    self.part.left -= length;
                    self.part.start += length;
                    self.state = State::Idle(Source::File(file));
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
