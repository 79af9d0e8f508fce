//! `Content-Type`: short names, extensions and the charset of texts.

use http::header::{self, HeaderValue};

use super::Response;

const UTF_8: &str = "; charset=utf-8";

impl Response {
    /// Sets the `Content-Type`, from a media type (`"image/png"`), or from a short name or an extension (`"json"`,
    /// `".png"`).
    ///
    /// `charset=utf-8` is added to text, JSON and scripts without a charset. A name that is not known becomes
    /// `application/octet-stream`, as in Express.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// assert_eq!(res.content_type("json").header("content-type"), Some("application/json; charset=utf-8"));
    /// assert_eq!(res.content_type(".png").header("content-type"), Some("image/png"));
    /// assert_eq!(res.content_type("text/html").header("content-type"), Some("text/html; charset=utf-8"));
    /// assert_eq!(res.content_type("text/html; charset=latin1").header("content-type"), Some("text/html; charset=latin1"));
    /// ```
    pub fn content_type(&mut self, name: &str) -> &mut Self {
        if !name.contains('/') {
            let extension = name.strip_prefix('.').unwrap_or(name);
            self.headers.insert(header::CONTENT_TYPE, type_of_extension(extension));
            return self;
        }
        let says_charset = parameters(name).any(is_charset);
        if has_charset(essence(name)) && !says_charset {
            self.set(header::CONTENT_TYPE, format!("{}{UTF_8}", name.trim_end()))
        } else {
            self.set(header::CONTENT_TYPE, name)
        }
    }
}

/// The `Content-Type` for files with an extension, written without its dot.
pub(crate) fn type_of_extension(extension: &str) -> HeaderValue {
    let known = mime_guess::from_ext(extension).first_raw();
    match known {
        Some("text/html") => HeaderValue::from_static("text/html; charset=utf-8"),
        Some("text/css") => HeaderValue::from_static("text/css; charset=utf-8"),
        Some("text/javascript") => HeaderValue::from_static("text/javascript; charset=utf-8"),
        Some("text/plain") => HeaderValue::from_static("text/plain; charset=utf-8"),
        Some("application/json") => HeaderValue::from_static("application/json; charset=utf-8"),
        Some(known) if has_charset(known) => HeaderValue::try_from(format!("{known}{UTF_8}"))
            .unwrap_or(HeaderValue::from_static("application/octet-stream")),
        Some(known) => HeaderValue::from_static(known),
        None => HeaderValue::from_static("application/octet-stream"),
    }
}

/// Sets the charset of text to UTF-8, which is the encoding of every string.
#[inline]
pub(super) fn complete(content_type: &mut HeaderValue) {
    if !content_type.as_bytes().ends_with(b"charset=utf-8") {
        complete_slowly(content_type);
    }
}

#[cold]
fn complete_slowly(content_type: &mut HeaderValue) {
    let Ok(text) = content_type.to_str() else { return };
    if !is_text(essence(text)) {
        return;
    }
    let mut completed = essence(text).to_owned();
    for parameter in parameters(text) {
        if is_charset(parameter) {
            let value = parameter.split_once('=').map_or("", |(_, value)| value.trim().trim_matches('"'));
            if value.eq_ignore_ascii_case("utf-8") {
                return;
            }
        } else {
            completed.push_str("; ");
            completed.push_str(parameter);
        }
    }
    completed.push_str(UTF_8);
    if let Ok(completed) = HeaderValue::try_from(completed) {
        *content_type = completed;
    }
}

/// A type without its parameters.
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or("").trim()
}

/// The parameters of a type. A semicolon between quotes is part of one.
fn parameters(content_type: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    content_type
        .split(move |c: char| {
            let quote = c == '"' && !escaped;
            escaped = quoted && c == '\\' && !escaped;
            quoted ^= quote;
            c == ';' && !quoted
        })
        .skip(1)
        .map(str::trim)
        .filter(|parameter| !parameter.is_empty())
}

fn is_charset(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
}

/// The types that always get a charset.
fn has_charset(essence: &str) -> bool {
    const OTHERS: [&str; 4] =
        ["application/json", "application/javascript", "application/ecmascript", "application/manifest+json"];
    starts_with(essence, "text/") || OTHERS.iter().any(|other| essence.eq_ignore_ascii_case(other))
}

/// The types that are text: those with a charset, and XML and JSON. A file of the latter may declare its own charset.
fn is_text(essence: &str) -> bool {
    const ENDS: [&str; 4] = ["+xml", "/xml", "+json", "/json"];
    has_charset(essence) || ENDS.iter().any(|end| ends_with(essence, end))
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

fn ends_with(text: &str, end: &str) -> bool {
    let at = text.len().checked_sub(end.len());
    at.and_then(|at| text.get(at..)).is_some_and(|text| text.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::type_of_extension;
    use crate::Response;

    #[test]
    fn an_extension_has_a_type_and_a_text_its_charset() {
        for (extension, content_type) in [
            ("html", "text/html; charset=utf-8"),
            ("HTML", "text/html; charset=utf-8"),
            ("js", "text/javascript; charset=utf-8"),
            ("mjs", "application/javascript; charset=utf-8"),
            ("csv", "text/csv; charset=utf-8"),
            ("webmanifest", "application/manifest+json; charset=utf-8"),
            ("svg", "image/svg+xml"),
            ("wasm", "application/wasm"),
            ("nonsense", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(type_of_extension(extension), content_type, "{extension}");
        }
    }

    #[test]
    fn a_type_that_http_does_not_allow_is_an_error_at_send() {
        let mut res = Response::new();
        assert!(res.content_type("text/\nhtml").send("x").is_err());
        assert!(res.content_type("image/\u{e9}\n").send("x").is_err());
    }
}
