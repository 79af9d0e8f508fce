//! A response that becomes what another is.

use http::header;

use super::Response;
use crate::error::Error;
use crate::{Body, Responder, Result};

impl Response {
    /// Answers with whatever a route may return.
    ///
    /// ```
    /// use connect::{app, post, Html, Response, Result};
    ///
    /// #[post("/sign-up")]
    /// fn sign_up(res: &mut Response) -> Result {
    ///     res.status(422).respond(Html("<p>This name is taken."))
    /// }
    ///
    /// let app = app![sign_up];
    /// ```
    ///
    /// # Errors
    /// As the answer says.
    #[inline]
    pub fn respond(&mut self, answer: impl Responder) -> Result {
        answer.respond(self)
    }

    /// What went wrong instead of an answer.
    pub(crate) fn fails(&mut self, err: Error) {
        self.fault = Some(err);
    }

    /// Answers as another does: its headers stand in for those of the same name, but cookies and `Vary` join them.
    pub(crate) fn become_like(&mut self, mut other: Response) -> Result {
        if let Some(err) = other.fault.take() {
            return Err(err);
        }
        self.begin()?;
        self.status = other.status;
        if let Some(mut waiting) = other.waiting.take() {
            self.waiting_mut().take_over(&mut waiting);
        }
        let mut last = None;
        for (name, value) in std::mem::take(other.headers.all_mut()) {
            let is_new = name.is_some();
            last = name.or(last);
            let Some(name) = &last else { continue };
            let adds = *name == header::SET_COOKIE || *name == header::VARY;
            if is_new && !adds {
                self.headers.insert(name.clone(), value);
            } else {
                self.headers.append(name.clone(), value);
            }
        }
        let done = self.finish(std::mem::replace(&mut other.body, Body::empty()));
        self.late = other.late;
        Ok(done)
    }
}
