//! Which part of the content is sent: the conditions and ranges of a request, in the order of RFC 9110, section 13.2.2.

use std::ops::RangeInclusive;

use http::header;
use http::{Method, StatusCode};

use super::options::Options;
use super::parts::MOST;
use crate::conditional::{is_fresh, is_precondition_failed, is_range_current};
use crate::ranges::{combined, satisfiable};
use crate::{Error, Request, Response, Result};

/// The part of a file that is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Whole,
    /// Nothing: the client has the file already.
    Fresh,
    /// One range; both ends are included.
    Part {
        first: u64,
        last: u64,
    },
    /// Several ranges, in order and apart from each other.
    Parts(Vec<RangeInclusive<u64>>),
}

/// Checks the conditions and ranges of a request. `varies` if there may be representations in other codings.
pub(super) fn plan(
    req: &Request,
    res: &Response,
    length: u64,
    varies: bool,
    options: &Options,
) -> Result<Plan> {
    let reads = req.method() == Method::GET || req.method() == Method::HEAD;
    if !reads || res.status_code() != StatusCode::OK {
        return Ok(Plan::Whole);
    }
    if is_precondition_failed(req.headers(), res.headers()) {
        return Err(Error::new(412, "the file does not meet the conditions of the request"));
    }
    if is_fresh(req.headers(), res.headers()) {
        return Ok(Plan::Fresh);
    }
    // Ranges are for GET alone (RFC 9110, section 14.2).
    if !options.accept_ranges || req.method() != Method::GET {
        return Ok(Plan::Whole);
    }
    // Representations of one file may have the same date: only a tag says which of them the client has a part of.
    let is_date = |condition: &str| !condition.ends_with('"');
    if varies && req.header("if-range").is_some_and(is_date) {
        return Ok(Plan::Whole);
    }
    let Some(range) = req.header("range").filter(|_| is_range_current(req.headers(), res.headers())) else {
        return Ok(Plan::Whole);
    };
    // A malformed header is ignored, as in Express, and so is one with too many ranges.
    match satisfiable(range, length).map(combined) {
        Some(ranges) => match ranges[..] {
            [] => Err(Error::new(416, "the file has no such range")
                .with_header(header::CONTENT_RANGE, format!("bytes */{length}"))),
            [ref range] => Ok(Plan::Part { first: *range.start(), last: *range.end() }),
            [..] if ranges.len() <= MOST => Ok(Plan::Parts(ranges)),
            [..] => Ok(Plan::Whole),
        },
        None => Ok(Plan::Whole),
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Plan, plan};
    use crate::{Request, Response};

    fn planned(method: &str, range: &str, length: u64) -> Result<Plan, u16> {
        let req = http::Request::builder().method(method).header("range", range).body("").unwrap();
        plan(&Request::from(req), &Response::new(), length, false, &Options::default())
            .map_err(|err| err.status().as_u16())
    }

    #[test]
    fn a_single_range_is_cut_to_the_file() {
        for (range, plan) in [
            ("bytes=0-4", Ok(Plan::Part { first: 0, last: 4 })),
            ("bytes=5-", Ok(Plan::Part { first: 5, last: 9 })),
            ("bytes=-3", Ok(Plan::Part { first: 7, last: 9 })),
            ("bytes=-99", Ok(Plan::Part { first: 0, last: 9 })),
            ("bytes=9-99999999999", Ok(Plan::Part { first: 9, last: 9 })),
            ("bytes=10-", Err(416)),
            ("bytes=5-4", Err(416)),
            ("bytes=-0", Err(416)),
            ("bytes=10-,-0,20-30", Err(416)),
            ("bytes=4-5,0-1", Ok(Plan::Parts(vec![0..=1, 4..=5]))),
            ("bytes=4-5, 0-2,2-3", Ok(Plan::Part { first: 0, last: 5 })),
            ("bytes=20-, 4-5", Ok(Plan::Part { first: 4, last: 5 })),
            ("bytes=a-b", Ok(Plan::Whole)),
            ("bytes=18446744073709551616-", Ok(Plan::Whole)),
            ("lines=0-4", Ok(Plan::Whole)),
            ("", Ok(Plan::Whole)),
        ] {
            assert_eq!(planned("GET", range, 10), plan, "{range}");
        }
        let several =
            |count: u64| (0..count).map(|n| format!("{0}-{0}", 2 * n)).collect::<Vec<_>>().join(",");
        assert!(
            matches!(planned("GET", &format!("bytes={}", several(16)), 99), Ok(Plan::Parts(all)) if all.len() == 16)
        );
        assert_eq!(planned("GET", &format!("bytes={}", several(17)), 99), Ok(Plan::Whole));
        assert_eq!(planned("GET", "bytes=0-", 0), Err(416));
        assert_eq!(planned("HEAD", "bytes=0-4", 10), Ok(Plan::Whole));
        assert_eq!(planned("POST", "bytes=99-", 10), Ok(Plan::Whole));
    }
}
