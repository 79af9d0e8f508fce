//! Validating hosts.

use std::net::Ipv6Addr;

/// Whether text is a host with an optional port, `uri-host [ ":" port ]` (RFC 9110, section 7.2): a name, an IPv4
/// address, or an IPv6 address in brackets. User information is not part of it.
pub(crate) fn is_host(text: &[u8]) -> bool {
    let port = match text {
        [b'[', rest @ ..] => {
            let Some(end) = rest.iter().position(|byte| *byte == b']') else { return false };
            let address =
                std::str::from_utf8(&rest[..end]).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
            if address.is_none() {
                return false;
            }
            &rest[end + 1..]
        }
        _ => {
            let end = text.iter().position(|byte| *byte == b':').unwrap_or(text.len());
            if !is_name(&text[..end]) {
                return false;
            }
            &text[end..]
        }
    };
    match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// `reg-name` of RFC 3986, section 3.2.2, which includes IPv4 addresses.
fn is_name(text: &[u8]) -> bool {
    let is_allowed = |i: usize| match text[i] {
        byte if byte.is_ascii_alphanumeric() => true,
        b'-' | b'.' | b'_' | b'~' => true,
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
        b'%' => matches!(text.get(i + 1..i + 3), Some(digits) if digits.iter().all(u8::is_ascii_hexdigit)),
        _ => false,
    };
    !text.is_empty() && (0..text.len()).all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn a_host_is_a_name_or_an_address_and_a_port() {
        for host in [
            "example.com",
            "EXAMPLE.com:3000",
            "a:",
            "x",
            "127.0.0.1:80",
            "[::1]",
            "[2001:db8::1]:443",
            "a_b-c.d~",
            "xn--caf-dma.fr",
            "%C3%A9.fr",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":80",
            "a b",
            "x/y",
            "a\"><script>",
            "user@evil:80/x",
            "user@evil",
            "good.com:pw@evil.com",
            "a:b",
            "a:80:80",
            "a:-1",
            "a:123456",
            "::1",
            "[::1",
            "[::1]x",
            "[a]",
            "[]",
            "[fe80::1%25eth0]",
            "a\\b",
            "a?b",
            "a#b",
            "%zz",
            "%4",
            "\u{e9}.fr",
            "a,b c",
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }
}
