//! Normalizing paths (RFC 3986, section 6.2.2.2).

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;

/// A target with the unreserved characters of its path decoded, if any of them is percent-encoded.
///
/// `/%70rivate` and `/private` are the same path, so a guard has to see both. Other sequences are kept: decoding `%2F`
/// would change the path, and decoding `%25` would decode a parameter twice.
#[cold]
pub(super) fn normalized(uri: &Uri) -> Option<Uri> {
    let Cow::Owned(mut path) = decode_unreserved(uri.path()) else { return None };
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

/// A path without percent-encoded unreserved characters.
///
/// A `%` that begins no sequence does not become part of one: `%%341` is not decoded into `%41`, which a second pass
/// would take for an `A`.
fn decode_unreserved(path: &str) -> Cow<'_, str> {
    let bytes = path.as_bytes();
    let mut decoded = String::new();
    // Everything before this index is in `decoded`.
    let (mut copied, mut at) = (0, 0);
    // A decoded character before this index could complete a stray `%`.
    let mut stray_until = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'%') {
        let start = at + found;
        let Some(byte) = sequence(&bytes[start..]) else {
            at = start + 1;
            stray_until = start + 3;
            continue;
        };
        at = start + 3;
        if start >= stray_until && is_unreserved(byte) {
            decoded.push_str(&path[copied..start]);
            decoded.push(char::from(byte));
            copied = at;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(path);
    }
    decoded.push_str(&path[copied..]);
    Cow::Owned(decoded)
}

/// The byte that a sequence such as `%7E` stands for, if the text begins with one.
fn sequence(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = *text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// RFC 3986, section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::{decode_unreserved, normalized};
    use crate::route::decode::decode;

    #[test]
    fn unreserved_characters_are_decoded_and_nothing_else_is() {
        for (path, decoded) in [
            ("/private", "/private"),
            ("/%70rivate/%7Ejoe", "/private/~joe"),
            ("/%50%5f%2D%2e%30", "/P_-.0"),
            ("/a%2Fb%2f%5C%3F%23%25%20", "/a%2Fb%2f%5C%3F%23%25%20"),
            ("/%2B%40%3a%2C", "/%2B%40%3a%2C"),
            ("/%c3%a9%ff%00%7F", "/%c3%a9%ff%00%7F"),
            ("/%2541", "/%2541"),
            ("/%2%35", "/%2%35"),
            ("/%%341", "/%%341"),
            ("/%%34%31", "/%%341"),
            ("/%4%31%41", "/%4%31A"),
            ("/%zz%41%", "/%zzA%"),
            ("/%", "/%"),
            ("/%4", "/%4"),
        ] {
            assert_eq!(decode_unreserved(path), decoded, "{path}");
        }
    }

    #[test]
    fn a_normalized_path_stays_as_it_is_and_decodes_to_the_same() {
        let mut state = 1_u64;
        let mut changed = 0;
        for _ in 0..100_000 {
            let mut path = "/".to_owned();
            for _ in 0..10 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                path.push(char::from(b"%%%%2345a7Ef/"[(state >> 33) as usize % 13]));
            }
            let once = decode_unreserved(&path);
            assert_eq!(decode_unreserved(&once), once, "{path}");
            assert_eq!(decode(&once), decode(&path), "{path}");
            changed += usize::from(once != path);
        }
        assert!(changed > 10_000, "{changed}");
    }

    #[test]
    fn the_rest_of_a_target_is_left_alone() {
        let target = |text: &str| text.parse::<Uri>().unwrap();
        assert_eq!(normalized(&target("/a/b?q=%41")), None);
        assert_eq!(normalized(&target("/a%20b")), None);
        assert_eq!(normalized(&target("/%41?q=%41")).unwrap(), "/A?q=%41");
        assert_eq!(normalized(&target("http://e.com/%41")).unwrap(), "http://e.com/A");
        assert_eq!(normalized(&target("http://e.com/%41?q")).unwrap(), "http://e.com/A?q");
    }
}
