//! What is known of a list's entries, from what the attributes have recorded.

use crate::facts::Facts;
use crate::route::info::Info;
use crate::route::pattern::{Options, Pattern};

/// The entries of a list, as far as they are known.
#[derive(Debug)]
pub enum Entries {
    /// A route, and the stack of its own.
    Route(&'static Info, &'static Entries),
    /// A layer from an attribute.
    Layer(&'static LayerInfo),
    /// A layer written by hand. It may call `next` or not.
    HandWritten,
    /// A layer that may set the URL or the method.
    Rewrites,
    /// It may do anything.
    Other,
    /// A list that counts as part of this one.
    List(&'static Entries),
    /// A router.
    Router(&'static Entries),
    /// A router with `merge_params`.
    MergingRouter(&'static Entries),
    /// An entry under a path.
    Mounted(&'static Pattern, &'static Entries),
    /// An entry that may not be there.
    Optional(&'static Entries),
    /// A stack from a function.
    FromFunction(&'static Entries),
    /// An entry that states facts.
    Stated(&'static Facts, &'static Entries),
    /// A list with options of its own.
    Within(Options, &'static Entries),
    /// Nothing: an entry for another configuration.
    Gone,
    Both(&'static Entries, &'static Entries),
}

/// What is known of a layer at compile time.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct LayerInfo {
    /// The function's name; empty for a layer written by hand.
    pub name: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub part: Part,
    /// Whether its `next` promises a value to the layers below.
    pub provides: bool,
    /// Whether it may set the URL or the method.
    pub rewrites: bool,
    /// The parameters of mounts that it takes.
    pub mounts: &'static [&'static str],
}

/// The kind of a layer.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It may do anything.
    Unknown,
    /// A middleware with `next`.
    Middleware,
    /// A middleware without `next`: it always answers.
    Answers,
    /// An error handler.
    ErrorHandler,
    /// An error handler that may resume the normal track.
    Resumes,
}

impl LayerInfo {
    /// Whether a request without an error gets a value there: it skips an error handler.
    pub(crate) const fn provides_without_error(&self) -> bool {
        self.provides && !matches!(self.part, Part::Resumes)
    }

    /// Whether it has an error track of its own, and may fail there with another error than it was given.
    pub(crate) const fn may_fail_anew(&self) -> bool {
        !matches!(self.part, Part::Middleware | Part::Answers)
    }

    /// Nothing is known.
    pub const UNKNOWN: LayerInfo = LayerInfo {
        name: "",
        file: "",
        line: 0,
        part: Part::Unknown,
        provides: false,
        rewrites: true,
        mounts: &[],
    };
}
