//! Byte ranges (RFC 9110, section 14): those that can be satisfied.

use std::ops::RangeInclusive;

use http_range_header::{EndPosition, StartPosition, SyntacticallyCorrectRange, parse_range_header};

/// The ranges of a `Range` header, in its order and cut to `size` bytes, without those that lie outside. If none is
/// left the response is a 416. `None` for an unknown unit or a malformed header.
pub(crate) fn satisfiable(header: &str, size: u64) -> Option<Vec<RangeInclusive<u64>>> {
    let parsed = parse(header)?;
    Some(parsed.iter().filter_map(|range| within(range, size)).collect())
}

/// Sorts ranges, and joins those that overlap or are adjacent, as Express does.
pub(crate) fn combined(mut ranges: Vec<RangeInclusive<u64>>) -> Vec<RangeInclusive<u64>> {
    ranges.sort_unstable_by_key(|range| *range.start());
    ranges.dedup_by(|next, before| {
        let one = *next.start() <= before.end().saturating_add(1);
        if one {
            *before = *before.start()..=*before.end().max(next.end());
        }
        one
    });
    ranges
}

fn parse(header: &str) -> Option<Vec<SyntacticallyCorrectRange>> {
    if let Ok(parsed) = parse_range_header(header) {
        return Some(parsed.ranges);
    }
    // The parser rejects `-0`, which is a valid range (section 14.1.1) that is never satisfiable.
    let list = header.strip_prefix("bytes=")?;
    let mut zero = false;
    let others = list.split(',').map(str::trim).filter(|range| {
        let is_zero = is_zero_suffix(range);
        zero |= is_zero;
        !is_zero
    });
    let others: Vec<&str> = others.collect();
    match (zero, &others[..]) {
        (false, _) => None,
        (true, []) => Some(Vec::new()),
        (true, others) => {
            parse_range_header(&format!("bytes={}", others.join(","))).ok().map(|parsed| parsed.ranges)
        }
    }
}

fn is_zero_suffix(range: &str) -> bool {
    range
        .strip_prefix('-')
        .is_some_and(|length| !length.is_empty() && length.bytes().all(|byte| byte == b'0'))
}

/// The first and the last byte of a range, if there are such bytes (section 14.1.2).
fn within(range: &SyntacticallyCorrectRange, size: u64) -> Option<RangeInclusive<u64>> {
    let last = size.checked_sub(1)?;
    let start = match range.start {
        StartPosition::Index(start) => start,
        StartPosition::FromLast(0) => return None,
        StartPosition::FromLast(length) => size.saturating_sub(length),
    };
    let end = match range.end {
        EndPosition::Index(end) => end.min(last),
        EndPosition::LastByte => last,
    };
    (start <= end).then_some(start..=end)
}

#[cfg(test)]
mod tests {
    use super::{combined, satisfiable};

    #[test]
    fn a_suffix_of_zero_bytes_is_never_satisfiable() {
        assert_eq!(satisfiable("bytes=-0", 10), Some(vec![]));
        assert_eq!(satisfiable("bytes=-00, -0", 10), Some(vec![]));
        assert_eq!(satisfiable("bytes=-0, 2-3,-0", 10), Some(vec![2..=3]));
        assert_eq!(satisfiable("bytes=-0,x", 10), None);
        assert_eq!(satisfiable("lines=-0", 10), None);
        assert_eq!(satisfiable("bytes=-", 10), None);
    }

    #[test]
    fn ranges_that_overlap_or_are_adjacent_are_joined() {
        assert_eq!(combined(vec![5..=6, 0..=3, 2..=4]), [0..=6]);
        assert_eq!(combined(vec![0..=9, 2..=4]), [0..=9]);
        assert_eq!(combined(vec![8..=9, 0..=1, 3..=4]), [0..=1, 3..=4, 8..=9]);
        assert_eq!(combined(vec![0..=u64::MAX, 1..=1]), [0..=u64::MAX]);
        assert!(combined(vec![]).is_empty());
    }
}
