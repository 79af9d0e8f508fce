//! A response that goes back to what it was, if what writes to it is dropped.

use http::StatusCode;

use super::headers::Mark;
use super::{Late, Response};
use crate::Body;

/// A response, lent to a run that may be dropped.
#[derive(Debug)]
pub(crate) struct Undo<'a> {
    pub(crate) res: &'a mut Response,
    /// The headers; `None` when the run has come to its end.
    headers: Option<Mark>,
    status: StatusCode,
    late: Late,
    faulty: bool,
}

impl<'a> Undo<'a> {
    #[inline]
    pub(crate) fn of(res: &'a mut Response) -> Self {
        let (headers, status, late, faulty) = (res.headers.mark(), res.status, res.late, res.fault.is_some());
        Undo { res, headers: Some(headers), status, late, faulty }
    }

    /// The run has come to its end.
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
        if !self.faulty {
            res.fault = None;
        }
        // A run begins with a response that is not finished.
        if std::mem::take(&mut res.finished) {
            res.body = Body::empty();
        }
    }
}
