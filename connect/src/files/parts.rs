//! Several ranges of a file in one response: `multipart/byteranges` (RFC 9110, section 14.6).

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};
use std::ops::RangeInclusive;

use bytes::Bytes;
use http::HeaderValue;

/// How many parts are sent at most. A request for more gets the whole file, as RFC 9110, section 14.2, allows: each
/// part costs a head and a seek.
pub(super) const MOST: usize = 16;

/// A part of a file.
#[derive(Debug)]
pub(super) struct Part {
    /// The bytes that are sent in front of it.
    pub(super) head: Bytes,
    /// Its offset in the file.
    pub(super) start: u64,
    pub(super) left: u64,
}

/// The parts of a response, and what is sent around them.
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    pub(super) end: Bytes,
    pub(super) content_type: HeaderValue,
}

impl Parts {
    /// `ranges` are sorted and neither overlap nor touch; `content_type` is the file's.
    pub(super) fn new(
        ranges: &[RangeInclusive<u64>],
        length: u64,
        content_type: Option<&HeaderValue>,
    ) -> Parts {
        let boundary = boundary();
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let head = |range: &RangeInclusive<u64>| {
            let mut head = format!("\r\n--{boundary}\r\n");
            if let Some(content_type) = content_type {
                let _ = write!(head, "content-type: {content_type}\r\n");
            }
            let (first, last) = (range.start(), range.end());
            let _ = write!(head, "content-range: bytes {first}-{last}/{length}\r\n\r\n");
            head.into()
        };
        let parts = ranges
            .iter()
            .map(|range| Part {
                head: head(range),
                start: *range.start(),
                left: range.end() - range.start() + 1,
            })
            .collect();
        let content_type = format!("multipart/byteranges; boundary={boundary}");
        Parts {
            parts,
            end: format!("\r\n--{boundary}--\r\n").into(),
            content_type: HeaderValue::try_from(content_type).expect("digits and letters"),
        }
    }

    /// The number of bytes in all.
    pub(super) fn length(&self) -> u64 {
        let parts: u64 = self.parts.iter().map(|part| part.head.len() as u64 + part.left).sum();
        parts + self.end.len() as u64
    }
}

/// A random boundary, which nobody can put into the file beforehand.
fn boundary() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::Parts;

    #[test]
    fn each_part_has_a_head_and_a_boundary_of_its_own_response() {
        let text = HeaderValue::from_static("text/plain");
        let parts = Parts::new(&[0..=1, 5..=9], 10, Some(&text));
        let boundary =
            parts.content_type.to_str().unwrap().strip_prefix("multipart/byteranges; boundary=").unwrap();
        assert_eq!(boundary.len(), 32);
        assert_eq!(
            parts.parts[1].head,
            format!("\r\n--{boundary}\r\ncontent-type: text/plain\r\ncontent-range: bytes 5-9/10\r\n\r\n")
        );
        assert_eq!(parts.end, format!("\r\n--{boundary}--\r\n"));
        let heads = parts.parts[0].head.len() + parts.parts[1].head.len();
        assert_eq!(parts.length(), (heads + 2 + 5 + parts.end.len()) as u64);
        assert_ne!(Parts::new(&[0..=1, 5..=9], 10, None).content_type, parts.content_type);
    }
}
