//! What it takes to find a route: the library's table beside matchit's tree, which axum uses.
//!
//! The table is private to the library, so its files are taken in by path (`route.rs`). Patterns come as data here, as the macros
//! would write them.

mod list;
use std::hint::black_box;
use std::time::Instant;

use crate::measure::time::median;
use crate::route::matcher::Spans;
use crate::route::methods::{Allowed, Methods, Wanted};
use crate::route::pattern::{Options, Part, Pattern};
use crate::route::table::Table;

const ROUNDS: usize = 31;
const LOOKUPS: usize = 200_000;

/// Both routers with the same routes, and the paths to look up.
struct Case {
    name: String,
    table: Table,
    tree: matchit::Router<usize>,
    paths: Vec<String>,
}

impl Case {
    /// Patterns are written `/users/:id`.
    fn new(name: &str, patterns: &[String], paths: Vec<String>) -> Result<Self, String> {
        let mut tree = matchit::Router::new();
        for (i, pattern) in patterns.iter().enumerate() {
            let segments = pattern.split('/').map(|segment| match segment.strip_prefix(':') {
                Some(name) => format!("{{{name}}}"),
                None => segment.to_owned(),
            });
            let braced = segments.collect::<Vec<_>>().join("/");
            tree.insert(braced, i).map_err(|err| format!("{pattern}: {err}"))?;
        }
        let routes = patterns.iter().map(|text| (parsed(text), Methods::new(&["GET"])));
        Ok(Case { name: name.to_owned(), table: Table::new(routes, Options::default()), tree, paths })
    }

    /// Looks every path up, with its parameters.
    #[inline(never)]
    fn ours(&self) -> usize {
        let get = http::Method::GET;
        let found = self.paths.iter().map(|path| {
            let mut allowed = Allowed::default();
            let found = self.table.find(path, Wanted::new(&get), 0, &mut allowed);
            let mut spans = Spans::new();
            found.map_or(0, |found| {
                self.table.captures(found, path, &mut spans);
                black_box(&spans);
                found.route
            })
        });
        found.sum()
    }

    #[inline(never)]
    fn theirs(&self) -> usize {
        self.paths.iter().map(|path| black_box(self.tree.at(path)).map_or(0, |found| *found.value)).sum()
    }

    fn time(&self, look_up: impl Fn(&Self) -> usize) -> f64 {
        let times = LOOKUPS / self.paths.len();
        let start = Instant::now();
        for _ in 0..times {
            black_box(look_up(black_box(self)));
        }
        start.elapsed().as_nanos() as f64 / (times * self.paths.len()) as f64
    }
}

/// Prints the table, after both were seen to find the same.
pub(crate) fn report() -> Result<(), String> {
    println!("| routes | connect, ns a lookup | matchit, ns | ratio |\n|---|--:|--:|--:|");
    for case in cases()? {
        if case.ours() != case.theirs() {
            return Err(format!("the routers disagree about {}", case.name));
        }
        let mut figures = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            figures[0].push(case.time(Case::ours));
            figures[1].push(case.time(Case::theirs));
        }
        let [ours, theirs] = figures.map(median);
        println!("| {} | {ours:.1} | {theirs:.1} | {:.2} |", case.name, ours / theirs);
    }
    Ok(())
}

fn cases() -> Result<Vec<Case>, String> {
    let patterns: Vec<String> = list::PATTERNS.iter().map(|text| (*text).to_owned()).collect();
    let paths = |values: [&str; 3]| -> Vec<String> {
        let with = |text: &String| {
            text.replace(":p1", values[0])
                .replace(":p2", values[1])
                .replace(":p3", values[2])
                .replace(":p4", "4")
        };
        patterns.iter().map(with).collect()
    };
    let mut cases = vec![
        Case::new("matchit's list of 130", &patterns, paths(["p1", "p2", "p3"]))?,
        Case::new("the same, longer values", &patterns, paths(["rust-lang", "some-repository", "1234567"]))?,
    ];
    for n in [10, 100, 1000] {
        let patterns: Vec<String> = (0..n).map(|i| api(i, ":id", ":sub")).collect();
        // As many lookups for every size, of routes all over the table.
        let paths = (0..200).map(|i| api(i * 7919 % n, "12345", "67")).collect();
        cases.push(Case::new(&format!("an API of {n}"), &patterns, paths)?);
    }
    Ok(cases)
}

/// A route of an API: static, with one parameter, with two.
fn api(i: usize, id: &str, sub: &str) -> String {
    const WORDS: [&str; 10] =
        ["users", "accounts", "orders", "items", "carts", "posts", "comments", "photos", "teams", "events"];
    let (version, word) = (i / 50, WORDS[i / 5 % 10]);
    match i % 5 {
        0 => format!("/api/v{version}/{word}"),
        1 => format!("/api/v{version}/{word}/{id}"),
        2 => format!("/api/v{version}/{word}/{id}/edit"),
        3 => format!("/api/v{version}/{word}/{id}/sub/{sub}"),
        _ => format!("/api/v{version}/{word}/{id}/history"),
    }
}

/// What the macros make of a pattern with parameters that are whole segments.
fn parsed(text: &str) -> &'static Pattern {
    let (mut parts, mut names, mut literal) = (Vec::new(), Vec::new(), String::new());
    for segment in text.split('/').skip(1) {
        literal.push('/');
        if let Some(name) = segment.strip_prefix(':') {
            parts.push(Part::Text(leaked(std::mem::take(&mut literal))));
            parts.push(Part::Param(names.len(), "", false));
            names.push(leaked(name.to_owned()));
        } else {
            literal.push_str(segment);
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Text(leaked(literal)));
    }
    let variants: &[&[Part]] = vec![&*parts.leak()].leak();
    Box::leak(Box::new(Pattern { text: leaked(text.to_owned()), names: names.leak(), variants }))
}

fn leaked(text: String) -> &'static str {
    text.leak()
}
