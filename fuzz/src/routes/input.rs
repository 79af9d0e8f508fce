//! An input: a line of options, routes until an empty line, and paths.
//!
//! ```text
//! strict case
//! GET /user/:id
//! ALL /files/*path
//!
//! /user/1
//! ```
//!
//! What is too much or makes no sense is left out, so that most of what the fuzzer makes is about something.

use super::interned::{Interned, interned};
use crate::route::methods::Methods;
use crate::route::pattern::Options;

pub(super) struct Input<'a> {
    pub(super) options: Options,
    pub(super) routes: Vec<Route>,
    pub(super) paths: Vec<&'a str>,
}

pub(super) struct Route {
    pub(super) pattern: Interned,
    /// Nothing, if it answers all.
    pub(super) names: &'static [&'static str],
    pub(super) methods: Methods,
}

const ROUTES: usize = 48;
const PATHS: usize = 12;
/// Of all patterns together.
const VARIANTS: usize = 512;
const LONGEST_PATTERN: usize = 120;
const LONGEST_PATH: usize = 120;

impl<'a> Input<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut lines = text.split('\n');
        let first = lines.next().unwrap_or_default();
        let options = Options { strict: first.contains("strict"), case_sensitive: first.contains("case") };
        let mut variants = 0;
        let routes = lines.by_ref().take_while(|line| !line.is_empty()).take(ROUTES).filter_map(route);
        let routes = routes
            .take_while(|route| {
                variants += route.pattern.parsed.variants.len();
                variants <= VARIANTS
            })
            .collect();
        // The path of a request is never empty.
        let sent = |path: &&str| !path.is_empty() && path.len() <= LONGEST_PATH;
        Input { options, routes, paths: lines.filter(sent).take(PATHS).collect() }
    }
}

fn route(line: &str) -> Option<Route> {
    let (methods, pattern) = line.split_once(' ')?;
    if pattern.len() > LONGEST_PATTERN {
        return None;
    }
    let (names, methods): (&[&str], _) = match methods {
        "GET" => (&["GET", "HEAD"], Methods::new(&["GET"])),
        "POST" => (&["POST"], Methods::new(&["POST"])),
        "PURGE" => (&["PUT", "PURGE"], Methods::new(&["PUT", "PURGE"])),
        _ => (&[], Methods::ALL),
    };
    Some(Route { pattern: interned(pattern)?, names, methods })
}
