//! Making the trie: first a tree that grows with each variant, then the flat arrays that are searched.

use super::words::{Rest, hash, hash_long, mask, word};
use super::{End, NONE, Node, Open, Route, Step, Table, Tail, Variant};
use crate::route::matcher::{loosened, trimmed};
use crate::route::methods::Methods;
use crate::route::pattern::{Options, Part, Pattern};

/// A node while the trie grows.
#[derive(Default)]
struct Growing {
    /// The segment that leads to it; nothing, for the root and behind a parameter.
    text: &'static str,
    children: Vec<Growing>,
    /// In a box, as a node inside of a node. The table is built once.
    param: Option<Box<Growing>>,
    ends: Vec<End>,
    open: Open,
}

impl Table {
    /// A table of these routes, in the order of their declaration.
    pub(crate) fn new(
        routes: impl IntoIterator<Item = (&'static Pattern, Methods)>,
        options: Options,
    ) -> Table {
        let mut table = Table {
            options,
            routes: Vec::new(),
            variants: Vec::new(),
            nodes: Vec::new(),
            slash: 0,
            words: Vec::new(),
            edges: vec![0],
            ends: Vec::new(),
            open: vec![Open::default()],
            steps: Vec::new(),
        };
        let mut root = Growing::default();
        for (pattern, methods) in routes {
            table.add(&mut root, pattern, methods);
        }
        table.flatten(root);
        table
    }

    fn add(&mut self, root: &mut Growing, pattern: &'static Pattern, methods: Methods) {
        let slashes = loosened(pattern, self.options.strict);
        let route = self.routes.len() as u32;
        let first = self.variants.len() as u32;
        self.routes.push(Route { pattern, is_for_all: methods.is_all(), first });
        for parts in pattern.variants {
            let end = End { variant: self.variants.len() as u32, methods };
            let first_step = self.steps.len() as u32;
            let simple = self.grow(root, pattern, parts, slashes, end);
            if !simple {
                self.steps.truncate(first_step as usize);
            }
            let steps = simple.then_some(first_step..self.steps.len() as u32);
            self.variants.push(Variant { route, steps });
        }
    }

    /// Adds a variant to the trie and its parameters to the steps; whether that was possible without a tail.
    fn grow(
        &mut self,
        root: &mut Growing,
        pattern: &'static Pattern,
        parts: &'static [Part],
        slashes: usize,
        end: End,
    ) -> bool {
        let mut node = root;
        // The text of a segment that is not complete; none directly behind a parameter that fills one.
        let mut segment = Some("");
        let mut skip = 0;
        for (i, part) in parts.iter().enumerate() {
            // The text that follows, with nothing of what does not count.
            let following = match &parts[i + 1..] {
                [] => Some(""),
                [Part::Text(text)] => Some(trimmed(text, slashes)),
                [Part::Text(text), ..] => Some(*text),
                _ => None,
            };
            match *part {
                Part::Text(text) => {
                    let text = if i + 1 == parts.len() { trimmed(text, slashes) } else { text };
                    skip = text.len() as u32;
                    for (i, piece) in text.split('/').enumerate() {
                        if i == 0 {
                            segment = segment.map(|_| piece);
                        } else {
                            if let Some(complete) = segment {
                                node = node.child(complete, self.options.case_sensitive);
                            }
                            segment = Some(piece);
                        }
                    }
                }
                Part::Param(name, "", _)
                    if segment == Some("")
                        && following.is_some_and(|text| text.is_empty() || text.starts_with('/')) =>
                {
                    self.steps.push(Step { skip, name: name as u32, splat: false });
                    skip = 0;
                    node = node.param.get_or_insert_default();
                    segment = None;
                }
                Part::Splat(name, "", _) if segment == Some("") && following == Some("") => {
                    self.steps.push(Step { skip, name: name as u32, splat: true });
                    node.open.rests.push(end);
                    return true;
                }
                _ => {
                    // There is no parameter directly behind another.
                    let text = segment.unwrap_or("");
                    let (word, mask) = (word(text.as_bytes()), mask(text.len()));
                    node.open.tails.push(Tail { word, mask, end, pattern, text, parts: &parts[i..] });
                    return false;
                }
            }
        }
        if let Some(last) = segment {
            node = node.child(last, self.options.case_sensitive);
        }
        node.ends.push(end);
        true
    }

    /// Appends a node and all below it; its index.
    fn flatten(&mut self, mut growing: Growing) -> u32 {
        let index = self.nodes.len() as u32;
        // The root stands in front of the first slash, where a path has none to compare.
        let run = if index == 0 { String::new() } else { growing.join() };
        let Open { rests, tails } = &growing.open;
        let here = growing.ends.iter().chain(rests).chain(tails.iter().map(|tail| &tail.end));
        let here = here.map(|end| end.variant);
        let (low, high) = (here.clone().min().unwrap_or(NONE), here.max().unwrap_or(0));
        let open = if rests.is_empty() && tails.is_empty() { 0 } else { self.open.len() as u32 };
        if open != 0 {
            self.open.push(growing.open);
        }
        let run_free = 64 - 8 * run.len().clamp(1, 8) as u8;
        let (ends, words) = (self.ends.len() as u32, self.words.len() as u32);
        self.ends.extend(growing.ends);
        self.words.extend(growing.text.as_bytes().chunks(8).skip(1).map(word));
        self.words.extend(run.as_bytes().chunks(8).skip(1).map(word));
        self.nodes.push(Node {
            text: word(growing.text.as_bytes()),
            len: growing.text.len() as u32,
            words,
            run: word(run.as_bytes()) << run_free,
            run_len: run.len() as u32,
            run_free,
            low,
            high,
            ends,
            ends_end: self.ends.len() as u32,
            edges: 0,
            shift: 0,
            next: 0,
            param: 0,
            open,
        });

        let mut edges = Vec::new();
        for child in growing.children {
            let text = child.text;
            let to = self.flatten(child);
            let rest = Rest::new(text);
            edges.push((if text.len() > 8 { hash_long(rest, text.len()) } else { hash(rest.word()) }, to));
            if index == 0 && text.is_empty() {
                self.slash = to;
            }
            self.bound(index, to);
        }
        self.connect(index, &edges);
        if let Some(param) = growing.param {
            let to = self.flatten(*param);
            self.nodes[index as usize].param = to;
            self.bound(index, to);
        }
        index
    }

    /// Counts the variants at and below a node among those below another.
    fn bound(&mut self, node: u32, below: u32) {
        let Node { low, high, .. } = self.nodes[below as usize];
        let node = &mut self.nodes[node as usize];
        (node.low, node.high) = (node.low.min(low), node.high.max(high));
    }

    /// Makes the hash table of a node from hashes and the nodes behind them. It is a quarter full at most, so that
    /// there are few with the same place.
    fn connect(&mut self, node: u32, edges: &[(u64, u32)]) {
        if edges.is_empty() {
            return;
        }
        let len = (4 * edges.len()).next_power_of_two();
        let (first, shift) = (self.edges.len(), 64 - len.trailing_zeros());
        self.edges.resize(first + len, 0);
        for (hash, to) in edges {
            let place = first + (hash >> shift) as usize;
            self.nodes[*to as usize].next = std::mem::replace(&mut self.edges[place], *to);
        }
        let node = &mut self.nodes[node as usize];
        (node.edges, node.shift) = (first as u32, shift as u8);
    }
}

impl Growing {
    /// Takes the place of an only child, as long as there is nothing else here; the text of the segments from here to
    /// there.
    fn join(&mut self) -> String {
        let mut run = String::new();
        while self.is_link() {
            let only = self.children.swap_remove(0);
            run = run + "/" + only.text;
            *self = Growing { text: self.text, ..only };
        }
        run
    }

    /// Whether the only way on is along a text.
    fn is_link(&self) -> bool {
        let Open { rests, tails } = &self.open;
        let nothing = self.ends.is_empty() && rests.is_empty() && tails.is_empty() && self.param.is_none();
        nothing && self.children.len() == 1
    }

    /// The node behind a segment with this text, made if there is none.
    fn child(&mut self, text: &'static str, case_sensitive: bool) -> &mut Growing {
        let same =
            |other: &str| if case_sensitive { other == text } else { other.eq_ignore_ascii_case(text) };
        let i = self.children.iter().position(|child| same(child.text)).unwrap_or_else(|| {
            self.children.push(Growing { text, ..Growing::default() });
            self.children.len() - 1
        });
        &mut self.children[i]
    }
}
