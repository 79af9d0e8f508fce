//! Where a pattern's characters are in the source.
//!
//! A compiler that can underline a part of a literal gets the part. The stable one underlines the whole literal, so the message
//! shows the characters itself.

use std::ops::Range;

use syn::LitStr;

use super::fault::Fault;
use crate::errors::Errors;

/// Adds the faults of a literal.
pub(crate) fn report(literal: &LitStr, faults: Vec<Fault>, errors: &mut Errors) {
    let token = literal.token();
    let source = token.to_string();
    for Fault { range, message } in faults {
        let range = in_source(&source, &range).unwrap_or(0..source.len());
        match token.subspan(range.clone()) {
            Some(span) => errors.at_span(span, message),
            None => errors.at_span(literal.span(), format_args!("{message}\n\n{}", shown(&source, range))),
        }
    }
}

/// The source of a literal, and a line that points at some of it.
fn shown(source: &str, range: Range<usize>) -> String {
    // On one line, and every character as wide as the `^` below it.
    let line: String = source.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let before = source[..range.start].chars().count();
    let marked = source[range].chars().count();
    format!("{line}\n{:before$}{}", "", "^".repeat(marked))
}

/// Bytes of a literal's source, for bytes of its value.
fn in_source(source: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let open = source.find('"')? + 1;
    if source.starts_with('r') {
        return Some(open + range.start..open + range.end)
            .filter(|range| source.get(range.clone()).is_some());
    }
    let mut value_at = 0;
    let mut at = open;
    let (mut start, mut end) = (None, None);
    while value_at < range.end {
        let rest = source.get(at..)?;
        let (c, length) = character(rest)?;
        if let Some(c) = c {
            if value_at == range.start {
                start = Some(at);
            }
            value_at += c.len_utf8();
            end = Some(at + length);
        }
        at += length;
    }
    Some(start?..end?)
}

/// The character at the beginning of a literal's source, if it is one, and how long it is there.
fn character(source: &str) -> Option<(Option<char>, usize)> {
    let first = source.chars().next()?;
    if first != '\\' {
        return Some((Some(first), first.len_utf8()));
    }
    let escape = source[1..].chars().next()?;
    Some(match escape {
        'n' => (Some('\n'), 2),
        'r' => (Some('\r'), 2),
        't' => (Some('\t'), 2),
        '0' => (Some('\0'), 2),
        'x' => (Some(char::from(u8::from_str_radix(source.get(2..4)?, 16).ok()?)), 4),
        'u' => {
            let end = source.find('}')?;
            let digits = source.get(3..end)?.replace('_', "");
            (Some(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?), end + 1)
        }
        // A line that goes on: no character, nor is the white space after it.
        '\n' | '\r' => {
            let rest = source[1..].trim_start_matches([' ', '\t', '\n', '\r']);
            (None, source.len() - rest.len())
        }
        escape => (Some(escape), 1 + escape.len_utf8()),
    })
}

#[cfg(test)]
mod tests {
    use super::{in_source, shown};

    /// What is underlined when the value's `needle` is at fault.
    fn underlined(source: &str, needle: &str) -> String {
        let literal: syn::LitStr = syn::parse_str(source).unwrap();
        let value = literal.value();
        let start = value.find(needle).unwrap();
        let source = literal.token().to_string();
        source[in_source(&source, &(start..start + needle.len())).unwrap()].to_owned()
    }

    #[test]
    fn the_characters_are_found_in_every_kind_of_literal() {
        assert_eq!(underlined(r#""/user/:id?""#, "?"), "?");
        assert_eq!(underlined(r#""/:id(\\d+)/x""#, r"(\d+)"), r"(\\d+)");
        assert_eq!(underlined(r#"r"/:id(\d+)/x""#, r"(\d+)"), r"(\d+)");
        assert_eq!(underlined(r##"r#"/:"id"?"#"##, "?"), "?");
        assert_eq!(underlined(r#""/\t\x20\u{e9}\u{1_F600}?x""#, "?"), "?");
        assert_eq!(underlined(r#""/\u{e9}x""#, "é"), r"\u{e9}");
        assert_eq!(underlined("\"/a\\\n    ?b\"", "?"), "?");
        assert_eq!(underlined("\"/a\\\n    ?b\"", "a?"), "a\\\n    ?");
    }

    #[test]
    fn the_message_points_at_characters_and_not_at_bytes() {
        assert_eq!(shown("\"/é?\"", 4..5), "\"/é?\"\n   ^");
    }
}
