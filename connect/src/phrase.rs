//! The standard texts of status codes, as Node sends them.

use http::StatusCode;

/// The text for the final handler's pages and for the status line. The `http` crate spells one otherwise and
/// lacks one; a code without any gets what Node sends (row 69).
pub(crate) fn of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        418 => "I'm a Teapot",
        509 => "Bandwidth Limit Exceeded",
        _ => status.canonical_reason().unwrap_or("unknown"),
    }
}

/// The text for the status line, where it is not the one that hyper writes by itself.
pub(crate) fn to_set(status: StatusCode) -> Option<&'static str> {
    let phrase = of(status);
    (status.canonical_reason() != Some(phrase)).then_some(phrase)
}
