//! Where an error comes from: the layer, and the place in the source.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

/// Where an error comes from, from [`Error::origin`](crate::Error::origin).
///
/// It is displayed as `save (src/notes.rs:42)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    layer: Cow<'static, str>,
    place: Option<(&'static str, u32)>,
}

impl Origin {
    /// `function` is where the layer's function is written, if an attribute knows it.
    pub(crate) fn new(layer: Cow<'static, str>, function: Option<(&'static str, u32)>) -> Self {
        Origin { layer, place: function }
    }

    /// The place is where the error was made, unless that was in this library.
    pub(super) fn made_at(self, place: Option<&'static Location<'static>>) -> Self {
        match place {
            Some(place) if !is_ours(place) => Origin { place: Some((place.file(), place.line())), ..self },
            _ => self,
        }
    }

    /// The layer in which the error occurred: the name of the function, or that of a layer written by hand, as
    /// [`App::to_string`](crate::App) prints it.
    #[must_use]
    pub fn layer(&self) -> &str {
        &self.layer
    }

    /// The file in which the error was made, as rustc was given its path. See [`line`](Origin::line).
    #[must_use]
    pub fn file(&self) -> Option<&'static str> {
        self.place.map(|(file, _)| file)
    }

    /// The line where the error became an [`Error`](crate::Error): the `?`, `Error::new(..)`, `bail!`, `.status(404)` or `next.fail(..)`.
    ///
    /// For a panic, and for an error that `connect` has made, as of a parameter that a route takes, it is the line of the layer's
    /// function. Nothing is known of these in a layer written by hand.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.place.map(|(_, line)| line)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((file, line)) => write!(f, "{} ({file}:{line})", self.layer),
            None => f.write_str(&self.layer),
        }
    }
}

/// Whether a place is in the source of this library, or that of a call by a function's pointer, which says nothing to its users.
fn is_ours(place: &Location<'_>) -> bool {
    if place.file().ends_with("core/src/ops/function.rs") {
        return true;
    }
    let this = file!();
    let root = this.strip_suffix("error/origin.rs").or_else(|| this.strip_suffix("error\\origin.rs"));
    root.is_some_and(|root| place.file().starts_with(root))
}
