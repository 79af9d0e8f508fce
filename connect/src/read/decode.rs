//! Decoding `Content-Encoding`, chunk by chunk as the body arrives, and never beyond a limit.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http::{HeaderMap, header};

use super::error::{BodyError, BodyErrorKind};

/// The size of a decoder's output buffer, in bytes.
const BUFFER_SIZE: usize = 8 * 1024;

/// An encoding of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    /// In zlib format (RFC 9110, section 8.4.1.2).
    Deflate,
    Brotli,
}

impl Coding {
    /// The encoding that the headers name.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, BodyError> {
        let mut coding = Coding::Identity;
        for line in headers.get_all(header::CONTENT_ENCODING) {
            for name in line.to_str().unwrap_or("?").split(',').map(str::trim) {
                coding = match (coding, &*name.to_ascii_lowercase()) {
                    (coding, "" | "identity") => coding,
                    (Coding::Identity, "gzip" | "x-gzip") => Coding::Gzip,
                    (Coding::Identity, "deflate") => Coding::Deflate,
                    (Coding::Identity, "br") => Coding::Brotli,
                    _ => {
                        let what = "the body's Content-Encoding is not one of gzip, deflate and br";
                        return Err(BodyError::new(BodyErrorKind::Encoding, what));
                    }
                };
            }
        }
        Ok(coding)
    }
}

/// Decodes a body from its chunks.
pub(super) struct Decoder {
    kind: Kind,
    /// How many encoded bytes may follow. There can be slightly more than decoded ones, by what an encoding adds to
    /// data that it cannot compress.
    left: u64,
    limit: u64,
}

enum Kind {
    /// A single chunk is the body itself, and not copied.
    One(Bytes),
    Plain(Limited),
    // Boxed: decoders are large, most bodies need none, and a reader's future holds this.
    Gzip(Box<MultiGzDecoder<Limited>>),
    Deflate(Box<Zlib>),
    /// With whether the first byte has arrived.
    Brotli(Box<DecompressorWriter<Limited>>, bool),
}

impl Decoder {
    pub(super) fn new(coding: Coding, limit: u64) -> Self {
        let out = Limited::new(limit);
        let kind = match coding {
            Coding::Identity => Kind::One(Bytes::new()),
            Coding::Gzip => Kind::Gzip(Box::new(MultiGzDecoder::new(out))),
            Coding::Deflate => Kind::Deflate(Box::new(Zlib::new(out))),
            Coding::Brotli => Kind::Brotli(Box::new(DecompressorWriter::new(out, BUFFER_SIZE)), false),
        };
        Decoder { kind, left: longest(coding, limit), limit }
    }

    /// Decodes the next chunk.
    pub(super) fn push(&mut self, chunk: Bytes) -> Result<(), BodyError> {
        self.left = match self.left.checked_sub(chunk.len() as u64) {
            Some(left) => left,
            None => return Err(BodyError::too_large(self.limit, None)),
        };
        let written = match &mut self.kind {
            Kind::One(one) if one.is_empty() => {
                *one = chunk;
                return Ok(());
            }
            Kind::One(one) => {
                let mut out = Limited::new(self.limit);
                let written = out.write_all(one).and_then(|()| out.write_all(&chunk));
                self.kind = Kind::Plain(out);
                written
            }
            Kind::Plain(out) => out.write_all(&chunk),
            Kind::Gzip(decoder) => decoder.write_all(&chunk),
            Kind::Deflate(decoder) => decoder.write(&chunk),
            Kind::Brotli(decoder, begun) => {
                let first = if *begun { None } else { chunk.first() };
                if first.is_some_and(|&first| brotli_window(first) > self.limit.max(WINDOW)) {
                    return Err(BodyError::too_large(self.limit, None));
                }
                *begun |= first.is_some();
                decoder.write_all(&chunk)
            }
        };
        written.map_err(|err| self.wrong(err))
    }

    /// Returns the decoded body.
    pub(super) fn finish(mut self) -> Result<Bytes, BodyError> {
        let finished = match &mut self.kind {
            Kind::One(_) | Kind::Plain(_) => Ok(()),
            Kind::Gzip(decoder) => decoder.try_finish(),
            Kind::Deflate(decoder) => decoder.finish(),
            Kind::Brotli(decoder, _) => decoder.close(),
        };
        finished.map_err(|err| self.wrong(err))?;
        Ok(match self.kind {
            Kind::One(one) => one,
            Kind::Plain(out) => out.bytes.into(),
            Kind::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes).into(),
            Kind::Deflate(decoder) => decoder.out.bytes.into(),
            Kind::Brotli(mut decoder, _) => std::mem::take(&mut decoder.get_mut().bytes).into(),
        })
    }

    fn wrong(&self, err: io::Error) -> BodyError {
        let exceeded = match &self.kind {
            Kind::One(_) => false,
            Kind::Plain(out) => out.exceeded,
            Kind::Gzip(decoder) => decoder.get_ref().exceeded,
            Kind::Deflate(decoder) => decoder.out.exceeded,
            Kind::Brotli(decoder, _) => decoder.get_ref().exceeded,
        };
        if exceeded {
            return BodyError::too_large(self.limit, None);
        }
        BodyError::malformed("the body is not valid in its Content-Encoding").with_source(err)
    }
}

/// How large brotli's window may be, in bytes, unless the limit is higher. Encoders use a larger one only for longer
/// bodies.
const WINDOW: u64 = 1 << 22;

/// The window that the first byte asks for, if it is larger (RFC 7932, section 9.1).
const fn brotli_window(first: u8) -> u64 {
    match first & 0b1111 {
        0b1101 => 1 << 23,
        0b1111 => 1 << 24,
        _ => WINDOW,
    }
}

/// How many encoded bytes can decode to a body within the limit.
pub(super) fn longest(coding: Coding, limit: u64) -> u64 {
    match coding {
        Coding::Identity => limit,
        // Encodings add a few bytes to each incompressible block, and a header and a trailer.
        Coding::Gzip | Coding::Deflate | Coding::Brotli => limit.saturating_add(limit / 256 + 1024),
    }
}

/// Collects bytes up to a limit, and notes if there were more.
struct Limited {
    bytes: Vec<u8>,
    limit: u64,
    exceeded: bool,
}

impl Limited {
    fn new(limit: u64) -> Self {
        Limited { bytes: Vec::new(), limit, exceeded: false }
    }
}

impl Write for Limited {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + chunk.len()) as u64 > self.limit {
            self.exceeded = true;
            return Err(io::Error::other("the limit is exceeded"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A zlib writer of our own: flate2's accepts a stream that ends too early.
struct Zlib {
    inflate: Decompress,
    out: Limited,
    ended: bool,
}

impl Zlib {
    fn new(out: Limited) -> Self {
        Zlib { inflate: Decompress::new(true), out, ended: false }
    }

    fn write(&mut self, mut chunk: &[u8]) -> io::Result<()> {
        let mut buffer = [0; BUFFER_SIZE];
        while !self.ended {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(chunk, &mut buffer, FlushDecompress::None)?;
            // Both differences are lengths of buffers in memory, so they fit.
            let read = (self.inflate.total_in() - read) as usize;
            let written = (self.inflate.total_out() - written) as usize;
            self.out.write_all(&buffer[..written])?;
            chunk = &chunk[read..];
            self.ended = status == Status::StreamEnd;
            // If the buffer is full, the decoder may have more output for the same input.
            if !self.ended && chunk.is_empty() && written < buffer.len() {
                return Ok(());
            }
            if !self.ended && read == 0 && written == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        if chunk.is_empty() { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn finish(&self) -> io::Result<()> {
        if self.ended { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests;
