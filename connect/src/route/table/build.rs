//! Making the trie: first a tree that grows with each variant, then the flat arrays that are searched.

use super::{End, NONE, Node, Open, Route, Step, Table, Tail, Variant, mask};
use crate::route::matcher::{loosened, trimmed};
use crate::route::methods::Methods;
use crate::route::pattern::{Options, Part, Pattern};

/// A node while the trie grows.
#[derive(Default)]
struct Growing {
    /// What leads to it from its parent: nothing, for the root and behind a parameter.
    text: Vec<u8>,
    children: Vec<Growing>,
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
            words: Vec::new(),
            // Where nodes without children look.
            children: vec![0],
            ends: Vec::new(),
            // None is at zero.
            open: vec![Open::default()],
            steps: Vec::new(),
        };
        let mut root = Growing::default();
        for (pattern, methods) in routes {
            table.add(&mut root, pattern, methods);
        }
        table.flatten(root, 0);
        table
    }

    fn add(&mut self, root: &mut Growing, pattern: &'static Pattern, methods: Methods) {
        let slashes = loosened(pattern, self.options.strict);
        let route = self.routes.len() as u32;
        self.routes.push(Route { pattern, methods, first: self.variants.len() as u32 });
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
                    node = node.descend(text.as_bytes(), self.options.case_sensitive);
                    skip = text.len() as u32;
                }
                Part::Param(name, "")
                    if following.is_some_and(|text| text.is_empty() || text.starts_with('/')) =>
                {
                    self.steps.push(Step { skip, name: name as u32, splat: false });
                    skip = 0;
                    node = node.param.get_or_insert_default();
                }
                Part::Splat(name, "", _) if following == Some("") => {
                    self.steps.push(Step { skip, name: name as u32, splat: true });
                    node.open.rests.push(end);
                    return true;
                }
                _ => {
                    node.open.tails.push(Tail { end, pattern, parts: &parts[i..] });
                    return false;
                }
            }
        }
        node.ends.push(end);
        true
    }

    /// Appends a node, without the first `skip` bytes of its text, and all below it; its index, and the lowest and
    /// highest variant there.
    fn flatten(&mut self, mut growing: Growing, skip: usize) -> (u32, u32, u32) {
        growing.join_child();
        let index = self.nodes.len();
        let mut words = growing.text[skip..].chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        });
        let text = words.next().unwrap_or(0);
        let words_start = self.words.len() as u32;
        self.words.extend(words);

        let Open { rests, tails } = &growing.open;
        let here = growing.ends.iter().chain(rests).chain(tails.iter().map(|tail| &tail.end));
        let here = here.map(|end| end.variant);
        let (mut low, mut high) = (here.clone().min().unwrap_or(NONE), here.max().unwrap_or(0));
        let mut open = 0;
        if !rests.is_empty() || !tails.is_empty() {
            open = self.open.len() as u32;
            self.open.push(growing.open);
        }
        let ends = self.ends.len() as u32;
        self.ends.append(&mut growing.ends);

        let len = growing.text.len() - skip;
        let mut node = Node {
            text,
            mask: mask(len),
            len: len as u32,
            words: words_start,
            low,
            high,
            children: 0,
            first_byte: 0,
            more_bytes: 0,
            param: 0,
            ends,
            ends_end: self.ends.len() as u32,
            open,
        };
        let bytes = |child: &Growing| {
            let byte = child.text[0];
            if self.options.case_sensitive {
                [byte; 2]
            } else {
                [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]
            }
        };
        let all = growing.children.iter().flat_map(bytes);
        if let (Some(first), Some(last)) = (all.clone().min(), all.max()) {
            node.children = self.children.len() as u32;
            node.first_byte = first;
            node.more_bytes = last - first;
            self.children.resize(self.children.len() + usize::from(last - first) + 1, 0);
        }
        let (children, first) = (node.children as usize, node.first_byte);
        // Its place comes before those of the nodes below it.
        self.nodes.push(node);

        for child in growing.children {
            let bytes =
                [child.text[0], child.text[0].to_ascii_lowercase(), child.text[0].to_ascii_uppercase()];
            let bytes = if self.options.case_sensitive { &bytes[..1] } else { &bytes[1..] };
            let (child, child_low, child_high) = self.flatten(child, 1);
            for byte in bytes {
                self.children[children + usize::from(byte - first)] = child;
            }
            (low, high) = (low.min(child_low), high.max(child_high));
        }
        if let Some(param) = growing.param {
            let (param, param_low, param_high) = self.flatten(*param, 0);
            self.nodes[index].param = param;
            (low, high) = (low.min(param_low), high.max(param_high));
        }
        (self.nodes[index].low, self.nodes[index].high) = (low, high);
        (index as u32, low, high)
    }
}

impl Growing {
    /// The node that a text leads to, made if there is none.
    fn descend(&mut self, text: &[u8], case_sensitive: bool) -> &mut Growing {
        let same = |a: u8, b: u8| if case_sensitive { a == b } else { a.eq_ignore_ascii_case(&b) };
        let Some(&first) = text.first() else { return self };
        let Some(i) = self.children.iter().position(|child| same(child.text[0], first)) else {
            self.children.push(Growing { text: text.to_vec(), ..Growing::default() });
            return self.children.last_mut().expect("just pushed");
        };
        let child = &mut self.children[i];
        let shared = child.text.iter().zip(text).take_while(|(a, b)| same(**a, **b)).count();
        if shared < child.text.len() {
            let below = child.text.split_off(shared);
            let text = std::mem::take(&mut child.text);
            let lower = std::mem::replace(child, Growing { text, ..Growing::default() });
            child.children.push(Growing { text: below, ..lower });
        }
        child.descend(&text[shared..], case_sensitive)
    }

    /// Takes in an only child, if nothing else is here. Behind a parameter that is the usual case.
    fn join_child(&mut self) {
        let nothing_else = self.param.is_none()
            && self.ends.is_empty()
            && self.open.rests.is_empty()
            && self.open.tails.is_empty();
        if nothing_else && self.children.len() == 1 {
            let mut child = self.children.remove(0);
            let mut text = std::mem::take(&mut self.text);
            text.append(&mut child.text);
            *self = Growing { text, ..child };
        }
    }
}
