//! Restores a response if the run that writes to it is dropped.

use http::StatusCode;

use super::headers::Mark;
use super::{Late, Response};
use crate::{Body, Error};

/// A response that is borrowed by a run that may be dropped.
#[derive(Debug)]
pub(crate) struct Undo<'a> {
    pub(crate) res: &'a mut Response,
    /// The headers; `None` once the run has ended.
    headers: Option<Mark>,
    status: StatusCode,
    late: Late,
    faulty: bool,
    bodiless: bool,
}

impl<'a> Undo<'a> {
    #[inline]
    pub(crate) fn of(res: &'a mut Response) -> Self {
        let (status, late, faulty) = (res.status, res.late, res.fault.is_some());
        let bodiless = http_body::Body::is_end_stream(&res.body);
        let headers = Some(res.headers.mark());
        Undo { res, headers, status, late, faulty, bodiless }
    }

    /// Keeps the changes: the run has ended.
    #[inline]
    pub(crate) fn keep(mut self) {
        if let Some(mark) = self.headers.take() {
            self.res.headers.keep(mark);
        }
    }
}

impl Drop for Undo<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(mark) = self.headers.take() {
            self.undo(mark);
        }
    }
}

impl Undo<'_> {
    #[cold]
    fn undo(&mut self, mark: Mark) {
        let res = &mut *self.res;
        res.headers.undo(mark);
        (res.status, res.late) = (self.status, self.late);
        match (self.faulty, &res.fault) {
            (false, _) => res.fault = None,
            // The dropped run has taken the fault without reporting it.
            (true, None) => {
                let text = "a status or header that a layer has set is not one that HTTP allows";
                res.fault = Some(Error::msg(text));
            }
            (true, Some(_)) => {}
        }
        // A run begins with an unfinished response.
        if std::mem::take(&mut res.finished) || self.bodiless {
            res.body = Body::empty();
        }
    }
}
