//! A path pattern as data, which the macros make of the literal in `#[get("/user/:id")]` or in `"/user/:id" => ..`.
//!
//! The grammar is path-to-regexp 8's, which Express 5 uses. It is parsed in the macros and nowhere else.

/// A parsed pattern.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Pattern {
    /// The pattern as it was written, including escapes.
    pub text: &'static str,
    /// The names of its parameters, in the order in which they first appear.
    pub names: &'static [&'static str],
    /// Without optional parts: one for each way to leave some of them out, in the order in which they are tried.
    pub variants: &'static [&'static [Part]],
}

/// A piece of a variant. Indexes count in [`Pattern::names`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Literal text, escapes taken out. Two of them never follow each other.
    Text(&'static str),
    /// `:name`: one or more characters that are no `/`, and at none of which the text begins (if it is not empty);
    /// or else, if the flag is set, just that text.
    Param(usize, &'static str, bool),
    /// `*name`: one or more characters of any kind, at none of which the text begins (if it is not empty); or
    /// else, if the flag is set, one or more characters that are no `/`.
    Splat(usize, &'static str, bool),
}

/// How the patterns of a stack are compared: `router![#![strict, case_sensitive] ..]`.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether a slash at the end is significant, in patterns and in paths, as with Express's `strict`. Mounts ignore
    /// it.
    pub strict: bool,
    /// Whether letters are compared with their case, as with Express's `caseSensitive`.
    pub case_sensitive: bool,
}

impl Options {
    /// The default.
    pub(crate) const USUAL: Options = Options { strict: false, case_sensitive: false };
}
