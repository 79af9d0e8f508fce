//! Patterns as the library has them, from text.
//!
//! The library's patterns are in a program from its start to its end, so these stay in memory: each once, and only as
//! long as there is room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::parser::check::{Parsed, Place, parse};
use crate::parser::variants;
use crate::route::pattern::{Part, Pattern};

#[derive(Clone)]
pub(super) struct Interned {
    pub(super) parsed: Arc<Parsed>,
    pub(super) pattern: &'static Pattern,
}

static KNOWN: Mutex<BTreeMap<String, Interned>> = Mutex::new(BTreeMap::new());

/// So many patterns take some hundred megabytes. What is new behind them is left out.
const MOST: usize = 500_000;

/// The pattern of a text, if it is one.
pub(super) fn interned(text: &str) -> Option<Interned> {
    let mut known = KNOWN.lock().expect("nothing panics while it holds this");
    if let Some(interned) = known.get(text) {
        return Some(interned.clone());
    }
    if known.len() >= MOST {
        return None;
    }
    let parsed = Arc::new(parse(text, Place::Route).ok()?);
    let interned = Interned { pattern: Box::leak(Box::new(pattern(&parsed))), parsed };
    known.insert(text.to_owned(), interned.clone());
    Some(interned)
}

/// As the macros write it.
fn pattern(parsed: &Parsed) -> Pattern {
    let names: Vec<_> = parsed.names.iter().map(|name| leaked(&name.text)).collect();
    let variants: Vec<_> =
        parsed.variants.iter().map(|parts| &*parts.iter().map(part).collect::<Vec<_>>().leak()).collect();
    Pattern { text: leaked(&parsed.text), names: names.leak(), variants: variants.leak() }
}

fn part(part: &variants::Part) -> Part {
    match part {
        variants::Part::Text(text) => Part::Text(leaked(text)),
        variants::Part::Param(name, stop, or_stop) => Part::Param(*name, leaked(stop), *or_stop),
        variants::Part::Splat(name, stop, or_segment) => Part::Splat(*name, leaked(stop), *or_segment),
    }
}

fn leaked(text: &str) -> &'static str {
    if text.is_empty() { "" } else { text.to_owned().leak() }
}
