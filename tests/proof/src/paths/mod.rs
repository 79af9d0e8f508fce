//! Patterns, methods, mounts, and layers that no request gets to.

mod requests;
mod rules;
mod source;
mod stack;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use self::requests::{Request, all_paths, everything, send};
use self::source::{BEGIN, END, module};
use self::stack::{METHODS, Stack};
use crate::random::Random;
use crate::rustc::{Crate, Program};

/// Random requests to each stack.
const REQUESTS: usize = 300;

/// The stacks of one program.
const AT_ONCE: usize = 100;

/// What was found of how many stacks.
#[derive(Default)]
struct Count {
    accepted: usize,
    /// Routes of theirs that no request gets to, which no rule finds.
    silent: usize,
    routes: usize,
    layers: usize,
    /// Of the refused, those that only a build finds.
    built: usize,
}

pub(crate) fn many(stacks: usize, seed: usize) -> Result<(), String> {
    let started = Instant::now();
    let place = Crate::new()?;
    let mut count = Count::default();
    for begin in (0..stacks).step_by(AT_ONCE) {
        let numbers = begin..stacks.min(begin + AT_ONCE);
        let drawn = numbers.map(|n| (n, Stack::random(&mut Random::of(seed, n)))).collect();
        some(&place, drawn, seed, &mut count)?;
    }
    let Count { accepted, silent, routes, layers, built } = count;
    println!(
        "{stacks} stacks of paths, in {:.0} s: rustc, the rules and the requests agree on each",
        started.elapsed().as_secs_f32()
    );
    println!("{accepted} compile: {} runs are as the interpreter says", accepted * REQUESTS);
    println!("in {silent} of them there is a route that no request gets to and no rule finds");
    println!(
        "{routes} are refused for a route that can never match, {layers} for a layer, {built} of these in the build"
    );
    Ok(())
}

fn some(place: &Crate, drawn: BTreeMap<usize, Stack>, seed: usize, count: &mut Count) -> Result<(), String> {
    let mut left = drawn;
    let mut problems = String::new();
    // What is behind the type of a function is known when code is generated.
    for command in ["check", "build"] {
        loop {
            let refused = place.refused(command, &program(&left))?;
            if refused.is_empty() {
                break;
            }
            for (n, error) in refused {
                let stack = left.remove(&n).expect("a stack of this program");
                let says =
                    |what: &str| format!("stack {n} of seed {seed}: {what}\n{}{error}", module(n, &stack));
                let reached = send(&stack, everything(), None).reached;
                let unreached = stack.layers().iter().any(|(id, _)| !reached.contains(id));
                let rule = rules::unreachable(&stack);
                if !unreached {
                    problems += &says("rustc refuses it, and requests get to all of it");
                } else if error.contains("can never match") {
                    match rule {
                        Some(id) if !reached.contains(&id) => count.routes += 1,
                        Some(_) => problems += &says("the rules refuse a route that requests get to"),
                        None => problems += &says("rustc refuses a route, and the rules do not"),
                    }
                } else if error.contains("gets here") {
                    count.layers += 1;
                } else {
                    problems += &says("rustc refuses it for another reason");
                }
                count.built += usize::from(command == "build");
            }
        }
    }
    let mut script = String::new();
    for (n, stack) in &left {
        let reached = send(stack, everything(), None).reached;
        if let Some(id) = rules::unreachable(stack) {
            let _ = writeln!(
                problems,
                "stack {n} of seed {seed}: rustc accepts it, and the rules refuse l{id}\n{}",
                module(*n, stack)
            );
        }
        let silent = stack.layers().iter().any(|(id, is_route)| *is_route && !reached.contains(id));
        count.silent += usize::from(silent);
        let mut random = Random::of(seed, *n);
        let paths = all_paths(4);
        for _ in 0..REQUESTS {
            let acts: Vec<u8> = (0..stack.ids).map(|_| random.one_of(b"ppppppppppfalrw")).collect();
            // Short ones are few and match more.
            let among = if random.once_in(2) { 40 } else { paths.len() };
            let (method, path) = (random.one_of(&METHODS), &paths[random.below(among)]);
            let request = [Request::new(method, path)].into_iter().collect();
            let trace = send(stack, request, Some(&acts)).trace;
            let acts = String::from_utf8_lossy(&acts);
            let _ = writeln!(script, "{n}\t{method} {path}\t{acts}\t{trace:?}");
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    count.accepted += left.len();
    place.run(&program(&left), &script).map(drop)
}

fn program(stacks: &BTreeMap<usize, Stack>) -> Program<'static> {
    let modules = stacks.iter().map(|(n, stack)| (*n, module(*n, stack))).collect();
    Program { begin: BEGIN, modules, end: END }
}
