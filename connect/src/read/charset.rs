//! Decoding text.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::{BodyError, BodyErrorKind};
use crate::Request;

/// The charset of a body, from its `Content-Type`.
pub(super) fn of(req: &Request, default: &'static Encoding) -> Result<&'static Encoding, BodyError> {
    req.charset().map_or(Ok(default), |label| by_label(&label))
}

/// The same for JSON, which is Unicode in any case (RFC 8259, section 8.1).
pub(super) fn of_json(req: &Request) -> Result<&'static Encoding, BodyError> {
    let encoding = of(req, UTF_8)?;
    if [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) { Ok(encoding) } else { Err(unknown()) }
}

/// The charset of a label.
pub(super) fn by_label(label: &str) -> Result<&'static Encoding, BodyError> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(unknown)
}

fn unknown() -> BodyError {
    BodyError::new(BodyErrorKind::Charset, "the body's charset is not supported")
}

/// Decodes text, and removes a byte order mark.
pub(super) fn decode(bytes: Bytes, encoding: &'static Encoding) -> Result<String, BodyError> {
    let malformed = || BodyError::malformed(format!("the body is not valid {}", encoding.name()));
    if encoding == UTF_8 {
        let bytes = without_mark(bytes);
        return String::from_utf8(Vec::from(bytes)).map_err(|_| malformed());
    }
    let (text, wrong) = encoding.decode_with_bom_removal(&bytes);
    if wrong { Err(malformed()) } else { Ok(text.into_owned()) }
}

/// Removes the byte order mark that some clients put in front of UTF-8.
pub(super) fn without_mark(bytes: Bytes) -> Bytes {
    if bytes.starts_with(b"\xef\xbb\xbf") { bytes.slice(3..) } else { bytes }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{by_label, decode};
    use crate::read::BodyErrorKind;

    #[test]
    fn text_is_decoded_from_its_charset() {
        for (label, bytes, text) in [
            ("utf-8", &b"h\xc3\xa9"[..], "h\u{e9}"),
            ("UTF8", b"\xef\xbb\xbfa", "a"),
            ("iso-8859-1", b"h\xe9", "h\u{e9}"),
            ("utf-16le", b"h\x00\xe9\x00", "h\u{e9}"),
            ("koi8-r", b"\xc1", "\u{430}"),
            ("shift_jis", b"\x82\xa0", "\u{3042}"),
        ] {
            let decoded = decode(Bytes::from_static(bytes), by_label(label).unwrap());
            assert_eq!(decoded.unwrap(), text, "{label}");
        }
    }

    #[test]
    fn invalid_text_is_malformed_and_an_unknown_charset_is_an_error() {
        for (label, bytes) in [("utf-8", &b"\xff"[..]), ("utf-16le", b"\x00\xd8"), ("shift_jis", b"\x82")] {
            let err = decode(Bytes::from_static(bytes), by_label(label).unwrap()).unwrap_err();
            assert_eq!(err.kind(), BodyErrorKind::Malformed, "{label}");
        }
        for label in ["bogus", "utf-7", "hz-gb-2312", ""] {
            assert_eq!(by_label(label).unwrap_err().kind(), BodyErrorKind::Charset, "{label}");
        }
    }
}
