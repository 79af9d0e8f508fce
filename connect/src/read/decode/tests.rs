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
    let noise: Vec<u8> = std::iter::repeat_with(numbers()).map(|number| number as u8).take(100_000).collect();
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
