//! Decodes what `Content-Encoding` says, piece by piece as it comes, and never beyond a limit.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http::{HeaderMap, header};

use super::error::{BodyError, BodyErrorKind};

/// How many bytes a decoder hands on at a time.
const PIECE: usize = 8 * 1024;

/// An encoding of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    /// In the format of zlib, as RFC 9110, section 8.4.1.2, has it.
    Deflate,
    Brotli,
}

impl Coding {
    /// What the headers say.
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

/// Takes a body in pieces, and gives it decoded.
pub(super) struct Decoder {
    kind: Kind,
    /// How many encoded bytes there may be: more than decoded ones only by what an encoding adds to what it cannot
    /// make smaller.
    left: u64,
    limit: u64,
}

enum Kind {
    /// As long as there is one piece, it is the body, and not copied.
    One(Bytes),
    Plain(Limited),
    // Decoders are large, most bodies have none, and the future of a reader holds this.
    Gzip(Box<MultiGzDecoder<Limited>>),
    Deflate(Box<Zlib>),
    /// And whether its first byte was there.
    Brotli(Box<DecompressorWriter<Limited>>, bool),
}

impl Decoder {
    pub(super) fn new(coding: Coding, limit: u64) -> Self {
        let out = Limited::new(limit);
        let kind = match coding {
            Coding::Identity => Kind::One(Bytes::new()),
            Coding::Gzip => Kind::Gzip(Box::new(MultiGzDecoder::new(out))),
            Coding::Deflate => Kind::Deflate(Box::new(Zlib::new(out))),
            Coding::Brotli => Kind::Brotli(Box::new(DecompressorWriter::new(out, PIECE)), false),
        };
        Decoder { kind, left: longest(coding, limit), limit }
    }

    /// The next piece.
    pub(super) fn push(&mut self, piece: Bytes) -> Result<(), BodyError> {
        self.left = match self.left.checked_sub(piece.len() as u64) {
            Some(left) => left,
            None => return Err(BodyError::too_large(self.limit, None)),
        };
        let written = match &mut self.kind {
            Kind::One(one) if one.is_empty() => {
                *one = piece;
                return Ok(());
            }
            Kind::One(one) => {
                let mut out = Limited::new(self.limit);
                let written = out.write_all(one).and_then(|()| out.write_all(&piece));
                self.kind = Kind::Plain(out);
                written
            }
            Kind::Plain(out) => out.write_all(&piece),
            Kind::Gzip(decoder) => decoder.write_all(&piece),
            Kind::Deflate(decoder) => decoder.write(&piece),
            Kind::Brotli(decoder, begun) => {
                let first = if *begun { None } else { piece.first() };
                if first.is_some_and(|&first| brotli_window(first) > self.limit.max(WINDOW)) {
                    return Err(BodyError::too_large(self.limit, None));
                }
                *begun |= first.is_some();
                decoder.write_all(&piece)
            }
        };
        written.map_err(|err| self.wrong(err))
    }

    /// All that was decoded.
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
        let passed = match &self.kind {
            Kind::One(_) => false,
            Kind::Plain(out) => out.passed,
            Kind::Gzip(decoder) => decoder.get_ref().passed,
            Kind::Deflate(decoder) => decoder.out.passed,
            Kind::Brotli(decoder, _) => decoder.get_ref().passed,
        };
        if passed {
            return BodyError::too_large(self.limit, None);
        }
        BodyError::malformed("the body is not encoded as its Content-Encoding says").with_source(err)
    }
}

/// How much memory a stream of brotli may want beside what it decodes to, in bytes, unless the limit is higher. Encoders
/// take more only for bodies that are longer.
const WINDOW: u64 = 1 << 22;

/// How much it wants, if that is more: what the first byte says (RFC 7932, section 9.1).
const fn brotli_window(first: u8) -> u64 {
    match first & 0b1111 {
        0b1101 => 1 << 23,
        0b1111 => 1 << 24,
        _ => WINDOW,
    }
}

/// How many encoded bytes can be within the limit once they are decoded.
pub(super) fn longest(coding: Coding, limit: u64) -> u64 {
    match coding {
        Coding::Identity => limit,
        // A few bytes for each block that could not be made smaller, and a head and a tail.
        Coding::Gzip | Coding::Deflate | Coding::Brotli => limit.saturating_add(limit / 256 + 1024),
    }
}

/// Collects bytes up to a limit, and says when there were more.
struct Limited {
    bytes: Vec<u8>,
    limit: u64,
    passed: bool,
}

impl Limited {
    fn new(limit: u64) -> Self {
        Limited { bytes: Vec::new(), limit, passed: false }
    }
}

impl Write for Limited {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + piece.len()) as u64 > self.limit {
            self.passed = true;
            return Err(io::Error::other("the limit is passed"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The crate's own writer for zlib takes a stream without its end for a whole one.
struct Zlib {
    inflate: Decompress,
    out: Limited,
    ended: bool,
}

impl Zlib {
    fn new(out: Limited) -> Self {
        Zlib { inflate: Decompress::new(true), out, ended: false }
    }

    fn write(&mut self, mut piece: &[u8]) -> io::Result<()> {
        let mut buffer = [0; PIECE];
        while !self.ended {
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(piece, &mut buffer, FlushDecompress::None)?;
            // Both differences are of lengths in memory.
            let read = (self.inflate.total_in() - read) as usize;
            let written = (self.inflate.total_out() - written) as usize;
            self.out.write_all(&buffer[..written])?;
            piece = &piece[read..];
            self.ended = status == Status::StreamEnd;
            // With a full buffer there may be more to come of what was read already.
            if !self.ended && piece.is_empty() && written < buffer.len() {
                return Ok(());
            }
            if !self.ended && read == 0 && written == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        if piece.is_empty() { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn finish(&self) -> io::Result<()> {
        if self.ended { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests;
