//! `Content-Disposition` (RFC 6266, RFC 8187).

use std::fmt::Write;

use http::header;

use super::Response;
use super::content_type::type_of_extension;

impl Response {
    /// Makes browsers save the response instead of showing it, with a file name if there is one. The name's extension
    /// then sets the `Content-Type`.
    ///
    /// Of a path only the last part is used. A name that is not ASCII is sent twice: in UTF-8, and with question marks
    /// for old clients (RFC 6266, appendix D).
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// res.attachment("reports/July.pdf");
    /// assert_eq!(res.header("content-disposition"), Some("attachment; filename=\"July.pdf\""));
    /// assert_eq!(res.header("content-type"), Some("application/pdf"));
    ///
    /// let mut res = Response::new();
    /// res.attachment(None);
    /// assert_eq!(res.header("content-disposition"), Some("attachment"));
    /// ```
    pub fn attachment<'a>(&mut self, name: impl Into<Option<&'a str>>) -> &mut Self {
        let Some(name) = name.into() else { return self.set(header::CONTENT_DISPOSITION, "attachment") };
        let name = last_part(name);
        if let Some((_, extension)) = name.rsplit_once('.') {
            self.headers.insert(header::CONTENT_TYPE, type_of_extension(extension));
        }
        self.set(header::CONTENT_DISPOSITION, disposition(name))
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("")
}

/// The header for a name without folders.
pub(super) fn disposition(name: &str) -> String {
    let is_plain = |c: char| matches!(c, ' '..='~');
    let mut value = String::from("attachment; filename=\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => value.extend(['\\', c]),
            c if is_plain(c) => value.push(c),
            _ => value.push('?'),
        }
    }
    value.push('"');
    // Some clients decode the plain name too, so a name that looks encoded is also sent in the encoded form.
    let looks_encoded =
        name.as_bytes().windows(3).any(|w| w[0] == b'%' && w[1..].iter().all(u8::is_ascii_hexdigit));
    if looks_encoded || !name.chars().all(is_plain) {
        value.push_str("; filename*=UTF-8''");
        for &byte in name.as_bytes() {
            // `attr-char` of RFC 8187.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::Response;

    #[test]
    fn a_name_is_quoted_and_encoded_as_the_rfcs_say() {
        for (name, header) in [
            ("plans.pdf", "attachment; filename=\"plans.pdf\""),
            ("the \"plans\".pdf", "attachment; filename=\"the \\\"plans\\\".pdf\""),
            (
                "\u{20ac} rates.pdf",
                "attachment; filename=\"? rates.pdf\"; filename*=UTF-8''%E2%82%AC%20rates.pdf",
            ),
            ("caf\u{e9}.txt", "attachment; filename=\"caf?.txt\"; filename*=UTF-8''caf%C3%A9.txt"),
            ("50%25.txt", "attachment; filename=\"50%25.txt\"; filename*=UTF-8''50%2525.txt"),
            ("100%.txt", "attachment; filename=\"100%.txt\""),
            ("a\r\nb: c.txt", "attachment; filename=\"a??b: c.txt\"; filename*=UTF-8''a%0D%0Ab%3A%20c.txt"),
            ("../../etc/passwd", "attachment; filename=\"passwd\""),
            ("c:\\temp\\x.txt", "attachment; filename=\"x.txt\""),
            ("", "attachment; filename=\"\""),
        ] {
            let mut res = Response::new();
            assert_eq!(res.attachment(name).header("content-disposition"), Some(header));
            assert!(res.send("x").is_ok());
        }
    }

    #[test]
    fn the_extension_of_the_name_sets_the_type() {
        let mut res = Response::new();
        assert_eq!(res.attachment("a.tar.gz").header("content-type"), Some("application/gzip"));
        assert_eq!(Response::new().attachment("README").header("content-type"), None);
    }
}
