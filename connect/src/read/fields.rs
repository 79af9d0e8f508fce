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
    let message = if is_repeated(text, &path) && is_list(&err.to_string()) {
        format!("`{path}` appears more than once in {what}: send a single value")
    } else {
        describe(&err.to_string(), &path, what)
    };
    BodyError::new(BodyErrorKind::Data, message).with_source(err).into()
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

/// Says what was wrong, and in which field, without quoting what the client sent.
pub(super) fn describe(message: &str, path: &str, what: &str) -> String {
    let wrong = public(message);
    match wrong.strip_prefix("missing field ") {
        Some(name) if is_root(path) => format!("{what} lacks {name}"),
        Some(name) => format!("`{path}` in {what} lacks {name}"),
        None if is_root(path) => format!("{what} does not fit: {wrong}"),
        None => format!("`{path}` in {what}: {wrong}"),
    }
}

fn is_root(path: &str) -> bool {
    matches!(path, "" | "." | "?")
}

/// The part of serde's message that comes from the program, and not from the client.
fn public(message: &str) -> Cow<'_, str> {
    const OF_STD: [&str; 11] = [
        "invalid digit found in string",
        "cannot parse integer from empty string",
        "number too large to fit in target type",
        "number too small to fit in target type",
        "number would be zero for non-zero type",
        "invalid float literal",
        "cannot parse float from empty string",
        "provided string was not `true` or `false`",
        "cannot parse char from empty string",
        "too many characters in string",
        "unsupported value",
    ];
    if OF_STD.contains(&message)
        || is_name(message, "missing field `")
        || is_name(message, "duplicate field `")
    {
        return Cow::Borrowed(message);
    }
    // The found value comes first, and is the client's.
    match message.rsplit_once(", expected ") {
        Some((_, wanted)) if !message.ends_with(", there are no fields") => {
            Cow::Owned(format!("expected {wanted}"))
        }
        _ => Cow::Borrowed("not a value of that kind"),
    }
}

/// Whether a message is one of serde's phrases with the name of a field, and nothing else.
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
            ("invalid type: string \"secret\", expected u32", "a.b", "`a.b` in the form: expected u32"),
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
            assert_eq!(describe(message, path, "the form"), wanted);
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
        assert_eq!(err.public_message(), "`page` in the query: invalid digit found in string");
    }

    #[test]
    fn fields_are_counted_up_to_the_limit() {
        assert!(refuse_many(b"", 0).is_ok());
        assert!(refuse_many(b"a=1&&b=2&", 2).is_ok());
        assert!(refuse_many(b"a=1&b=2&c", 2).is_err());
        assert!(refuse_many(b"a=1&b=2&c", usize::MAX).is_ok());
    }
}
