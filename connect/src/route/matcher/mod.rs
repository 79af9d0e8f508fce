//! Matches one pattern against one path, by greedy matching with backtracking, as Express's regular expressions do.
//!
//! Mounts use it as it is. The [table](super::table) uses it for the patterns that are too complicated for a trie.
//!
//! The time is never exponential: with `k` parameters that may end in several places, a path of `n` bytes takes at most
//! `n^k` attempts. Parameters that have to end at a slash do not count. The stop texts, which the macros write for all
//! but the first parameter in a row, limit the others, so that the number of attempts stays close to the number of
//! bytes.

use smallvec::SmallVec;

use super::pattern::{Options, Part, Pattern};

/// How much of a path a pattern has to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All of it: routes.
    Whole,
    /// Up to the end or to a slash: mounts, which ignore [`Options::strict`].
    Prefix,
}

/// What a parameter matched, in bytes of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Whether it is `*name`, whose value is a list of segments.
    pub(crate) splat: bool,
}

/// One for each of [`Pattern::names`]; `None` for those in absent optional parts.
pub(crate) type Spans = SmallVec<[Option<Span>; 4]>;

/// How a pattern matched.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// How much of the path it covers.
    pub(crate) len: usize,
    /// Which of [`Pattern::variants`] it was.
    pub(crate) variant: usize,
    pub(crate) spans: Spans,
}

/// Matches a pattern against a path.
pub(crate) fn matches(pattern: &Pattern, path: &str, mode: Mode, options: Options) -> Option<Match> {
    let mut spans = Spans::from_elem(None, pattern.names.len());
    if mode == Mode::Prefix && pattern.text == "/" {
        return Some(Match { len: 0, variant: 0, spans });
    }
    let matcher = Matcher::new(pattern, path, mode, options);
    for (variant, parts) in pattern.variants.iter().enumerate() {
        if let Some(len) = matcher.run(parts, 0, &mut spans) {
            return Some(Match { len, variant, spans });
        }
        // Spans of a failed attempt must not remain.
        spans.fill(None);
    }
    None
}

/// How many slashes at the end of a pattern are ignored.
pub(super) fn loosened(pattern: &Pattern, strict: bool) -> usize {
    if strict || pattern.text == "/" {
        return 0;
    }
    pattern.text.len() - pattern.text.trim_end_matches('/').len()
}

/// The last text of a variant, without up to so many slashes at its end.
pub(super) fn trimmed(text: &str, mut slashes: usize) -> &str {
    let mut rest = text;
    while slashes > 0 {
        let Some(shorter) = rest.strip_suffix('/') else { break };
        rest = shorter;
        slashes -= 1;
    }
    rest
}

/// The parameters that are constant during a match.
pub(super) struct Matcher<'a> {
    path: &'a [u8],
    mode: Mode,
    strict: bool,
    case_sensitive: bool,
    /// See [`loosened`].
    slashes: usize,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(pattern: &Pattern, path: &'a str, mode: Mode, options: Options) -> Self {
        let strict = options.strict && mode == Mode::Whole;
        let case_sensitive = options.case_sensitive;
        Matcher { path: path.as_bytes(), mode, strict, case_sensitive, slashes: loosened(pattern, strict) }
    }

    /// Matches the rest of a variant from a position on; where the match ends. Fills the spans of these parts if it
    /// matches, and may leave anything in them if it does not.
    pub(super) fn run(&self, parts: &[Part], at: usize, spans: &mut [Option<Span>]) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else {
            return self.end(at);
        };
        match *part {
            Part::Text(text) => {
                let text = if rest.is_empty() { trimmed(text, self.slashes) } else { text };
                if !self.begins(text, at) {
                    return None;
                }
                self.run(rest, at + text.len(), spans)
            }
            Part::Param(name, stop, or_stop) => {
                let found = self.capture(name, false, at, self.reach(at, stop, true), rest, spans);
                if found.is_some() || !or_stop || !self.begins(stop, at) {
                    return found;
                }
                self.take(name, false, at, at + stop.len(), rest, spans)
            }
            Part::Splat(name, stop, or_segment) => {
                let found = self.capture(name, true, at, self.reach(at, stop, false), rest, spans);
                if found.is_some() || !or_segment {
                    return found;
                }
                self.capture(name, true, at, self.reach(at, "", true), rest, spans)
            }
        }
    }

    /// How far a parameter may extend.
    fn reach(&self, at: usize, stop: &str, in_segment: bool) -> usize {
        let mut end = at;
        while end < self.path.len()
            && !(in_segment && self.path[end] == b'/')
            && (stop.is_empty() || !self.begins(stop, end))
        {
            end += 1;
        }
        end
    }

    /// Tries a parameter's possible ends, the longest first.
    fn capture(
        &self,
        name: usize,
        splat: bool,
        start: usize,
        reach: usize,
        rest: &[Part],
        spans: &mut [Option<Span>],
    ) -> Option<usize> {
        (start + 1..=reach).rev().find_map(|end| self.take(name, splat, start, end, rest, spans))
    }

    /// Gives a parameter a value, and matches the rest.
    fn take(
        &self,
        name: usize,
        splat: bool,
        start: usize,
        end: usize,
        rest: &[Part],
        spans: &mut [Option<Span>],
    ) -> Option<usize> {
        // Set before the rest matches, so that of two parameters of one name the later one wins, as in Express.
        if let Some(span) = spans.get_mut(name) {
            *span = Some(Span { start: start as u32, end: end as u32, splat });
        }
        self.run(rest, end, spans)
    }

    /// Whether a text is at a position.
    pub(super) fn begins(&self, text: &str, at: usize) -> bool {
        let Some(piece) = self.path.get(at..at + text.len()) else { return false };
        piece == text.as_bytes() || !self.case_sensitive && piece.eq_ignore_ascii_case(text.as_bytes())
    }

    /// Whether a match may end here, and where it ends: it includes a slash at the very end unless that is significant.
    fn end(&self, at: usize) -> Option<usize> {
        match &self.path[at..] {
            [] => Some(at),
            [b'/'] if !self.strict => Some(at + 1),
            [b'/', ..] if self.mode == Mode::Prefix => Some(at),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
