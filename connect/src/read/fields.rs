//! Names and values, as in a query or a form.

use std::borrow::Cow;

use serde::Deserialize;

use super::error::{BodyError, BodyErrorKind};
use crate::{Error, Result};

/// Deserializes a query or a form. `what` names it in messages.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str, what: &str) -> Result<T> {
    let deserializer = serde_html_form::Deserializer::from_bytes(text.as_bytes());
    serde_path_to_error::deserialize(deserializer).map_err(|err| wrong(err, text, what))
}

/// The error for values that do not fit the type.
pub(super) fn wrong(
    err: serde_path_to_error::Error<serde_html_form::de::Error>,
    text: &str,
    what: &str,
) -> Error {
    let path = err.path().to_string();
    let err = err.into_inner();
    let (message, field) = describe(&err.to_string(), &path, what);
    let message = if is_repeated(text, &path) && is_list(&err.to_string()) {
        format!("`{path}` appears more than once in {what}: send a single value")
    } else {
        message
    };
    BodyError::new(BodyErrorKind::Data, message).with_field(field).with_source(err).into()
}

/// Whether a name appears more than once in a query or a form.
fn is_repeated(text: &str, name: &str) -> bool {
    form_urlencoded::parse(text.as_bytes()).filter(|(key, _)| key == name).nth(1).is_some()
}

/// Whether the error is that of a list in place of a single value: the first is `serde_html_form`'s message for it, the
/// second serde's.
fn is_list(message: &str) -> bool {
    message == "unsupported value" || message.starts_with("invalid type: sequence, ")
}

/// Says what was wrong, and in which field, without quoting what the client sent; and the path of the field.
pub(super) fn describe(message: &str, path: &str, what: &str) -> (String, Option<String>) {
    let wrong = public(message);
    let Some(name) = wrong.strip_prefix("missing field ") else {
        return match is_root(path) {
            true => (format!("{what} does not fit: {wrong}"), None),
            false => (format!("`{path}` in {what}: {wrong}"), Some(path.to_owned())),
        };
    };
    let field = name.trim_matches('`');
    match is_root(path) {
        true => (format!("{what} lacks {name}"), Some(field.to_owned())),
        false => (format!("`{path}` in {what} lacks {name}"), Some(format!("{path}.{field}"))),
    }
}

fn is_root(path: &str) -> bool {
    matches!(path, "" | "." | "?")
}

/// The part of serde's message that comes from the program, and not from the client.
fn public(message: &str) -> Cow<'_, str> {
    if let Some(wanted) = of_std(message) {
        return Cow::Borrowed(wanted);
    }
    if is_name(message, "missing field `") || is_name(message, "duplicate field `") {
        return Cow::Borrowed(message);
    }
    // The found value comes first, and is the client's.
    match message.rsplit_once(", expected ") {
        Some((_, wanted)) if !message.ends_with(", there are no fields") => {
            Cow::Owned(format!("expected {}", without_type(wanted)))
        }
        _ => Cow::Borrowed("not a value of that kind"),
    }
}

/// What the standard library's parsers say of a text that should be a number, a boolean or a character, in the same words.
fn of_std(message: &str) -> Option<&'static str> {
    Some(match message {
        // Also said of `-1` where no number may be negative.
        "invalid digit found in string" => "not a whole number in the allowed range",
        "cannot parse integer from empty string" => "expected a whole number",
        "number too large to fit in target type" => "the number is too large",
        "number too small to fit in target type" => "the number is too small",
        "number would be zero for non-zero type" => "expected a whole number other than 0",
        "invalid float literal" | "cannot parse float from empty string" => "expected a number",
        "provided string was not `true` or `false`" => "expected `true` or `false`",
        "cannot parse char from empty string" | "too many characters in string" => "expected one character",
        _ => return None,
    })
}

/// What serde expected, in words of the format and not of the program.
fn without_type(wanted: &str) -> &str {
    match wanted {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "a whole number that is not negative",
        "i8" => "a whole number from -128 to 127",
        "i16" => "a whole number from -32768 to 32767",
        "i32" => "a whole number from -2147483648 to 2147483647",
        "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "unit" => "null",
        "a tuple" => "a sequence",
        _ => {
            let is = |start: &str| wanted.starts_with(start);
            if ["struct ", "internally tagged enum ", "adjacently tagged enum "].into_iter().any(is) {
                "an object"
            } else if is("tuple struct ") || is("tuple variant ") {
                "a sequence"
            } else if is("unit struct ") {
                "null"
            } else if is("enum ") {
                "a string or an object"
            } else if is("a nonzero u") {
                "a whole number above 0"
            } else if is("a nonzero i") {
                "a whole number other than 0"
            } else {
                wanted
            }
        }
    }
}

/// Whether a message is nothing but one of serde's words and the name of a field.
fn is_name(message: &str, start: &str) -> bool {
    let name = message.strip_prefix(start).and_then(|rest| rest.strip_suffix('`'));
    name.is_some_and(|name| !name.contains('`'))
}

/// Fails if a form has too many fields, before any of them is parsed.
pub(super) fn refuse_many(form: &[u8], limit: usize) -> Result<(), BodyError> {
    let fields =
        form.split(|&byte| byte == b'&').filter(|field| !field.is_empty()).take(limit.saturating_add(1));
    if fields.count() > limit { Err(BodyError::too_many(limit, "fields")) } else { Ok(()) }
}

/// The text of a form.
pub(super) fn text(form: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(form).map_err(|_| BodyError::malformed("the form is not valid UTF-8").into())
}

#[cfg(test)]
mod tests {
    use super::{describe, refuse_many};

    #[test]
    fn a_message_does_not_quote_the_client() {
        for (message, path, wanted) in [
            ("missing field `q`", ".", "the form lacks `q`"),
            ("missing field `name`", "user", "`user` in the form lacks `name`"),
            (
                "invalid type: string \"secret\", expected i64",
                "a.b",
                "`a.b` in the form: expected a whole number",
            ),
            (
                "invalid length 1, expected struct NewBooking with 5 elements",
                "a",
                "`a` in the form: expected an object",
            ),
            (
                "invalid type: map, expected a nonzero u16",
                "a",
                "`a` in the form: expected a whole number above 0",
            ),
            (
                "invalid type: map, expected tuple struct Point with 2 elements",
                "a",
                "`a` in the form: expected a sequence",
            ),
            (
                "unknown variant `secret, expected x`, expected `a` or `b`",
                "k",
                "`k` in the form: expected `a` or `b`",
            ),
            (
                "unknown field `x, expected secret`, there are no fields",
                ".",
                "the form does not fit: not a value of that kind",
            ),
            ("secret is not my favourite", "k", "`k` in the form: not a value of that kind"),
            ("missing field `q` secret `", ".", "the form does not fit: not a value of that kind"),
        ] {
            assert_eq!(describe(message, path, "the form").0, wanted);
        }
    }

    #[test]
    fn the_field_is_named_by_its_path() {
        for (message, path, wanted) in [
            ("missing field `q`", ".", Some("q")),
            ("missing field `age`", "user", Some("user.age")),
            ("invalid type: map, expected u8", "tags[1]", Some("tags[1]")),
            ("invalid type: map, expected struct User", ".", None),
        ] {
            assert_eq!(describe(message, path, "the form").1.as_deref(), wanted, "{message}");
        }
    }

    #[test]
    fn a_single_value_that_appears_twice_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "it is only read")]
        struct Page {
            page: u32,
        }
        let err = super::read::<Page>("page=1&page=2", "the query").unwrap_err();
        assert_eq!(err.public_message(), "`page` appears more than once in the query: send a single value");
        assert_eq!(err.status(), 400);
        let err = super::read::<Page>("page=x&tag=1&tag=2", "the query").unwrap_err();
        assert_eq!(err.public_message(), "`page` in the query: not a whole number in the allowed range");
    }

    #[test]
    fn fields_are_counted_up_to_the_limit() {
        assert!(refuse_many(b"", 0).is_ok());
        assert!(refuse_many(b"a=1&&b=2&", 2).is_ok());
        assert!(refuse_many(b"a=1&b=2&c", 2).is_err());
        assert!(refuse_many(b"a=1&b=2&c", usize::MAX).is_ok());
    }
}
