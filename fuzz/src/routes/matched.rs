//! One pattern and one path.

use super::interned::Interned;
use super::plain;
use crate::parser::variants::Part;
use crate::route::matcher::{Match, Mode, matches};
use crate::route::pattern::Options;

/// How the matcher matches the whole path.
pub(super) fn check(pattern: &Interned, path: &str, options: Options) -> Option<Match> {
    let at = || format!("{:?} {path:?} {options:?}", pattern.parsed);
    let whole = matches(pattern.pattern, path, Mode::Whole, options);
    if let Some(found) = &whole {
        assert_eq!(found.len, path.len(), "{}", at());
        let slash = !options.strict;
        assert!(is_made_of(pattern, found, path, options, slash), "{found:?} {}", at());
    }
    if let Some(plain) = plain::find(&pattern.parsed, path, options) {
        let values = |found: &Match| {
            let spans = found.spans.iter();
            spans.map(|span| span.map(|span| (span.start as usize, span.end as usize))).collect()
        };
        let seen = whole.as_ref().map(|found| (found.variant, values(found)));
        assert_eq!(seen, plain, "{}", at());
    }

    let prefix = matches(pattern.pattern, path, Mode::Prefix, options);
    // A prefix may be all, and what a mount does not regard only makes it match more.
    assert!(prefix.is_some() || whole.is_none(), "{}", at());
    if let Some(found) = prefix {
        if pattern.pattern.text == "/" {
            assert_eq!(found.len, 0, "{}", at());
            return whole;
        }
        let rest = path.get(found.len..).unwrap_or_else(|| panic!("{found:?} {}", at()));
        assert!(rest.is_empty() || rest.starts_with('/'), "{found:?} {}", at());
        let lenient = Options { strict: false, ..options };
        assert!(
            is_made_of(pattern, &found, &path[..found.len], lenient, rest.is_empty()),
            "{found:?} {}",
            at()
        );
    }
    whole
}

/// Whether texts and values, put together again, are the path, perhaps without a slash at its end.
fn is_made_of(pattern: &Interned, found: &Match, path: &str, options: Options, slash: bool) -> bool {
    let parts = &pattern.parsed.variants[found.variant];
    assert_eq!(found.spans.len(), pattern.parsed.names.len());
    let mut used = 0;
    let mut at = 0;
    for (i, part) in parts.iter().enumerate() {
        let (name, is_splat) = match part {
            Part::Text(text) => {
                let mut text = &text[..];
                let loose = i + 1 == parts.len() && !options.strict && pattern.parsed.text != "/";
                if loose {
                    let kept = pattern.parsed.text.trim_end_matches('/').len();
                    let most = pattern.parsed.text.len() - kept;
                    let slashes = text.len() - text.trim_end_matches('/').len();
                    text = &text[..text.len() - slashes.min(most)];
                }
                let Some(there) = path.get(at..at + text.len()) else { return false };
                if !(there == text || (!options.case_sensitive && there.eq_ignore_ascii_case(text))) {
                    return false;
                }
                at += text.len();
                continue;
            }
            Part::Param(name, ..) => (*name, false),
            Part::Splat(name, ..) => (*name, true),
        };
        let Some(span) = found.spans[name] else { return false };
        // `get` finds nothing outside of the path or between the bytes of a character.
        let Some(value) = path.get(span.start as usize..span.end as usize) else { return false };
        let fits = !value.is_empty() && (is_splat || !value.contains('/'));
        if span.start as usize != at || span.splat != is_splat || !fits {
            return false;
        }
        at = span.end as usize;
        used += 1;
    }
    // Parameters of other variants have no values.
    used == found.spans.iter().flatten().count() && (at == path.len() || (slash && &path[at..] == "/"))
}
