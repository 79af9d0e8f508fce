//! The media type of the body.

use std::borrow::Cow;

use http::header;
use http_body::Body as _;

use super::Request;

impl Request {
    /// Returns whether the request has a body of this type: `json`, `html`, `urlencoded`, a media type, or a pattern
    /// such as `text/*`, `multipart` or `+json`.
    ///
    /// It compares `Content-Type` without its parameters. A request without a body has no type, as for Express's
    /// `req.is`.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request =
    ///     http::Request::post("/").header("content-type", "application/vnd.api+json; v=1").body("{}").unwrap().into();
    /// assert!(req.is("+json") && req.is("application/*"));
    /// assert!(!req.is("json"));
    /// ```
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.has_body() && self.media_type().is_some_and(|actual| matches(&expected(kind), &actual))
    }

    /// Whether the head announces a body, or there is one.
    pub(crate) fn has_body(&self) -> bool {
        let length = || self.header("content-length").is_some_and(|text| text.trim().parse::<u64>().is_ok());
        self.headers.contains_key(header::TRANSFER_ENCODING)
            || length()
            || !self.body.is_end_stream()
            || self.body.as_kept().is_some_and(|kept| !kept.is_empty())
    }

    /// The media type in `Content-Type`, in lower case and without parameters, if it is valid.
    pub(crate) fn media_type(&self) -> Option<Cow<'_, str>> {
        essence(self.header("content-type")?)
    }

    /// The parameter `charset` of `Content-Type`.
    pub(crate) fn charset(&self) -> Option<Cow<'_, str>> {
        parameter(self.header("content-type")?, "charset")
    }
}

/// The type and the subtype of a `Content-Type`, in lower case.
pub(crate) fn essence(content_type: &str) -> Option<Cow<'_, str>> {
    let essence = content_type.split(';').next().unwrap_or(content_type).trim();
    let (kind, subtype) = essence.split_once('/')?;
    if !(is_token(kind) && is_token(subtype)) {
        return None;
    }
    // Clients write it in lower case.
    let is_lower = !essence.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if is_lower { Cow::Borrowed(essence) } else { Cow::Owned(essence.to_ascii_lowercase()) })
}

/// The value of a parameter.
pub(crate) fn parameter<'a>(content_type: &'a str, name: &str) -> Option<Cow<'a, str>> {
    pieces(content_type, ';').skip(1).find_map(|piece| {
        let (key, value) = piece.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| unquoted(value.trim()))
    })
}

/// The items of a list. A separator in quotes is part of an item.
pub(crate) fn pieces(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    list.split(move |c| {
        let ends = c == separator && !quoted;
        if quoted && c == '\\' && !escaped {
            escaped = true;
        } else {
            quoted ^= c == '"' && !escaped;
            escaped = false;
        }
        ends
    })
}

/// The value without its quotes, if it has any.
pub(crate) fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return Cow::Borrowed(value);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    Cow::Owned(out)
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The media type or pattern that a short name stands for.
pub(crate) fn expected(kind: &str) -> Cow<'_, str> {
    match kind {
        "urlencoded" => Cow::Borrowed("application/x-www-form-urlencoded"),
        "multipart" => Cow::Borrowed("multipart/*"),
        _ if kind.starts_with('+') => Cow::Owned(format!("*/*{kind}")),
        _ => of_extension(kind),
    }
}

/// The media type of a file name extension. A media type is returned as it is.
pub(crate) fn of_extension(name: &str) -> Cow<'_, str> {
    if name.contains('/') {
        return Cow::Borrowed(name);
    }
    let known = mime_guess::from_ext(name.trim_start_matches('.')).first_raw();
    known.map_or(Cow::Borrowed(name), Cow::Borrowed)
}

/// Whether a media type, in lower case, matches a pattern.
pub(crate) fn matches(pattern: &str, actual: &str) -> bool {
    let pattern = pattern.split(';').next().unwrap_or(pattern).trim();
    let (Some((kind, subtype)), Some((actual_kind, actual_subtype))) =
        (pattern.split_once('/'), actual.split_once('/'))
    else {
        return false;
    };
    let subtype_fits = match subtype.strip_prefix("*+") {
        Some(suffix) => actual_subtype
            .rsplit_once('+')
            .is_some_and(|(_, actual_suffix)| actual_suffix.eq_ignore_ascii_case(suffix)),
        None => subtype == "*" || subtype.eq_ignore_ascii_case(actual_subtype),
    };
    (kind == "*" || kind.eq_ignore_ascii_case(actual_kind)) && subtype_fits
}

#[cfg(test)]
mod tests {
    use super::parameter;
    use crate::Request;

    fn is(content_type: &str, kind: &str) -> bool {
        let req = http::Request::post("/").header("content-type", content_type).body("x").unwrap();
        Request::from(req).is(kind)
    }

    #[test]
    fn a_type_is_known_by_its_short_name_and_by_patterns() {
        for (content_type, kind) in [
            ("application/json", "json"),
            ("Application/JSON; charset=utf-8", "application/json"),
            ("text/html", "html"),
            ("text/html", "text/*"),
            ("text/plain", "txt"),
            ("application/x-www-form-urlencoded", "urlencoded"),
            ("multipart/form-data; boundary=x", "multipart"),
            ("multipart/form-data; boundary=x", "multipart/*"),
            ("application/vnd.api+json", "+json"),
            ("application/vnd.api+json", "application/*+json"),
            ("image/png", "*/*"),
        ] {
            assert!(is(content_type, kind), "{content_type} is {kind}");
        }
        for (content_type, kind) in [
            ("application/vnd.api+json", "json"),
            ("application/json", "+json"),
            ("text/html", "json"),
            ("nonsense", "*/*"),
            ("a/b/c", "*/*"),
            ("text/html", "unknown"),
            ("", "html"),
        ] {
            assert!(!is(content_type, kind), "{content_type} is not {kind}");
        }
    }

    #[test]
    fn a_request_without_a_body_has_no_type() {
        let req = http::Request::get("/").header("content-type", "text/html").body("").unwrap();
        assert!(!Request::from(req).is("html"));
        let announced =
            http::Request::post("/").header("content-type", "text/html").header("content-length", "0");
        assert!(Request::from(announced.body("").unwrap()).is("html"));
    }

    #[test]
    fn a_parameter_may_be_quoted() {
        for (text, charset) in [
            ("text/plain; charset=utf-8", Some("utf-8")),
            (r#"text/plain; a=";charset=x"; Charset="a\"b""#, Some("a\"b")),
            ("text/plain;charset = latin1 ;x=y", Some("latin1")),
            ("text/plain; charset", None),
            ("text/plain", None),
        ] {
            assert_eq!(parameter(text, "charset").as_deref(), charset, "{text}");
        }
    }
}
