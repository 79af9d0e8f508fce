//! Many patterns against one path: the routes of a router, found in a time that does not grow with their number.
//!
//! The variants of all patterns form a trie, which [`build`] makes: texts that begin alike share nodes, and a
//! parameter that fills a segment is an edge. Each node knows the lowest variant below it, counted in the order of
//! declaration, so that the search, which looks for the lowest that matches, passes by what cannot be lower than
//! what it has. Since a parameter on an edge has one length only, a node is visited once at most.
//!
//! What a trie cannot hold, a segment with both text and parameters or a splat in the middle, hangs at the node where
//! it begins, and the [matcher](super::matcher) decides about it. The time does grow with the number of those
//! at the nodes on the way.

#![cfg_attr(not(test), expect(dead_code, reason = "routers are going to use it"))]

mod build;
mod window;

use std::ops::Range;

use super::matcher::{Matcher, Mode, Span, Spans};
use super::methods::{Allowed, Methods, Wanted};
use super::pattern::{Options, Part, Pattern};
use window::Window;

/// A route, as it was declared.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) pattern: &'static Pattern,
    pub(crate) methods: Methods,
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
    /// The root comes first.
    nodes: Vec<Node>,
    /// What is longer than eight bytes in the texts of nodes.
    words: Vec<u64>,
    /// The children of nodes by their first bytes, one range after the other; zero where there is none.
    children: Vec<u32>,
    ends: Vec<End>,
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

/// A place in the trie, reached with the first byte of its text, which is not repeated here, or at the end of a
/// segment. One fills a line of the cache.
#[derive(Debug)]
#[repr(align(64))]
struct Node {
    /// The first eight bytes of the text that has to follow, the first one lowest, and zeros behind it.
    text: u64,
    /// Ones where there is text.
    mask: u64,
    /// How long the text is altogether.
    len: u32,
    /// Where the rest of it begins in [`Table::words`].
    words: u32,
    /// The lowest and the highest variant here and below.
    low: u32,
    high: u32,
    /// Where the children for the bytes from `first_byte` on begin in [`Table::children`].
    children: u32,
    first_byte: u8,
    /// How many more bytes have a place there.
    more_bytes: u8,
    /// The child behind a parameter, or zero.
    param: u32,
    /// The variants that end here, in [`Table::ends`].
    ends: u32,
    ends_end: u32,
    /// The open-ended variants that begin here, in [`Table::open`], or zero.
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
    end: End,
    pattern: &'static Pattern,
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

/// A search while it runs.
struct Search<'a, F> {
    path: &'a str,
    window: Window<'a>,
    /// From here on the path counts as ended: there is nothing more of it, or a slash that does not count.
    end: usize,
    /// The lowest variant to regard.
    from: u32,
    /// The lowest that was found.
    best: u32,
    /// Whether a route with these methods may be found. Asked of all that match and come before what is found.
    answers: F,
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

    /// Where the parameters of a route are in the path that it was found for.
    #[inline]
    pub(crate) fn captures(&self, found: Found, path: &str, spans: &mut Spans) {
        let route = &self.routes[found.route];
        spans.clear();
        spans.resize(route.pattern.names.len(), None);
        let Some(steps) = &self.variants[route.first as usize + found.variant].steps else {
            let matcher = Matcher::new(route.pattern, path, Mode::Whole, self.options);
            matcher.run(route.pattern.variants[found.variant], 0, spans);
            return;
        };
        if steps.is_empty() {
            return;
        }
        let window = Window::new(path);
        let mut at = 0;
        for step in &self.steps[steps.start as usize..steps.end as usize] {
            let start = at + step.skip as usize;
            at = if step.splat { path.len() } else { window.segment_end(start) };
            spans[step.name as usize] = Some(Span { start: start as u32, end: at as u32, splat: step.splat });
        }
    }

    #[inline]
    fn search(&self, path: &str, from: usize, answers: impl FnMut(&Methods) -> bool) -> Option<Found> {
        let from = self.routes.get(from)?.first;
        let slash = !self.options.strict && path.ends_with('/');
        let end = path.len() - usize::from(slash);
        let mut search = Search { path, window: Window::new(path), end, from, best: NONE, answers };
        self.walk(&mut search, 0, 0);
        let route = self.variants.get(search.best as usize)?.route as usize;
        Some(Found { route, variant: (search.best - self.routes[route].first) as usize })
    }

    /// Searches a node, which begins at a position of the path, and all below it.
    fn walk<F: FnMut(&Methods) -> bool>(&self, search: &mut Search<'_, F>, mut node: u32, mut at: usize) {
        let window = search.window;
        loop {
            let here = &self.nodes[node as usize];
            if here.low >= search.best || here.high < search.from || !self.text_follows(here, window, at) {
                return;
            }
            at += here.len as usize;
            if at >= search.end {
                search.visit(&self.ends[here.ends as usize..here.ends_end as usize]);
            }
            let Some(byte) = window.byte(at) else { return };
            if here.open != 0 {
                self.walk_open(search, &self.open[here.open as usize], at);
            }
            let place = byte.wrapping_sub(here.first_byte);
            let child = if place <= here.more_bytes {
                self.children[here.children as usize + place as usize]
            } else {
                0
            };
            if here.param == 0 || byte == b'/' {
                if child == 0 {
                    return;
                }
                (node, at) = (child, at + 1);
                continue;
            }
            let (param, behind) = (here.param, window.segment_end(at));
            if child == 0 {
                (node, at) = (param, behind);
            } else if self.nodes[child as usize].low < self.nodes[param as usize].low {
                // What is lower comes first, so that the other may have to be searched no more.
                self.walk(search, child, at + 1);
                (node, at) = (param, behind);
            } else {
                self.walk(search, param, behind);
                (node, at) = (child, at + 1);
            }
        }
    }

    /// Whether the text of a node is at a position.
    #[inline(always)]
    fn text_follows(&self, node: &Node, window: Window<'_>, at: usize) -> bool {
        if at + node.len as usize > window.len() {
            return false;
        }
        let there = window.look(at) & node.mask;
        (there == node.text || self.same_but_for_case(there, node.text))
            && (node.len <= 8 || self.rest_follows(node, window, at))
    }

    #[inline(never)]
    fn rest_follows(&self, node: &Node, window: Window<'_>, at: usize) -> bool {
        let words = &self.words[node.words as usize..];
        (8..node.len as usize).step_by(8).zip(words).all(|(done, word)| {
            let there = window.look(at + done) & mask(node.len as usize - done);
            there == *word || self.same_but_for_case(there, *word)
        })
    }

    #[inline]
    fn same_but_for_case(&self, a: u64, b: u64) -> bool {
        // Letters of different case differ in one bit, and so do some other bytes.
        const BIT: u64 = u64::from_ne_bytes([0x20; 8]);
        (a ^ b) & !BIT == 0
            && !self.options.case_sensitive
            && a.to_le_bytes().eq_ignore_ascii_case(&b.to_le_bytes())
    }

    /// The open-ended variants at a position. At least one byte is left, which all of them need.
    #[inline(never)]
    fn walk_open<F: FnMut(&Methods) -> bool>(&self, search: &mut Search<'_, F>, open: &Open, at: usize) {
        search.visit(&open.rests);
        for tail in &open.tails {
            if tail.end.variant >= search.best {
                return;
            }
            let matcher = Matcher::new(tail.pattern, search.path, Mode::Whole, self.options);
            if tail.end.variant >= search.from && matcher.run(tail.parts, at, &mut []).is_some() {
                search.visit(&[tail.end]);
            }
        }
    }
}

/// Ones in the first bytes of a word.
fn mask(bytes: usize) -> u64 {
    match bytes {
        0 => 0,
        1..8 => u64::MAX >> (64 - 8 * bytes),
        _ => u64::MAX,
    }
}

impl<F: FnMut(&Methods) -> bool> Search<'_, F> {
    /// Regards variants that match.
    #[inline]
    fn visit(&mut self, ends: &[End]) {
        for end in ends {
            if end.variant >= self.best {
                return;
            }
            if end.variant >= self.from && (self.answers)(&end.methods) {
                self.best = end.variant;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
