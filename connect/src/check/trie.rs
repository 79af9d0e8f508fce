//! The entries that cover later routes, by the segments of their paths: a trie, as the table has at run time, but in
//! arrays, since it is built at compile time.

use super::fault::Cover;
use super::segments::{Segment, Segments};
use crate::route::methods::Methods;

const NONE: u32 = u32::MAX;

/// An edge, in a hash table: from a node by a text to another.
#[derive(Clone, Copy)]
struct Edge {
    from: u32,
    text: &'static [u8],
    to: u32,
}

#[derive(Clone, Copy)]
struct Node {
    param: u32,
    /// The last of the covers that end here, and of those that take all that follows.
    end: u32,
    splat: u32,
}

/// A cover that ends at a node, and the one before it.
#[derive(Clone, Copy)]
struct End {
    cover: Option<Cover>,
    /// Which entry of the list it is part of.
    entry: usize,
    before: u32,
}

pub(super) struct Trie<const N: usize> {
    edges: [Edge; N],
    nodes: [Node; N],
    ends: [End; N],
    node_count: usize,
    end_count: usize,
    /// Those before it count no more.
    valid_from: usize,
    case_sensitive: bool,
}

/// What covers a variant of a route.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) cover: Cover,
    pub(super) entry: usize,
}

/// What stands at an edge: a slash is in no text.
const fn text_of(segment: Segment) -> Option<&'static [u8]> {
    match segment {
        Segment::Text(text) => Some(text),
        Segment::Slash => Some(b"/"),
        _ => None,
    }
}

const BARE: Node = Node { param: NONE, end: NONE, splat: NONE };

impl<const N: usize> Trie<N> {
    pub(super) const fn new(case_sensitive: bool) -> Self {
        Trie {
            edges: [Edge { from: NONE, text: &[], to: NONE }; N],
            nodes: [BARE; N],
            ends: [End { cover: None, entry: 0, before: NONE }; N],
            node_count: 1,
            end_count: 0,
            valid_from: 0,
            case_sensitive,
        }
    }

    /// How many covers were inserted so far.
    pub(super) const fn count(&self) -> usize {
        self.end_count
    }

    /// Nothing that was inserted covers what comes.
    pub(super) const fn forget_all(&mut self) {
        self.valid_from = self.end_count;
    }

    /// What was inserted since `count` was this covers nothing that comes.
    pub(super) const fn forget_since(&mut self, count: usize) {
        let mut i = count;
        while i < self.end_count {
            self.ends[i].cover = None;
            i += 1;
        }
    }

    /// What takes everything that the segments match; if it can be, of another entry than this one.
    pub(super) const fn covering(
        &self,
        methods: &Methods,
        segments: &Segments,
        entry: usize,
    ) -> Option<Found> {
        if segments.over {
            return None;
        }
        match self.below(methods, 0, segments, 0, Some(entry)) {
            None => self.below(methods, 0, segments, 0, None),
            found => found,
        }
    }

    const fn below(
        &self,
        methods: &Methods,
        node: u32,
        segments: &Segments,
        at: usize,
        but: Option<usize>,
    ) -> Option<Found> {
        let here = &self.nodes[node as usize];
        if at == segments.len {
            return self.one_of(here.end, methods, but);
        }
        let segment = segments.all[at];
        let nothing_follows = at + 1 == segments.len && matches!(segment, Segment::Text([]));
        if !nothing_follows && let Some(found) = self.one_of(here.splat, methods, but) {
            return Some(found);
        }
        if let Some(text) = text_of(segment) {
            let to = self.edges[self.place(node, text)].to;
            if to != NONE
                && let Some(found) = self.below(methods, to, segments, at + 1, but)
            {
                return Some(found);
            }
        }
        match segment {
            Segment::Text([]) | Segment::Splat(_) | Segment::Slash => None,
            _ if here.param != NONE => self.below(methods, here.param, segments, at + 1, but),
            _ => None,
        }
    }

    const fn one_of(&self, last: u32, methods: &Methods, but: Option<usize>) -> Option<Found> {
        let mut at = last;
        while at != NONE && at as usize >= self.valid_from {
            let end = &self.ends[at as usize];
            let counts = match but {
                Some(entry) => end.entry != entry,
                None => true,
            };
            if counts
                && let Some(cover) = end.cover
                && cover.methods.covers(methods)
            {
                return Some(Found { cover, entry: end.entry });
            }
            at = end.before;
        }
        None
    }

    pub(super) const fn insert(&mut self, cover: Cover, segments: &Segments, entry: usize) {
        // If it is full, nothing is reported; the size is chosen so that this does not happen.
        if segments.over || self.node_count + segments.len >= N / 2 || self.end_count >= N {
            return;
        }
        let mut i = 0;
        while i < segments.len {
            match segments.all[i] {
                Segment::Mixed | Segment::Splat(false) => return,
                _ => {}
            }
            i += 1;
        }
        let mut node = 0;
        let mut i = 0;
        while i < segments.len {
            match segments.all[i] {
                segment if let Some(text) = text_of(segment) => {
                    let place = self.place(node, text);
                    if self.edges[place].to == NONE {
                        self.edges[place] = Edge { from: node, text, to: self.node_count as u32 };
                        self.node_count += 1;
                    }
                    node = self.edges[place].to;
                }
                Segment::Param => {
                    if self.nodes[node as usize].param == NONE {
                        self.nodes[node as usize].param = self.node_count as u32;
                        self.node_count += 1;
                    }
                    node = self.nodes[node as usize].param;
                }
                _ => {
                    let before = self.nodes[node as usize].splat;
                    self.nodes[node as usize].splat = self.end_count as u32;
                    self.ends[self.end_count] = End { cover: Some(cover), entry, before };
                    self.end_count += 1;
                    return;
                }
            }
            i += 1;
        }
        let before = self.nodes[node as usize].end;
        self.nodes[node as usize].end = self.end_count as u32;
        self.ends[self.end_count] = End { cover: Some(cover), entry, before };
        self.end_count += 1;
    }

    /// Where an edge is, or would be.
    const fn place(&self, from: u32, text: &[u8]) -> usize {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ (from as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut i = 0;
        while i < text.len() {
            hash = (hash ^ text[i].to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3);
            i += 1;
        }
        let mut place = (hash ^ (hash >> 29)) as usize % N;
        while self.edges[place].to != NONE
            && !(self.edges[place].from == from && self.same(self.edges[place].text, text))
        {
            place = (place + 1) % N;
        }
        place
    }

    const fn same(&self, a: &[u8], b: &[u8]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let mut i = 0;
        while i < a.len() {
            let same = if self.case_sensitive { a[i] == b[i] } else { a[i].eq_ignore_ascii_case(&b[i]) };
            if !same {
                return false;
            }
            i += 1;
        }
        true
    }
}
