//! Many patterns against one path: the routes of a router, found in a time that does not grow with their number.
//!
//! The variants of all patterns form a trie of segments, which [`build`] makes: an edge is the text of a whole
//! segment, or a parameter that fills one. All edges with text are in one hash table. Each node knows the lowest
//! variant below it, counted in the order of declaration, so that the search, which looks for the lowest that
//! matches, passes by what cannot be lower than what it has. A node is visited once at most.
//!
//! What such a trie cannot hold, a segment with both text and parameters or a splat that is not the last, hangs at the
//! node where its segment begins, and the [matcher](super::matcher) decides about it. The time does grow with the
//! number of those at the nodes on the way, though little for those that begin with a text that the path does not have.

mod build;
mod words;

use std::ops::Range;

use smallvec::smallvec;

use super::matcher::{Matcher, Mode, Span, Spans};
use super::methods::{Allowed, Methods, Wanted};
use super::pattern::{Options, Part, Pattern};
use words::{Rest, different, hash, hash_long, mask, same_but_for_case};

/// A route, as it was declared.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) pattern: &'static Pattern,
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
    /// The edges with text, by their hashes, each at its place or as soon as possible behind it.
    edges: Vec<Edge>,
    /// By how much a hash is shifted to be a place there.
    shift: u32,
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

/// A place in the trie, behind a segment. One fills a line of the cache.
#[derive(Debug)]
#[repr(align(64))]
struct Node {
    /// The first eight bytes of the segment, the first one lowest, and zeros behind it; nothing, for a parameter.
    text: u64,
    /// The same of the run: the text of segments that have to follow, each with its slash. The node stands for the one
    /// behind them, to which there is no other way.
    run: u64,
    /// How long the text is.
    len: u32,
    /// Where the rest of it begins in [`Table::words`].
    words: u32,
    /// How long the run is, and where the rest of it begins.
    run_len: u32,
    run_words: u32,
    /// The lowest and the highest variant here and below.
    low: u32,
    high: u32,
    /// The variants that end here, in [`Table::ends`].
    ends: u32,
    ends_end: u32,
    /// Whether there are edges with text from here.
    texts: bool,
    /// The node behind a parameter, or zero.
    param: u32,
    /// The open-ended variants in the next segment, in [`Table::open`], or zero.
    open: u32,
}

/// From one node to another, along the text of that. Zero is no node to go to, and so an empty place.
#[derive(Debug, Clone, Copy, Default)]
struct Edge {
    from: u32,
    to: u32,
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

/// A search while it runs.
struct Search<'a, F> {
    path: &'a str,
    /// See [`Rest::last`].
    last: u64,
    /// How many bytes at the end of the path do not count: a slash, or nothing.
    ignored: usize,
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
        let names = route.pattern.names.len();
        // So few are set up at once, which is faster.
        *spans = if names <= 4 { Spans::from_buf_and_len([None; 4], names) } else { smallvec![None; names] };
        let Some(steps) = &self.variants[route.first as usize + found.variant].steps else {
            let matcher = Matcher::new(route.pattern, path, Mode::Whole, self.options);
            matcher.run(route.pattern.variants[found.variant], 0, spans);
            return;
        };
        if steps.is_empty() {
            return;
        }
        let mut rest = Rest::new(path);
        for step in &self.steps[steps.start as usize..steps.end as usize] {
            // The path is the one that was matched, so there is as much as that.
            let Some(value) = rest.skip(step.skip as usize) else { return };
            let len = if step.splat { value.bytes.len() } else { value.segment().0 };
            let start = path.len() - value.bytes.len();
            spans[step.name as usize] =
                Some(Span { start: start as u32, end: (start + len) as u32, splat: step.splat });
            let Some(behind) = value.skip(len) else { return };
            rest = behind;
        }
    }

    #[inline]
    fn search(&self, path: &str, from: usize, answers: impl FnMut(&Methods) -> bool) -> Option<Found> {
        let from = self.routes.get(from)?.first;
        let ignored = usize::from(!self.options.strict && path.ends_with('/'));
        let rest = Rest::new(path);
        let mut search = Search { path, last: rest.last, ignored, from, best: NONE, answers };
        let root = self.nodes.first()?;
        if rest.bytes.first() == Some(&b'/') && root.open == 0 {
            if self.slash != 0 {
                self.walk(&mut search, self.slash, rest.bytes);
            }
        } else {
            let (child, param, behind) = self.step(&mut search, 0, rest);
            for node in [child, param] {
                if node != 0 {
                    self.walk(&mut search, node, behind.bytes);
                }
            }
        }
        let route = self.variants.get(search.best as usize)?.route as usize;
        Some(Found { route, variant: (search.best - self.routes[route].first) as usize })
    }

    /// Searches a node, for what is left of the path behind its segment, and all below it.
    fn walk<F: FnMut(&Methods) -> bool>(&self, search: &mut Search<'_, F>, mut node: u32, left: &[u8]) {
        // A slice comes in registers, and so this can stay in them.
        let mut rest = Rest { bytes: left, last: search.last };
        loop {
            let here = &self.nodes[node as usize];
            if here.run_len != 0 {
                let Some(behind) = self.behind_run(here, rest) else { return };
                rest = behind;
            }
            if rest.bytes.len() <= search.ignored {
                search.visit(&self.ends[here.ends as usize..here.ends_end as usize]);
            }
            // A slash, if there is anything.
            let Some(next) = rest.skip(1) else { return };
            let (child, param, behind) = self.step(search, node, next);
            rest = behind;
            if child == 0 || param == 0 {
                node = child | param;
                if node == 0 {
                    return;
                }
                continue;
            }
            // What is lower comes first, so that the other may have to be searched no more.
            let [text, other] = [&self.nodes[child as usize], &self.nodes[param as usize]];
            let (first, second, last) =
                if text.low < other.low { (child, param, other) } else { (param, child, text) };
            self.walk(search, first, behind.bytes);
            if last.low >= search.best || last.high < search.from {
                return;
            }
            node = second;
        }
    }

    /// What is left behind the run of a node, if that is what follows.
    #[inline(always)]
    fn behind_run<'a>(&self, node: &Node, rest: Rest<'a>) -> Option<Rest<'a>> {
        let len = node.run_len as usize;
        let behind = rest.skip(len)?;
        let same = behind.is_behind_segment()
            && self.same(rest.word() & mask(len), node.run)
            && (len <= 8 || self.goes_on(rest.bytes, rest.last, node.run_words, len));
        same.then_some(behind)
    }

    /// Takes a segment: the nodes behind it, by its text and as a parameter, and what is left.
    #[inline(always)]
    fn step<'a, F>(&self, search: &mut Search<'_, F>, node: u32, rest: Rest<'a>) -> (u32, u32, Rest<'a>)
    where
        F: FnMut(&Methods) -> bool,
    {
        let here = &self.nodes[node as usize];
        let (len, word) = rest.segment();
        if here.open != 0 {
            self.walk_open(search, here.open, word, rest.bytes.len());
        }
        let child = if here.texts { self.child(node, word, rest, len) } else { 0 };
        let param = if len == 0 { 0 } else { here.param };
        (child, param, Rest { bytes: &rest.bytes[len..], ..rest })
    }

    /// The node behind a segment with this text.
    #[inline(always)]
    fn child(&self, from: u32, word: u64, rest: Rest<'_>, len: usize) -> u32 {
        let hash = if len > 8 { hash_long(rest, len) } else { hash(word) };
        let mut place = self.place(from, hash);
        loop {
            let edge = self.edges[place & (self.edges.len() - 1)];
            if (edge.from == from && self.is(&self.nodes[edge.to as usize], word, rest, len)) || edge.to == 0
            {
                return edge.to;
            }
            place += 1;
        }
    }

    /// The place of an edge in the hash table. It takes little time behind the hash, which does not have to wait for
    /// the node to be known.
    #[inline(always)]
    fn place(&self, from: u32, hash: u64) -> usize {
        (hash >> self.shift) as usize + 7 * from as usize
    }

    /// Whether a segment is the text of a node.
    #[inline(always)]
    fn is(&self, node: &Node, word: u64, rest: Rest<'_>, len: usize) -> bool {
        node.len as usize == len
            && self.same(word, node.text)
            && (len <= 8 || self.goes_on(rest.bytes, rest.last, node.words, len))
    }

    /// Whether the bytes up to `len`, from the ninth on, are those of the words that begin here.
    #[inline(never)]
    fn goes_on(&self, bytes: &[u8], last: u64, words: u32, len: usize) -> bool {
        let rest = Rest { bytes, last };
        rest.more_words(len).zip(&self.words[words as usize..]).all(|(a, b)| self.same(a, *b))
    }

    #[inline(always)]
    fn same(&self, a: u64, b: u64) -> bool {
        a == b || self.alike(a, b)
    }

    #[cold]
    fn alike(&self, a: u64, b: u64) -> bool {
        !self.options.case_sensitive && same_but_for_case(a, b)
    }

    /// The open-ended variants at a segment, of which the first word is given. All of them need a byte, at least.
    #[inline(never)]
    fn walk_open<F>(&self, search: &mut Search<'_, F>, open: u32, word: u64, left: usize)
    where
        F: FnMut(&Methods) -> bool,
    {
        let open = &self.open[open as usize];
        if left == 0 {
            return;
        }
        let at = search.path.len() - left;
        search.visit(&open.rests);
        for tail in &open.tails {
            if tail.end.variant >= search.best {
                return;
            }
            if different(word, tail.word) & tail.mask != 0 || tail.end.variant < search.from {
                continue;
            }
            let matcher = Matcher::new(tail.pattern, search.path, Mode::Whole, self.options);
            let behind = at + tail.text.len();
            if matcher.begins(tail.text, at) && matcher.run(tail.parts, behind, &mut []).is_some() {
                search.visit(&[tail.end]);
            }
        }
    }
}

impl<F: FnMut(&Methods) -> bool> Search<'_, F> {
    /// Regards variants that match.
    #[inline(never)]
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
