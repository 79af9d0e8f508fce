//! Statuses: the types that convert into one, and the standard texts, as Node sends them.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

/// A type that converts into a status: a [`StatusCode`], or its number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a status",
    label = "expected a number like `404`, a `u16` or a `StatusCode`"
)]
pub trait IntoStatus {
    /// Converts into a status.
    ///
    /// # Errors
    /// If the number is not a status, from 100 to 999.
    fn into_status(self) -> Result<StatusCode, InvalidStatus>;
}

impl IntoStatus for StatusCode {
    #[inline]
    fn into_status(self) -> Result<StatusCode, InvalidStatus> {
        Ok(self)
    }
}

impl IntoStatus for u16 {
    #[inline]
    fn into_status(self) -> Result<StatusCode, InvalidStatus> {
        StatusCode::from_u16(self).map_err(|_| InvalidStatus(self))
    }
}

/// A number that is not a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidStatus(u16);

impl fmt::Display for InvalidStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a status: expected 100 to 999", self.0)
    }
}

impl std::error::Error for InvalidStatus {}

/// The text for the final handler's pages and for the status line, as Node has it. The `http` crate spells two
/// differently and lacks one.
pub(crate) fn phrase(status: StatusCode) -> &'static str {
    match status.as_u16() {
        203 => "Non-Authoritative Information",
        418 => "I'm a Teapot",
        509 => "Bandwidth Limit Exceeded",
        _ => status.canonical_reason().unwrap_or("unknown"),
    }
}

/// The body of a response that is only a status, as Express's `res.sendStatus` sends it: a status without a text is its
/// number.
pub(crate) fn text(status: StatusCode) -> Cow<'static, str> {
    match phrase(status) {
        "unknown" => Cow::Owned(status.as_str().to_owned()),
        phrase => Cow::Borrowed(phrase),
    }
}

/// The text for the status line, if hyper would write another one.
pub(crate) fn phrase_to_set(status: StatusCode) -> Option<&'static str> {
    let phrase = phrase(status);
    (status.canonical_reason() != Some(phrase)).then_some(phrase)
}

#[cfg(test)]
mod tests {
    use super::{IntoStatus, phrase, phrase_to_set};
    use http::StatusCode;

    #[test]
    fn phrases_are_those_of_node() {
        for (status, text) in
            [(203, "Non-Authoritative Information"), (418, "I'm a Teapot"), (404, "Not Found")]
        {
            assert_eq!(phrase(status.into_status().unwrap()), text);
        }
        assert_eq!(phrase_to_set(StatusCode::NOT_FOUND), None);
        assert_eq!(phrase_to_set(StatusCode::from_u16(599).unwrap()), Some("unknown"));
    }
}
