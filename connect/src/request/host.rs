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
            let end = name_end(text);
            if end == 0 {
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

/// Where the `reg-name` of RFC 3986, section 3.2.2, ends, which includes IPv4 addresses.
fn name_end(text: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += rest.iter().position(|&byte| !IN_NAMES[usize::from(byte)]).unwrap_or(rest.len());
        match text[end..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => end += 3,
            _ => return end,
        }
    }
}

/// The bytes that stand for themselves. A table, since each request's host is validated.
const IN_NAMES: [bool; 256] = {
    let mut allowed = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        allowed[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=');
        byte += 1;
    }
    allowed
};

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
