//! The text of an [`Error`].

use std::error::Error as StdError;
use std::fmt;

use super::Error;
use super::first::{write_causes, write_origin};
use crate::status;

impl Error {
    /// Writes the message and then the causes, one on each line.
    pub(crate) fn write_chain(&self, out: &mut impl fmt::Write) -> fmt::Result {
        write!(out, "{self}")?;
        let cause = match &self.0.message {
            Some(_) => self.0.source.as_deref().map(|source| source as &dyn StdError),
            None => self.0.source.as_deref().and_then(|source| source.source()),
        };
        write_causes(cause, out)
    }
}

/// The message of an error that is none of a layer, and then the causes, one on each line.
pub(crate) fn chain(err: &(dyn StdError + 'static)) -> String {
    let mut text = err.to_string();
    // Writing to a string does not fail.
    let _ = write_causes(err.source(), &mut text);
    text
}

/// The message, or else that of the cause, or else the standard text of the status.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.message, &self.0.source) {
            (Some(message), _) => f.write_str(message),
            (None, Some(source)) => source.fmt(f),
            (None, None) => f.write_str(status::phrase(self.status())),
        }
    }
}

/// The message and the causes, one on each line, then the [origin](Error::origin), and after `while handling:` the error that a
/// failed error handler was given.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            f.debug_struct("Error")
                .field("status", &self.0.status)
                .field("message", &self.0.message)
                .field("source", &self.0.source)
                .field("origin", &self.0.origin)
                .field("handling", &self.0.handling)
                .finish_non_exhaustive()
        } else {
            self.write_chain(f)?;
            write_origin(self.0.origin.as_ref(), f)?;
            self.write_first(f)
        }
    }
}
