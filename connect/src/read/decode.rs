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
mod tests {
    use std::io::Write;

    use bytes::Bytes;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use http::{HeaderMap, HeaderValue};

    use super::{Coding, Decoder};
    use crate::read::BodyErrorKind::{self, Encoding, Malformed, TooLarge};

    const CODINGS: [Coding; 3] = [Coding::Gzip, Coding::Deflate, Coding::Brotli];

    fn encode(coding: Coding, text: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Identity => text.to_vec(),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Brotli => {
                let mut out = Vec::new();
                brotli::CompressorWriter::new(&mut out, 4096, 5, 22).write_all(text).unwrap();
                out
            }
        }
    }

    fn decode(coding: Coding, limit: u64, body: &[u8], at_a_time: usize) -> Result<Bytes, BodyErrorKind> {
        let mut decoder = Decoder::new(coding, limit);
        for piece in body.chunks(at_a_time) {
            decoder.push(Bytes::copy_from_slice(piece)).map_err(|err| err.kind())?;
        }
        decoder.finish().map_err(|err| err.kind())
    }

    fn text() -> Vec<u8> {
        (0..50_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect()
    }

    #[test]
    fn a_body_is_decoded_however_it_is_cut() {
        let text = text();
        for coding in [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Brotli] {
            let body = encode(coding, &text);
            for at_a_time in [1, 7, 1000, body.len()] {
                let decoded = decode(coding, text.len() as u64, &body, at_a_time);
                assert_eq!(decoded.as_deref(), Ok(&text[..]), "{coding:?}, {at_a_time} at a time");
            }
        }
    }

    /// The same numbers in every run (xorshift, Marsaglia 2003).
    fn numbers() -> impl FnMut() -> u64 {
        let mut state = 88_172_645_463_325_252_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        }
    }

    #[test]
    fn whatever_comes_is_decoded_within_the_limit_or_refused() {
        let (text, mut number) = (&text()[..5000], numbers());
        for coding in CODINGS {
            let body = encode(coding, text);
            for _ in 0..500 {
                let mut body = body.clone();
                for _ in 0..=number() % 4 {
                    let at = number() as usize % body.len();
                    body[at] = number() as u8;
                }
                match decode(coding, 6000, &body, 700) {
                    Ok(decoded) => assert!(decoded.len() <= 6000),
                    Err(kind) => assert!([Malformed, TooLarge].contains(&kind), "{kind:?}"),
                }
            }
        }
    }

    #[test]
    fn a_body_that_cannot_be_made_smaller_is_within_the_limit_that_it_keeps() {
        let noise: Vec<u8> =
            std::iter::repeat_with(numbers()).map(|number| number as u8).take(100_000).collect();
        for coding in CODINGS {
            let body = encode(coding, &noise);
            assert_eq!(decode(coding, 100_000, &body, 4096).as_deref(), Ok(&noise[..]), "{coding:?}");
        }
    }

    #[test]
    fn a_body_that_is_too_long_decoded_is_refused() {
        let text = text();
        for coding in [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Brotli] {
            let body = encode(coding, &text);
            let decoded = decode(coding, text.len() as u64 - 1, &body, 1000);
            assert_eq!(decoded, Err(TooLarge), "{coding:?}");
        }
    }

    #[test]
    fn a_body_without_its_end_or_with_more_behind_it_is_malformed() {
        let text = text();
        for coding in CODINGS {
            let body = encode(coding, &text);
            for cut in [1, 2, 9, body.len() / 2] {
                let decoded = decode(coding, 1 << 20, &body[..body.len() - cut], 1000);
                assert_eq!(decoded, Err(Malformed), "{coding:?} without {cut}");
            }
            assert_eq!(decode(coding, 1 << 20, b"not that", 1000), Err(Malformed), "{coding:?}");
        }
        for coding in [Coding::Deflate, Coding::Gzip] {
            let body = [encode(coding, &text), b"more".to_vec()].concat();
            assert_eq!(decode(coding, 1 << 20, &body, 1000), Err(Malformed), "{coding:?}");
        }
    }

    #[test]
    fn brotli_with_a_window_beyond_the_limit_is_refused() {
        let encode = |window: u32| {
            let mut out = Vec::new();
            brotli::CompressorWriter::new(&mut out, 4096, 5, window).write_all(b"small").unwrap();
            out
        };
        for (window, limit, wanted) in [
            (22, 100, Ok("small")),
            (16, 100, Ok("small")),
            (23, 100, Err(TooLarge)),
            (24, 100, Err(TooLarge)),
            (23, 1 << 23, Ok("small")),
            (24, 1 << 23, Err(TooLarge)),
            (24, 1 << 24, Ok("small")),
        ] {
            let decoded = decode(Coding::Brotli, limit, &encode(window), 1);
            assert_eq!(decoded.as_deref(), wanted.map(str::as_bytes).as_ref().copied(), "{window} {limit}");
        }
    }

    #[test]
    fn several_members_of_gzip_are_one_body() {
        let body = [encode(Coding::Gzip, b"one "), encode(Coding::Gzip, b"two")].concat();
        assert_eq!(decode(Coding::Gzip, 100, &body, 5).unwrap(), "one two");
    }

    #[test]
    fn an_encoding_that_is_not_known_is_told() {
        let of = |text: &'static str| {
            let headers =
                HeaderMap::from_iter([(http::header::CONTENT_ENCODING, HeaderValue::from_static(text))]);
            Coding::of(&headers).map_err(|err| err.kind())
        };
        assert_eq!(of("GZip"), Ok(Coding::Gzip));
        assert_eq!(of("identity"), Ok(Coding::Identity));
        assert_eq!(of("identity, br"), Ok(Coding::Brotli));
        for text in ["bogus", "gzip, gzip", "compress", "zstd"] {
            assert_eq!(of(text), Err(Encoding), "{text}");
        }
        assert_eq!(Coding::of(&HeaderMap::new()).ok(), Some(Coding::Identity));
    }
}
