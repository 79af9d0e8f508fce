//! The plainest matcher: all ends that a part may have, the preferred ones first. It shares nothing with the library's
//! but the pattern, and that as the parser has it.

use std::cell::Cell;

use crate::parser::check::Parsed;
use crate::parser::variants::Part;
use crate::route::pattern::Options;

/// How many parts are tried before it is too much. The plainest matcher is not the fastest.
const STEPS: usize = 20_000;

/// What a parameter matched, in bytes of the path.
pub(super) type Values = Vec<Option<(usize, usize)>>;

/// The first variant that matches the whole path, and the parameters. Nothing at all, if it takes too long to tell.
pub(super) fn find(parsed: &Parsed, path: &str, options: Options) -> Option<Option<(usize, Values)>> {
    let trailing = parsed.text.chars().rev().take_while(|c| *c == '/').count();
    let plain = Plain {
        path: path.char_indices().collect(),
        options,
        uncounted: if options.strict || parsed.text == "/" { 0 } else { trailing },
        steps: Cell::new(STEPS),
    };
    for (variant, parts) in parsed.variants.iter().enumerate() {
        let mut values = vec![None; parsed.names.len()];
        let found = plain.matches(parts, 0, &mut values);
        if plain.steps.get() == 0 {
            return None;
        }
        if found {
            let byte = |at: usize| plain.path.get(at).map_or(path.len(), |(byte, _)| *byte);
            let bytes = values.into_iter().map(|value| value.map(|(from, to)| (byte(from), byte(to))));
            return Some(Some((variant, bytes.collect())));
        }
    }
    Some(None)
}

struct Plain {
    path: Vec<(usize, char)>,
    options: Options,
    /// How many slashes at the end of the pattern do not count.
    uncounted: usize,
    steps: Cell<usize>,
}

impl Plain {
    /// Matches the rest of a variant with the path from a position on, in characters as the values are.
    fn matches(&self, parts: &[Part], at: usize, values: &mut Values) -> bool {
        let Some(left) = self.steps.get().checked_sub(1) else { return false };
        self.steps.set(left);
        let Some((part, rest)) = parts.split_first() else {
            return at == self.path.len() || (!self.options.strict && self.is_slash_at_the_end(at));
        };
        let (name, ends) = match part {
            Part::Text(text) => {
                let mut text = &text[..];
                for _ in 0..if rest.is_empty() { self.uncounted } else { 0 } {
                    text = text.strip_suffix('/').unwrap_or(text);
                }
                return self.is_at(text, at) && self.matches(rest, at + text.chars().count(), values);
            }
            Part::Param(name, stop, or_stop) => {
                let mut ends = self.ends(at, stop, false);
                if *or_stop && self.is_at(stop, at) {
                    ends.push(at + stop.chars().count());
                }
                (*name, ends)
            }
            Part::Splat(name, stop, or_segment) => {
                let mut ends = self.ends(at, stop, true);
                if *or_segment {
                    ends.extend(self.ends(at, "", false));
                }
                (*name, ends)
            }
        };
        ends.into_iter().any(|end| {
            values[name] = Some((at, end));
            self.matches(rest, end, values)
        })
    }

    fn is_slash_at_the_end(&self, at: usize) -> bool {
        at + 1 == self.path.len() && self.path[at].1 == '/'
    }

    /// Where a parameter may end that runs over no stop, the farthest first.
    fn ends(&self, at: usize, stop: &str, over_slashes: bool) -> Vec<usize> {
        let may_have = |i: &usize| {
            (over_slashes || self.path[*i].1 != '/') && (stop.is_empty() || !self.is_at(stop, *i))
        };
        let mut ends: Vec<_> = (at..self.path.len()).take_while(may_have).map(|last| last + 1).collect();
        ends.reverse();
        ends
    }

    fn is_at(&self, text: &str, at: usize) -> bool {
        text.chars().enumerate().all(|(i, wanted)| {
            self.path.get(at + i).is_some_and(|(_, there)| {
                wanted == *there || (!self.options.case_sensitive && wanted.eq_ignore_ascii_case(there))
            })
        })
    }
}
