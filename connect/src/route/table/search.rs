//! Searching the trie for a path.

use super::words::{Rest, different, hash, hash_long, same_but_for_case};
use super::{End, Found, NONE, Node, Table};
use crate::route::matcher::{Matcher, Mode};
use crate::route::methods::Methods;

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

impl Table {
    #[inline]
    pub(super) fn search(
        &self,
        path: &str,
        from: usize,
        answers: impl FnMut(&Methods) -> bool,
    ) -> Option<Found> {
        let from = self.routes.get(from)?.first;
        let ignored = usize::from(!self.options.strict && path.ends_with('/'));
        let rest = Rest::new(path);
        let mut search = Search { path, last: rest.last, ignored, from, best: NONE, answers };
        let root = self.nodes.first()?;
        if rest.bytes.first() == Some(&b'/') && root.open == 0 {
            if self.slash != 0 {
                self.walk(&mut search, &self.nodes[self.slash as usize], rest.bytes);
            }
        } else {
            self.walk_root(&mut search, root, rest);
        }
        let route = self.variants.get(search.best as usize)?.route as usize;
        Some(Found { route, variant: (search.best - self.routes[route].first) as usize })
    }

    /// Searches the root and all below it, where that is not only what is behind the first slash.
    #[inline(never)]
    fn walk_root<F>(&self, search: &mut Search<'_, F>, root: &Node, rest: Rest<'_>)
    where
        F: FnMut(&Methods) -> bool,
    {
        let (child, param, behind) = self.step(search, root, rest);
        for node in [child, param].into_iter().flatten() {
            self.walk(search, node, behind.bytes);
        }
    }

    /// Searches a node, for what is left of the path behind its segment, and all below it.
    fn walk<'t, F>(&'t self, search: &mut Search<'_, F>, mut here: &'t Node, left: &[u8])
    where
        F: FnMut(&Methods) -> bool,
    {
        // A slice is passed in registers, so this can stay in them.
        let mut rest = Rest { bytes: left, last: search.last };
        loop {
            if here.run_len != 0 {
                let Some(behind) = self.behind_run(here, rest) else { return };
                rest = behind;
            }
            if rest.bytes.len() <= search.ignored {
                search.visit(&self.ends[here.ends as usize..here.ends_end as usize]);
            }
            // A slash, if there is anything.
            let Some(next) = rest.skip(1) else { return };
            let (child, param, behind) = self.step(search, here, next);
            rest = behind;
            here = match (child, param) {
                (None, None) => return,
                (Some(only), None) | (None, Some(only)) => only,
                (Some(text), Some(param)) => {
                    // The lower one first, so that the other may be skipped.
                    let (first, second) = if text.low < param.low { (text, param) } else { (param, text) };
                    self.walk(search, first, behind.bytes);
                    if second.low >= search.best || second.high < search.from {
                        return;
                    }
                    second
                }
            };
        }
    }

    /// What is left behind the run of a node, if that is what follows.
    #[inline(always)]
    fn behind_run<'a>(&self, node: &Node, rest: Rest<'a>) -> Option<Rest<'a>> {
        let len = node.run_len as usize;
        let behind = rest.skip(len)?;
        let same = behind.is_behind_segment()
            && self.same(rest.word() << node.run_free, node.run)
            && (len <= 8 || self.run_goes_on(node, rest.bytes, rest.last));
        same.then_some(behind)
    }

    /// Takes a segment: the nodes behind it, by its text and as a parameter, and what is left.
    #[inline(always)]
    fn step<'t, 'a, F>(
        &'t self,
        search: &mut Search<'_, F>,
        here: &Node,
        rest: Rest<'a>,
    ) -> (Option<&'t Node>, Option<&'t Node>, Rest<'a>)
    where
        F: FnMut(&Methods) -> bool,
    {
        let (len, word) = rest.segment();
        if here.open != 0 {
            self.walk_open(search, here.open, word, rest.bytes.len());
        }
        let child = if here.edges == 0 { None } else { self.child(here, word, rest, len) };
        let param = if here.param == 0 || len == 0 { None } else { Some(&self.nodes[here.param as usize]) };
        (child, param, Rest { bytes: &rest.bytes[len..], ..rest })
    }

    /// The node behind a segment with this text.
    #[inline(always)]
    fn child(&self, here: &Node, word: u64, rest: Rest<'_>, len: usize) -> Option<&Node> {
        let hash = if len > 8 { hash_long(rest, len) } else { hash(word) };
        let mut to = self.edges[here.edges as usize + (hash >> here.shift) as usize];
        while to != 0 {
            let node = &self.nodes[to as usize];
            if self.is(node, word, rest, len) {
                return Some(node);
            }
            to = node.next;
        }
        None
    }

    /// Whether a segment is the text of a node.
    #[inline(always)]
    fn is(&self, node: &Node, word: u64, rest: Rest<'_>, len: usize) -> bool {
        node.len as usize == len
            && self.same(word, node.text)
            && (len <= 8 || self.goes_on(rest.bytes, rest.last, node.words, len))
    }

    #[inline(never)]
    fn run_goes_on(&self, node: &Node, bytes: &[u8], last: u64) -> bool {
        let words = node.words + (node.len.max(1) - 1) / 8;
        self.goes_on(bytes, last, words, node.run_len as usize)
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
    /// Checks variants that match.
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
