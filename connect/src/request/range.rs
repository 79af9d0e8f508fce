//! Range requests.

use std::ops::RangeInclusive;

use http::header;

use super::Request;
use crate::ranges::satisfiable;
use crate::{Error, Result};

impl Request {
    /// The byte ranges that the client asks for, of a representation of `size` bytes, in the client's order and cut to
    /// the size. `None` if it asks for the whole, or if the header has an unknown unit or is malformed, which RFC 9110,
    /// section 14.2, requires to be ignored.
    ///
    /// Ranges that lie outside are left out if another one remains. Ranges may overlap: if you serve several, limit
    /// what they add up to.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("range", "bytes=0-4, -5").body("").unwrap().into();
    /// assert_eq!(req.range(100).unwrap(), Some(vec![0..=4, 95..=99]));
    /// assert_eq!(req.range(0).unwrap_err().status(), 416);
    /// ```
    ///
    /// # Errors
    /// With status 416 and the header `Content-Range: bytes */size`, if every range lies outside.
    pub fn range(&self, size: u64) -> Result<Option<Vec<RangeInclusive<u64>>>> {
        let header = self.headers.get(header::RANGE).and_then(|value| value.to_str().ok());
        let Some(ranges) = header.and_then(|header| satisfiable(header, size)) else { return Ok(None) };
        if ranges.is_empty() {
            let err = Error::new(416, format!("none of the ranges lies within {size} bytes"));
            return Err(err.with_header(header::CONTENT_RANGE, format!("bytes */{size}")));
        }
        Ok(Some(ranges))
    }
}

#[cfg(test)]
mod tests {
    use crate::Request;

    fn range(header: &str, size: u64) -> Result<String, u16> {
        let req = Request::from(http::Request::get("/").header("range", header).body("").unwrap());
        match req.range(size) {
            Ok(None) => Ok("whole".to_owned()),
            Ok(Some(ranges)) => Ok(format!("{ranges:?}")),
            Err(err) => {
                assert_eq!(err.headers()["content-range"], format!("bytes */{size}").as_str());
                Err(err.status().as_u16())
            }
        }
    }

    #[test]
    fn ranges_are_cut_to_what_is_there() {
        for (header, wanted) in [
            ("bytes=0-4", Ok("[0..=4]")),
            ("bytes=5-", Ok("[5..=9]")),
            ("bytes=-3", Ok("[7..=9]")),
            ("bytes=-30", Ok("[0..=9]")),
            ("bytes=8-100", Ok("[8..=9]")),
            ("bytes=0-0, 20-30, -1", Ok("[0..=0, 9..=9]")),
            ("bytes=10-", Err(416)),
            ("bytes=4-2", Err(416)),
            ("bytes=-0", Err(416)),
            ("bytes=10-, -0", Err(416)),
            ("bytes=x", Ok("whole")),
            ("items=0-4", Ok("whole")),
            ("bytes", Ok("whole")),
        ] {
            assert_eq!(range(header, 10), wanted.map(str::to_owned), "{header}");
        }
    }
}
