//! The headers of W3C Trace Context (<https://www.w3.org/TR/trace-context-2/>), section 3.

/// What `traceparent` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: [u8; 8],
    pub(super) flags: u8,
}

/// The length of a `traceparent` of version 0.
const LENGTH: usize = 55;
/// How many members `tracestate` has at most.
const MEMBERS: usize = 32;

/// Parses `traceparent` (section 3.2). Later versions may be longer.
pub(super) fn traceparent(header: &[u8]) -> Option<Parent> {
    let (known, rest) = header.split_at_checked(LENGTH)?;
    let [version] = hex(&known[..2])?;
    let is_complete = match version {
        0 => rest.is_empty(),
        0xff => false,
        _ => rest.first().is_none_or(|byte| *byte == b'-'),
    };
    if !is_complete || [2, 35, 52].iter().any(|at| known[*at] != b'-') {
        return None;
    }
    let (trace_id, span_id) = (hex(&known[3..35])?, hex(&known[36..52])?);
    let [flags] = hex(&known[53..])?;
    (trace_id != [0; 16] && span_id != [0; 8]).then_some(Parent { trace_id, span_id, flags })
}

/// Bytes of lower-case digits.
fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Parses `tracestate` (section 3.3), of one header or several: `None` if there is none, or it is not valid.
pub(super) fn tracestate<'a>(headers: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    let (mut state, mut keys) = (String::new(), Vec::new());
    for header in headers {
        for member in header.split(|byte| *byte == b',') {
            let member = trim(member);
            // An empty member is allowed, and says nothing.
            if member.is_empty() {
                continue;
            }
            let at = member.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (&member[..at], &member[at + 1..]);
            if !is_key(key) || !is_value(value) || keys.contains(&key) || keys.len() == MEMBERS {
                return None;
            }
            keys.push(key);
            if !state.is_empty() {
                state.push(',');
            }
            state.push_str(std::str::from_utf8(member).ok()?);
        }
    }
    (!state.is_empty()).then_some(state)
}

fn trim(member: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let begin = member.iter().position(|byte| !is_space(byte)).unwrap_or(member.len());
    let end = member.iter().rposition(|byte| !is_space(byte)).map_or(begin, |last| last + 1);
    &member[begin..end]
}

/// A key: of one system, or of a tenant of a system.
fn is_key(key: &[u8]) -> bool {
    let begins =
        |part: &[u8]| part.first().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_of_key = |byte: &u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'*' | b'/')
    };
    match key.iter().position(|byte| *byte == b'@') {
        None => begins(key) && key.len() <= 256 && key.iter().all(is_of_key),
        Some(at) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            begins(tenant)
                && tenant.len() <= 241
                && tenant.iter().all(is_of_key)
                && system.first().is_some_and(u8::is_ascii_lowercase)
                && system.len() <= 14
                && system.iter().all(is_of_key)
        }
    }
}

/// A value: 1 to 256 visible characters and spaces, without commas and equals signs. The spaces at its end are cut off.
fn is_value(value: &[u8]) -> bool {
    let is_of_value = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    (1..=256).contains(&value.len()) && value.iter().all(is_of_value)
}

#[cfg(test)]
mod tests {
    use super::{traceparent, tracestate};

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn state(headers: &[&str]) -> Option<String> {
        tracestate(headers.iter().map(|header| header.as_bytes()))
    }

    #[test]
    fn a_traceparent_of_this_version_and_of_later_ones() {
        let parent = traceparent(format!("00-{TRACE}-{SPAN}-01").as_bytes()).expect("valid");
        assert_eq!((parent.trace_id[0], parent.span_id[1], parent.flags), (0x4b, 0xf0, 1));
        for later in ["cc-{}-00", "cc-{}-01-what-the-future-brings", "01-{}-ff-"] {
            let header = later.replace("{}", &format!("{TRACE}-{SPAN}"));
            assert!(traceparent(header.as_bytes()).is_some(), "{header}");
        }
    }

    #[test]
    fn what_the_specification_forbids_is_no_traceparent() {
        let zeros = "0".repeat(32);
        for header in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01-extra"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("cc-{TRACE}-{SPAN}-01.what"),
            format!("0-{TRACE}-{SPAN}-011"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00_{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}_{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-0X"),
            format!("00-{TRACE}-{SPAN}-\u{e9}"),
            format!(" 00-{TRACE}-{SPAN}-1"),
        ] {
            assert_eq!(traceparent(header.as_bytes()), None, "{header}");
        }
    }

    #[test]
    fn a_tracestate_of_several_headers_is_one_list() {
        assert_eq!(
            state(&["foo=1 , ,bar=a b", "\tt3n@sys=x;y:z"]).expect("valid"),
            "foo=1,bar=a b,t3n@sys=x;y:z"
        );
        assert_eq!(state(&[]), None);
        assert_eq!(state(&[" , "]), None);
        let most: Vec<_> = (0..32).map(|index| format!("k{index}=v")).collect();
        assert_eq!(state(&[&most.join(",")]).expect("valid"), most.join(","));
    }

    #[test]
    fn what_the_specification_forbids_is_no_tracestate() {
        let many: Vec<_> = (0..33).map(|index| format!("k{index}=v")).collect();
        let (many, long_key, long_value) = (many.join(","), "k".repeat(257), "v".repeat(257));
        for header in [
            "foo",
            "foo=",
            "=1",
            "Foo=1",
            "foo =1",
            "foo=1,foo=2",
            "foo=a=b",
            "foo=\u{e9}",
            "foo=a\tb",
            "@sys=1",
            "ten@=1",
            "ten@1ys=1",
            "ten@sys@x=1",
            "foo.bar=1",
            &many,
            &format!("{long_key}=1"),
            &format!("foo={long_value}"),
            &format!("ten@{}=1", "s".repeat(15)),
            &format!("{}@sys=1", "t".repeat(242)),
        ] {
            assert_eq!(state(&[header]), None, "{header}");
        }
    }
}
