//! Writes the stack shapes of the model test: each once as code with `app!`, and once as data for the naive
//! interpreter.
//!
//! The shapes are random, from a fixed seed, so that nobody chose them with the implementation in mind.

use std::fmt::Write;

/// How many shapes; the first half have fifteen entries or more and two levels or more.
const SHAPES: u64 = 40;

/// Does nothing, and hides from the compiler that an error handler may be the first of its app or router.
const UNKNOWN: &str = "stack![], ";

/// A stack, in both forms: expressions of Rust.
#[derive(Default)]
struct Text {
    code: String,
    data: String,
    /// Layers written, and the depth reached.
    layers: usize,
    depth: usize,
}

/// The code of `shapes()`.
pub fn generate() -> String {
    let mut functions = String::new();
    let mut list = String::new();
    for seed in 0..SHAPES {
        let large = seed < SHAPES / 2;
        let mut random = Random(seed * 7919 + 1);
        // Some seeds give a stack that is too small for its half: take the next.
        let text = loop {
            let mut text = Text::default();
            let entries = if large { 6 } else { 3 } + random.below(4);
            stack(&mut random, entries, 0, &mut text);
            if !large || (text.layers >= 15 && text.depth >= 2) {
                break text;
            }
        };
        let Text { code, data, layers, .. } = text;
        writeln!(
            functions,
            "fn shape_{seed}() -> Shape {{\n    Shape::new({layers}, app![{UNKNOWN}{code}], vec![{data}])\n}}"
        )
        .expect("writing to a string");
        write!(list, "shape_{seed}, ").expect("writing to a string");
    }
    format!("{functions}\npub const SHAPES: &[fn() -> Shape] = &[{list}];\n")
}

fn stack(random: &mut Random, entries: usize, depth: usize, out: &mut Text) {
    out.depth = out.depth.max(depth);
    for _ in 0..entries {
        entry(random, depth, out);
    }
}

fn entry(random: &mut Random, depth: usize, out: &mut Text) {
    let inside = 2 + random.below(3);
    match random.below(20) {
        // Stacks in the stack.
        kind @ 0..=6 if depth < 3 => {
            let path = ["/a", "/b", "/a/b", "/"][random.below(4)];
            let (open, close, scope) = match kind {
                0 | 1 => (format!("{path:?} => ["), "]", "List"),
                2 => (format!("{path:?} => stack!["), "]", "List"),
                3 | 4 => (format!("{path:?} => router![{UNKNOWN}"), "]", "Own"),
                5 => (format!("{path:?} => app![{UNKNOWN}"), "]", "Own"),
                _ => (format!("router![{UNKNOWN}"), "]", "Own"),
            };
            let path = if kind == 6 { "" } else { path.trim_end_matches('/') };
            out.code.push_str(&open);
            write!(out.data, "Node::Mount({path:?}, Scope::{scope}, vec![").expect("writing to a string");
            stack(random, inside, depth + 1, out);
            out.code.push_str(close);
            out.code.push_str(", ");
            out.data.push_str("]), ");
        }
        0 | 1 => leaf("waits", out),
        2 | 3 => leaf("plain", out),
        4 | 5 => leaf("handles", out),
        6 => leaf("resumes", out),
        7 | 8 => leaf("waits", out),
        9 | 10 => leaf("plain", out),
        11 => leaf("by_hand", out),
        12 => leaf("plain_by_hand", out),
        13 => leaf("plain_handles", out),
        14 => leaf("plain_resumes", out),
        15 => leaf("handles", out),
        16 => leaf("handles_typed", out),
        17 => leaf("plain_handles_typed", out),
        18 => option(random, out),
        _ => {
            // A list in brackets is part of the list around it.
            out.code.push('[');
            leaf("waits", out);
            leaf("plain_resumes", out);
            out.code.push_str("], ");
        }
    }
}

/// A layer, by the name of its function in `model/layers.rs` and of its kind in `model/interpreter.rs`.
fn leaf(function: &str, out: &mut Text) {
    let id = out.layers;
    out.layers += 1;
    write!(out.code, "{function}({id}), ").expect("writing to a string");
    write!(out.data, "Node::Layer({id}, Kind::{}), ", kind(function)).expect("writing to a string");
}

/// `plain_by_hand` is `PlainByHand`.
fn kind(function: &str) -> String {
    let capitalised = |word: &str| format!("{}{}", word[..1].to_uppercase(), &word[1..]);
    function.split('_').map(capitalised).collect()
}

fn option(random: &mut Random, out: &mut Text) {
    let function = ["waits", "plain", "handles"][random.below(3)];
    if random.below(2) == 0 {
        out.code.push_str("Some(");
        leaf(function, out);
        out.code.truncate(out.code.len() - 2);
        out.code.push_str("), ");
    } else {
        write!(out.code, "false.then(|| {function}(0)), ").expect("writing to a string");
    }
}

/// `SplitMix64`: a few lines, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).expect("less than n")
    }
}
