//! Percent-decoding of parameters, with Express's rules.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Decodes a parameter's value once; `None` if a sequence is malformed or the bytes are not UTF-8.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    if !is_encoded(raw) {
        return Some(Cow::Borrowed(raw));
    }
    let bytes = raw.as_bytes();
    let well_formed = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(
        |(i, _)| matches!(bytes.get(i + 1..i + 3), Some(digits) if digits.iter().all(u8::is_ascii_hexdigit)),
    );
    well_formed.then(|| percent_decode_str(raw).decode_utf8().ok())?
}

#[inline]
pub(crate) fn is_encoded(raw: &str) -> bool {
    raw.as_bytes().contains(&b'%')
}

/// Whether some segment of a path cannot be decoded.
#[cold]
pub(crate) fn is_malformed(path: &str) -> bool {
    path.split('/').any(|segment| decode(segment).is_none())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_value_is_decoded_once_and_a_plus_stays() {
        for (raw, decoded) in [
            ("foo%20bar", Some("foo bar")),
            ("a%252Fb", Some("a%2Fb")),
            ("%ce%b1", Some("\u{3b1}")),
            ("foo+bar", Some("foo+bar")),
            ("%zz", None),
            ("%ff", None),
            ("abc%", None),
            ("%2", None),
        ] {
            assert_eq!(decode(raw).as_deref(), decoded, "{raw}");
        }
    }
}
