//! What an error handler was handling when it failed: its own error keeps the one that it was given.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;

use super::{BoxError, Error, Inner};
use crate::chain::done::{Detour, Signal};

/// The error that a handler was given, without its headers.
#[derive(Debug)]
pub(super) struct First {
    status: Option<StatusCode>,
    message: Option<Cow<'static, str>>,
    source: Option<BoxError>,
    /// What a handler before was handling. In a box because it is of this type.
    earlier: Option<Box<First>>,
}

/// Where an error leaves itself when its handler drops it.
type Place = Arc<Mutex<Option<First>>>;

/// What an error knows of its handlers.
#[derive(Debug, Default)]
pub(super) struct Handling {
    /// Set while a handler has the error.
    place: Option<Place>,
    /// The error that was being handled when this one came about. In a box, so that an error without one stays small.
    first: Option<Box<First>>,
}

/// The call of an error handler: whether it fails with another error than it was given.
#[derive(Debug)]
pub(crate) struct Handled(Place);

impl Error {
    /// To be called before a handler gets the error.
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
    /// Gives the handler's own error the one that it was given, unless it is that one, or has it as its cause.
    pub(crate) fn chain(self, signal: Signal) -> Signal {
        match signal {
            Signal::Off(Detour::Error(mut err)) => {
                let first = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
                err.0.handling.place = None;
                if first.is_some() {
                    err.0.handling.first = first.map(Box::new);
                }
                Signal::Off(Detour::Error(err))
            }
            other => other,
        }
    }
}

impl Inner {
    /// The error is dropped: a handler that fails after this fails with another one.
    #[cold]
    pub(super) fn leave(&mut self) {
        let Some(place) = self.handling.place.take() else { return };
        let first = First {
            status: self.status,
            message: self.message.take(),
            source: self.source.take(),
            earlier: self.handling.first.take(),
        };
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
    }

    /// The handler takes the cause out of the error: what is left behind is its text.
    #[cold]
    pub(super) fn leave_text(&mut self, cause: &(dyn StdError + 'static)) {
        if self.handling.place.is_none() {
            return;
        }
        let mut text = self
            .message
            .take()
            .map_or_else(|| cause.to_string(), |message| format!("{message}\n  caused by: {cause}"));
        // Writing to a string cannot fail; a `Display` that does loses the rest of its own text.
        let _ = super::write_causes(cause.source(), &mut text);
        self.message = Some(text.into());
        self.leave();
    }

    pub(super) fn is_handled(&self) -> bool {
        self.handling.place.is_some()
    }
}

impl First {
    fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let source = self.source.as_deref().map(|source| source as &(dyn StdError + 'static));
        match (&self.message, source) {
            (Some(message), source) => {
                out.write_str(message)?;
                super::write_causes(source, out)
            }
            (None, Some(source)) => {
                write!(out, "{source}")?;
                super::write_causes(source.source(), out)
            }
            (None, None) => {
                out.write_str(crate::status::phrase(self.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)))
            }
        }
    }
}
