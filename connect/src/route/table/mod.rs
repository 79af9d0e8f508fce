//! Matches many patterns against one path: the routes of a router, in a time that does not grow with their number.
//!
//! The variants of all patterns form a trie of segments, which [`build`] makes: an edge is the text of a whole
//! segment, or a parameter that fills one. Each node has a hash table of its edges with text, and knows the lowest
//! variant below it, in the order of declaration. The search looks for the lowest variant that matches, and skips
//! nodes that have none lower than the one it has found. It visits each node at most once.
//! What the trie cannot represent, a segment with both text and parameters or a wildcard that is not the last segment,
//! is kept at the node where its segment begins, and matched by the [matcher](super::matcher). The time does grow with
//! the number of those at the visited nodes, though little for those that begin with a text that the path does not
//! have.

mod build;
mod search;
mod words;

use std::ops::Range;

use smallvec::smallvec;

use super::matcher::{Matcher, Mode, Span, Spans};
use super::methods::{Allowed, Methods, Wanted};
use super::pattern::{Options, Part, Pattern};
use words::Rest;

/// A route, as it was declared.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) pattern: &'static Pattern,
    /// It answers every method.
    pub(crate) is_for_all: bool,
    /// The number of its first variant.
    first: u32,
}

/// The routes of a router.
///
/// Variants are numbered in the order of declaration, those of one pattern in the order in which they are tried.
#[derive(Debug)]
pub(crate) struct Table {
    options: Options,
    routes: Vec<Route>,
    variants: Vec<Variant>,
    /// The root comes first. It stands in front of the first segment, which is empty in paths that begin with a slash.
    nodes: Vec<Node>,
    /// The node behind that empty segment, or zero.
    slash: u32,
    /// What is longer than eight bytes in the texts and the runs of nodes.
    words: Vec<u64>,
    /// The hash tables of the nodes that have edges with text: the nodes behind those, or zero. None begins at zero.
    edges: Vec<u32>,
    ends: Vec<End>,
    /// None is at zero.
    open: Vec<Open>,
    /// How the parameters of the variants are found in a path.
    steps: Vec<Step>,
}

/// A route that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) route: usize,
    pub(crate) variant: usize,
}

#[derive(Debug)]
struct Variant {
    route: u32,
    /// In [`Table::steps`]; nothing, if only the matcher can tell where its parameters are.
    steps: Option<Range<u32>>,
}

/// A node of the trie, after a segment. It fills a cache line.
#[derive(Debug)]
#[repr(align(64))]
struct Node {
    /// The first eight bytes of the segment, the first one lowest, and zeros behind it; nothing, for a parameter.
    text: u64,
    /// The same of the run, but shifted up to leave nothing free: the text of segments that have to follow, each with
    /// its slash. The node stands for the one behind them, to which there is no other way.
    run: u64,
    /// How long the text is.
    len: u32,
    /// Where the rest of it begins in [`Table::words`].
    words: u32,
    /// How long the run is, and how many bits of a word it leaves free. The rest of it is behind that of the text.
    run_len: u32,
    run_free: u8,
    /// The lowest and the highest variant here and below.
    low: u32,
    high: u32,
    /// The variants that end here, in [`Table::ends`].
    ends: u32,
    ends_end: u32,
    /// Where the hash table of the edges with text begins in [`Table::edges`], or zero, and by how much a hash is
    /// shifted to be a place in it.
    edges: u32,
    shift: u8,
    /// Another node with the same place in the same hash table, or zero.
    next: u32,
    /// The node behind a parameter, or zero.
    param: u32,
    /// The open-ended variants in the next segment, in [`Table::open`], or zero.
    open: u32,
}

/// Variants that match paths of any length.
#[derive(Debug, Default)]
struct Open {
    /// They end with a splat that takes the rest, whatever it is.
    rests: Vec<End>,
    /// Only the matcher can match them.
    tails: Vec<Tail>,
}

/// The end of a variant.
#[derive(Debug, Clone, Copy)]
struct End {
    variant: u32,
    methods: Methods,
}

/// The rest of a variant, for the matcher.
#[derive(Debug, Clone, Copy)]
struct Tail {
    /// The first bytes of the text, and ones where they are, to see soon what cannot match.
    word: u64,
    mask: u64,
    end: End,
    pattern: &'static Pattern,
    /// The text that the segment begins with, and what follows it.
    text: &'static str,
    parts: &'static [Part],
}

/// A parameter in a path that is known to match.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// So much text is in front of it.
    skip: u32,
    name: u32,
    /// It takes the rest of the path; otherwise, of the segment.
    splat: bool,
}

/// No variant has this number.
const NONE: u32 = u32::MAX;

impl Table {
    /// The routes, in the order of declaration.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The first route in the order of declaration, `from` or a later one, whose pattern matches and which answers
    /// the method.
    ///
    /// Adds to `allowed` the methods of the routes that match and do not answer it. They are complete when nothing
    /// is found: to go on behind a route, search from the next one.
    #[inline]
    pub(crate) fn find(
        &self,
        path: &str,
        method: Wanted<'_>,
        from: usize,
        allowed: &mut Allowed,
    ) -> Option<Found> {
        self.search(path, from, |methods| {
            let answers = methods.contains(method);
            if !answers {
                allowed.add(methods);
            }
            answers
        })
    }

    /// The first route from `from` on whose pattern matches, whatever methods it answers.
    #[cold]
    pub(crate) fn find_any(&self, path: &str, from: usize) -> Option<Found> {
        self.search(path, from, |_| true)
    }

    /// Whether a route matches and answers the method.
    pub(crate) fn finds(&self, path: &str, method: Wanted<'_>) -> bool {
        self.search(path, 0, |methods| methods.contains(method)).is_some()
    }

    /// Where the parameters of a route are in the path that it was found for.
    #[inline]
    pub(crate) fn captures(&self, found: Found, path: &str) -> Spans {
        let route = &self.routes[found.route];
        let names = route.pattern.names.len();
        let Some(steps) = &self.variants[route.first as usize + found.variant].steps else {
            return self.matched(found, path);
        };
        // So few are initialized at once, which is faster.
        let mut spans = if names <= 4 { Spans::from_buf_and_len([None; 4], names) } else { many(names) };
        if steps.is_empty() {
            return spans;
        }
        let mut rest = Rest::new(path);
        for step in &self.steps[steps.start as usize..steps.end as usize] {
            // The path is the one that was matched, so there is as much as that.
            let Some(value) = rest.skip(step.skip as usize) else { break };
            let len = if step.splat { value.bytes.len() } else { value.segment().0 };
            let start = path.len() - value.bytes.len();
            spans[step.name as usize] =
                Some(Span { start: start as u32, end: (start + len) as u32, splat: step.splat });
            let Some(behind) = value.skip(len) else { break };
            rest = behind;
        }
        spans
    }

    /// The same for a route that only the matcher can match.
    #[inline(never)]
    fn matched(&self, found: Found, path: &str) -> Spans {
        let pattern = self.routes[found.route].pattern;
        let mut spans = many(pattern.names.len());
        let matcher = Matcher::new(pattern, path, Mode::Whole, self.options);
        matcher.run(pattern.variants[found.variant], 0, &mut spans);
        spans
    }
}

#[inline(never)]
fn many(names: usize) -> Spans {
    smallvec![None; names]
}

#[cfg(test)]
mod tests;
