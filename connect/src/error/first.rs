//! The error that a failed error handler was given, as its own error keeps it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, StatusCode};

use super::boxed::BoxError;
use super::origin::Origin;
use crate::status;

/// The error that a handler was given.
#[derive(Debug)]
pub(super) struct First {
    pub(super) status: Option<StatusCode>,
    pub(super) message: Option<Cow<'static, str>>,
    pub(super) expose: Option<bool>,
    pub(super) headers: HeaderMap,
    pub(super) cause: Cause,
    pub(super) origin: Option<Origin>,
    /// The error that an earlier handler was given. Boxed because it is of this type.
    pub(super) earlier: Option<Box<First>>,
}

/// The cause of that error.
#[derive(Debug)]
pub(super) enum Cause {
    Kept(Option<BoxError>),
    /// The handler took it: its text with its causes, and a function that gets the text of another error of the same
    /// type.
    Taken(String, fn(&BoxError) -> Option<String>),
}

/// Where an error is stored when its handler drops it.
pub(super) type Place = Arc<Mutex<Option<First>>>;

/// The state of an error that is being handled.
#[derive(Debug, Default)]
pub(super) struct Handling {
    /// Set while a handler has the error.
    pub(super) place: Option<Place>,
    /// The error that was being handled when this one occurred. Boxed, so that an error without one stays small.
    pub(super) first: Option<Box<First>>,
}

impl First {
    pub(super) fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        self.write_chain(out)?;
        write_origin(self.origin.as_ref(), out)
    }

    fn write_chain(&self, out: &mut impl fmt::Write) -> fmt::Result {
        match (&self.message, &self.cause) {
            (Some(message), Cause::Kept(source)) => {
                out.write_str(message)?;
                write_causes(source.as_deref().map(|source| source as _), out)
            }
            (Some(message), Cause::Taken(text, _)) => write!(out, "{message}\n  caused by: {text}"),
            (None, Cause::Taken(text, _)) => out.write_str(text),
            (None, Cause::Kept(Some(source))) => {
                write!(out, "{source}")?;
                write_causes(source.source(), out)
            }
            (None, Cause::Kept(None)) => {
                out.write_str(status::phrase(self.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)))
            }
        }
    }
}

/// Writes a cause and its own causes, one on each line.
pub(super) fn write_causes(
    mut cause: Option<&(dyn Error + 'static)>,
    out: &mut impl fmt::Write,
) -> fmt::Result {
    while let Some(err) = cause {
        write!(out, "\n  caused by: {err}")?;
        cause = err.source();
    }
    Ok(())
}

/// Writes where an error comes from, on a line of its own.
pub(super) fn write_origin(origin: Option<&Origin>, out: &mut impl fmt::Write) -> fmt::Result {
    match origin {
        Some(origin) => write!(out, "\n  in {origin}"),
        None => Ok(()),
    }
}
