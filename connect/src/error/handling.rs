//! Error handlers that fail: their own error keeps the one that they were given.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, PoisonError};

use super::first::{Cause, First, Place, write_causes};
use super::{Error, Inner};

/// The call of an error handler, to see whether it fails with another error.
#[derive(Debug)]
pub(crate) struct Handled(Place);

impl Error {
    /// Called before a handler gets the error.
    pub(crate) fn handled(&mut self) -> Handled {
        let place = Place::default();
        self.0.handling.place = Some(Arc::clone(&place));
        Handled(place)
    }

    pub(super) fn write_first(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let mut first = self.0.handling.first.as_deref();
        while let Some(err) = first {
            out.write_str("\nwhile handling: ")?;
            err.write(out)?;
            first = err.earlier.as_deref();
        }
        Ok(())
    }
}

impl Handled {
    /// Attaches the error that the handler was given to the handler's own, unless it is the same error or has it as its
    /// cause. A handler that takes the cause and passes it on has not failed: the error keeps what it had.
    pub(crate) fn chain(self, mut err: Error) -> Error {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        err.0.handling.place = None;
        match first {
            Some(first) if first.is_handed_on_as(&err.0) => first.give_back(&mut err.0),
            Some(first) => err.0.handling.first = Some(Box::new(first)),
            None => {}
        }
        err
    }
}

impl Inner {
    /// Stores a dropped error: a handler that fails after this fails with another one.
    #[cold]
    pub(super) fn leave(&mut self) {
        let cause = Cause::Kept(self.source.take());
        self.leave_with(cause);
    }

    fn leave_with(&mut self, cause: Cause) {
        let Some(place) = self.handling.place.take() else { return };
        let first = First {
            status: self.status,
            message: self.message.take(),
            expose: self.expose,
            headers: std::mem::take(&mut self.headers),
            cause,
            origin: self.origin.take(),
            earlier: self.handling.first.take(),
        };
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
    }

    /// Stores the text of a cause that the handler takes out of the error.
    #[cold]
    pub(super) fn leave_text<E: StdError + 'static>(&mut self, cause: &E) {
        if self.handling.place.is_none() {
            return;
        }
        self.leave_with(Cause::Taken(text_of(cause), |source| source.downcast_ref::<E>().map(text_of)));
    }

    pub(super) fn is_handled(&self) -> bool {
        self.handling.place.is_some()
    }
}

/// The text of an error and of its causes, one on each line.
fn text_of<E: StdError + 'static>(err: &E) -> String {
    let mut text = err.to_string();
    // Writing to a string cannot fail; a `Display` that does loses the rest of its own text.
    let _ = write_causes(err.source(), &mut text);
    text
}

impl First {
    /// Whether a handler that took the cause passes it on unchanged. Another error of the same type is another error:
    /// what clients may see of one does not apply to the other.
    fn is_handed_on_as(&self, err: &Inner) -> bool {
        let is_bare = (err.status.is_none() || err.is_status_of_cause)
            && err.message.is_none()
            && err.expose.is_none()
            && (err.headers.is_empty() || err.is_status_of_cause);
        match (&self.cause, &err.source) {
            (Cause::Taken(text, read), Some(source)) if is_bare => read(source).as_ref() == Some(text),
            _ => false,
        }
    }

    fn give_back(self, err: &mut Inner) {
        err.status = self.status;
        err.is_status_of_cause = false;
        err.message = self.message;
        err.expose = self.expose;
        err.headers = self.headers;
        err.origin = self.origin;
        err.handling.first = self.earlier;
    }
}
