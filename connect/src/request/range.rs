//! The parts of a representation that a client asks for.

use std::ops::RangeInclusive;

use http::header;

use super::Request;
use crate::ranges::satisfiable;
use crate::{Error, Result};

impl Request {
    /// The ranges of bytes that the client asks for, of something that is `size` bytes long, in its order and cut to
    /// what is there; `None` if it asks for the whole, or in a unit or a form that is not known (RFC 9110, section
    /// 14.2, has such a header ignored).
    ///
    /// Ranges that nothing lies in are left out while another one stays. Nothing is said of ranges that overlap: who
    /// serves several should bound what they add up to.
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
    /// With status 416 and the header `Content-Range: bytes */size`, if nothing lies in any of them.
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
