//! Finds, while the program is compiled, a route that can never match: one whose pattern is covered by that of a
//! route before it in the same run, which has its methods and does not pass.
//!
//! A trie of segments, as the table has one at run time, but in an array: this runs in the compiler, and only once
//! for each list. It errs on the side of silence: a route before that has optional parts, or segments that mix text
//! and parameters, covers nothing but what its simple variants do. A parameter's type may refuse a value; that is an
//! error and no way to the next route, so it changes nothing here.

use super::Entries;
use crate::route::info::Info;
use crate::route::methods::Methods;
use crate::route::pattern::{Options, Part, Pattern};

/// The most segments of a pattern that are looked at.
const SEGMENTS: usize = 32;

/// A segment of a variant.
#[derive(Clone, Copy)]
enum Segment {
    Text(&'static [u8]),
    Param,
    /// Text and parameters.
    Mixed,
    /// All that follows; `false` if it is not quite all.
    Splat(bool),
}

struct Segments {
    all: [Segment; SEGMENTS],
    len: usize,
    /// Whether the variant was too long.
    over: bool,
}

impl Segments {
    const fn push(&mut self, segment: Segment) {
        if self.len == SEGMENTS {
            self.over = true;
        } else {
            self.all[self.len] = segment;
            self.len += 1;
        }
    }

    const fn new(pattern: &Pattern, parts: &'static [Part], options: Options) -> Segments {
        let mut out = Segments { all: [Segment::Param; SEGMENTS], len: 0, over: false };
        let mut open = false;
        let mut current: Option<Segment> = None;
        let mut p = 0;
        while p < parts.len() {
            match &parts[p] {
                Part::Text(text) => {
                    let bytes = text.as_bytes();
                    let mut from = 0;
                    let mut i = 0;
                    while i <= bytes.len() {
                        if i == bytes.len() || bytes[i] == b'/' {
                            if i > from {
                                let (_, piece) = bytes.split_at(from);
                                let (piece, _) = piece.split_at(i - from);
                                current = Some(match current {
                                    None => Segment::Text(piece),
                                    Some(Segment::Splat(_)) => Segment::Splat(false),
                                    Some(_) => Segment::Mixed,
                                });
                            }
                            if i < bytes.len() {
                                if open {
                                    out.push(match current {
                                        Some(segment) => segment,
                                        None => Segment::Text(&[]),
                                    });
                                }
                                open = true;
                                current = None;
                            }
                            from = i + 1;
                        }
                        i += 1;
                    }
                }
                Part::Param(..) => {
                    current = Some(match current {
                        None => Segment::Param,
                        Some(Segment::Splat(_)) => Segment::Splat(false),
                        Some(_) => Segment::Mixed,
                    });
                }
                Part::Splat(_, stop, or_segment) => {
                    let all = current.is_none() && stop.is_empty() && !*or_segment && p + 1 == parts.len();
                    current = Some(Segment::Splat(all));
                }
            }
            p += 1;
        }
        out.push(match current {
            Some(segment) => segment,
            None => Segment::Text(&[]),
        });
        // Slashes at the end do not count.
        let text = pattern.text.as_bytes();
        let mut end = text.len();
        while !options.strict && end > 1 && text[end - 1] == b'/' {
            end -= 1;
            if out.len > 1 && matches!(out.all[out.len - 1], Segment::Text([])) {
                out.len -= 1;
            }
        }
        out
    }
}

const NONE: u32 = u32::MAX;

/// An edge of the trie, in a hash table: from a node by a text to another.
#[derive(Clone, Copy)]
struct Edge {
    from: u32,
    text: &'static [u8],
    to: u32,
}

#[derive(Clone, Copy)]
struct Node {
    param: u32,
    /// The last of the routes that end here, and of those that take all that follows.
    end: u32,
    splat: u32,
}

/// A route that ends at a node, and the one before it.
#[derive(Clone, Copy)]
struct End {
    info: Option<&'static Info>,
    before: u32,
}

struct Trie<const N: usize> {
    edges: [Edge; N],
    nodes: [Node; N],
    ends: [End; N],
    node_count: usize,
    end_count: usize,
    options: Options,
    /// Which entry of the list is next.
    entry: usize,
    fault: Option<Fault>,
}

/// A route that can never match.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) entry: usize,
    pub(crate) route: &'static Info,
    pub(crate) covered_by: &'static Info,
}

const BARE: Node = Node { param: NONE, end: NONE, splat: NONE };

impl<const N: usize> Trie<N> {
    const fn new(options: Options) -> Self {
        Trie {
            edges: [Edge { from: NONE, text: &[], to: NONE }; N],
            nodes: [BARE; N],
            ends: [End { info: None, before: NONE }; N],
            node_count: 1,
            end_count: 0,
            options,
            entry: 0,
            fault: None,
        }
    }

    const fn visit(&mut self, entries: &'static Entries) {
        match entries {
            Entries::Both(a, b) => {
                self.visit(a);
                self.visit(b);
            }
            Entries::Route(info) => {
                if self.fault.is_none() {
                    self.route(info);
                }
                self.entry += 1;
            }
            // A middleware may rewrite the request, and an error handler may resume.
            Entries::Layer(_)
            | Entries::Other
            | Entries::List(_)
            | Entries::Router(_)
            | Entries::Skipped(_) => {
                // What comes behind it begins anew.
                let entry = self.entry + 1;
                if self.node_count > 1 || self.end_count > 0 {
                    let fault = self.fault;
                    *self = Trie::new(self.options);
                    self.fault = fault;
                }
                self.entry = entry;
            }
            Entries::Gone => self.entry += 1,
        }
    }

    const fn route(&mut self, info: &'static Info) {
        let variants = info.pattern.variants;
        let mut by: Option<&'static Info> = None;
        let mut covered = !variants.is_empty();
        let mut v = 0;
        while covered && v < variants.len() {
            let segments = Segments::new(info.pattern, variants[v], self.options);
            match if segments.over { None } else { self.covering(&info.methods, 0, &segments, 0) } {
                None => covered = false,
                found => by = found,
            }
            v += 1;
        }
        if let (true, Some(covered_by)) = (covered, by) {
            self.fault = Some(Fault { entry: self.entry, route: info, covered_by });
            return;
        }
        if info.closed {
            let mut v = 0;
            while v < variants.len() {
                self.insert(info, &Segments::new(info.pattern, variants[v], self.options));
                v += 1;
            }
        }
    }

    /// The route that takes everything that the segments from `at` on match.
    const fn covering(
        &self,
        methods: &Methods,
        node: u32,
        segments: &Segments,
        at: usize,
    ) -> Option<&'static Info> {
        let here = &self.nodes[node as usize];
        if at == segments.len {
            return self.one_of(here.end, methods);
        }
        let segment = segments.all[at];
        let nothing_follows = at + 1 == segments.len && matches!(segment, Segment::Text([]));
        if !nothing_follows && let Some(found) = self.one_of(here.splat, methods) {
            return Some(found);
        }
        if let Segment::Text(text) = segment {
            let to = self.edges[self.place(node, text)].to;
            if to != NONE
                && let Some(found) = self.covering(methods, to, segments, at + 1)
            {
                return Some(found);
            }
        }
        match segment {
            Segment::Text([]) | Segment::Splat(_) => None,
            _ if here.param != NONE => self.covering(methods, here.param, segments, at + 1),
            _ => None,
        }
    }

    const fn one_of(&self, last: u32, methods: &Methods) -> Option<&'static Info> {
        let mut at = last;
        while at != NONE {
            let end = &self.ends[at as usize];
            if let Some(info) = end.info
                && info.methods.covers(methods)
            {
                return Some(info);
            }
            at = end.before;
        }
        None
    }

    const fn insert(&mut self, info: &'static Info, segments: &Segments) {
        // Full is as good as silent; the size is chosen so that it does not come to that.
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
                Segment::Text(text) => {
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
                    self.ends[self.end_count] = End { info: Some(info), before };
                    self.end_count += 1;
                    return;
                }
            }
            i += 1;
        }
        let before = self.nodes[node as usize].end;
        self.nodes[node as usize].end = self.end_count as u32;
        self.ends[self.end_count] = End { info: Some(info), before };
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
            let same =
                if self.options.case_sensitive { a[i] == b[i] } else { a[i].eq_ignore_ascii_case(&b[i]) };
            if !same {
                return false;
            }
            i += 1;
        }
        true
    }
}

/// How many nodes the trie of all routes could have.
const fn size(entries: &'static Entries) -> usize {
    match entries {
        Entries::Both(a, b) => size(a) + size(b),
        Entries::Route(info) => {
            let variants = info.pattern.variants;
            // A slash a segment; a pattern has no more of them than characters.
            let mut slashes = 1;
            let text = info.pattern.text.as_bytes();
            let mut i = 0;
            while i < text.len() {
                if text[i] == b'/' {
                    slashes += 1;
                }
                i += 1;
            }
            variants.len() * slashes
        }
        Entries::Layer(_)
        | Entries::Other
        | Entries::List(_)
        | Entries::Router(_)
        | Entries::Skipped(_)
        | Entries::Gone => 0,
    }
}

const fn search<const N: usize>(entries: &'static Entries, options: Options) -> Option<Fault> {
    let mut trie: Trie<N> = Trie::new(options);
    trie.visit(entries);
    trie.fault
}

/// The first route of a list that can never match.
pub(crate) const fn unreachable(entries: &'static Entries, options: Options) -> Option<Fault> {
    match size(entries) {
        0..=12 => search::<32>(entries, options),
        13..=120 => search::<256>(entries, options),
        121..=1_000 => search::<2_048>(entries, options),
        1_001..=8_000 => search::<16_384>(entries, options),
        _ => search::<131_072>(entries, options),
    }
}
