//! Encoding text for URLs and pages.

use std::borrow::Cow;

/// Percent-encodes what a URL cannot contain, as Express's `encodeurl` does. Existing sequences are kept, and a `%`
/// that begins none becomes `%25`.
pub(crate) fn encode_url(url: &str) -> Cow<'_, str> {
    use std::fmt::Write;
    let bytes = url.as_bytes();
    let is_allowed = |i: usize| match bytes[i] {
        b'%' => matches!(bytes.get(i + 1..i + 3), Some(hex) if hex.iter().all(u8::is_ascii_hexdigit)),
        b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | ..=0x20 | 0x7f.. => false,
        _ => true,
    };
    if (0..bytes.len()).all(is_allowed) {
        return Cow::Borrowed(url);
    }
    let mut out = String::with_capacity(url.len() + 16);
    for (i, &byte) in bytes.iter().enumerate() {
        if is_allowed(i) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Cow::Owned(out)
}

/// Escapes text for HTML, and keeps line ends and runs of spaces visible.
pub(crate) fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_space = false;
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("<br>"),
            ' ' if after_space => out.push_str("&nbsp;"),
            c => out.push(c),
        }
        // Every second space of a run: two make " &nbsp;", four " &nbsp; &nbsp;".
        after_space = c == ' ' && !after_space;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{encode_url, escape_html};

    #[test]
    fn a_url_is_encoded_once() {
        for (url, encoded) in [
            ("/foo/<script>stuff'n</script>", "/foo/%3Cscript%3Estuff'n%3C/script%3E"),
            ("/a%20b%2Fc", "/a%20b%2Fc"),
            ("/a%zz", "/a%25zz"),
            ("/a%", "/a%25"),
            ("/\u{e9}", "/%C3%A9"),
            ("/a b\r\nx: y", "/a%20b%0D%0Ax:%20y"),
            ("http://[::1]/a?b=c&d[]=\\#x|~", "http://[::1]/a?b=c&d[]=\\#x|~"),
            ("*", "*"),
        ] {
            assert_eq!(encode_url(url), encoded);
            assert_eq!(encode_url(encoded), encoded);
        }
    }

    #[test]
    fn text_is_escaped_for_a_page() {
        assert_eq!(escape_html("<b>\"x\" & 'y'"), "&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;");
        assert_eq!(escape_html("a  b\n    at"), "a &nbsp;b<br> &nbsp; &nbsp;at");
    }
}
