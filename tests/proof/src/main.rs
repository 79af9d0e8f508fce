//! Holds the compiler's proof of a stack against a naive checker, and what a stack does against a naive interpreter.
//!
//! Random stacks, of values, scopes, handlers that resume, routers, functions, route stacks and guards, are written as one
//! program. For each of them
//!
//! * rustc refuses it if, and only if, the rules of the guide do, as [`rules`] has them;
//! * if it is refused, a thousand random behaviours of the [`interpreter`] find a layer without a value that it needs, or
//!   an unguarded route, or else a rule refuses it that asks for more than one way through a stack can show;
//! * if it compiles, none of a thousand behaviours do, and the app does in each of them what the interpreter does: the
//!   same layers, which see the same values, and the same status.

mod interpreter;
mod rules;
mod rustc;
mod source;
mod stack;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use interpreter::Script;
use rules::Why;
use rustc::{Crate, Stacks};
use stack::{Random, Stack};

const USAGE: &str = "\
usage: cargo run -p connect-proof -- COMMAND

  gate                 60 stacks, always the same: what the continuous integration runs
  many STACKS [SEED]   as many, of which few are the same";

/// Random behaviours of each stack.
const BEHAVIOURS: usize = 1_000;

/// The stacks of one program: with more of them rustc takes the longer for each.
const AT_ONCE: usize = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number =
        |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is not a number\n\n{USAGE}"));
    let result = match *arguments {
        ["gate"] => many(60, 1),
        ["many", stacks] => number(stacks).and_then(|stacks| many(stacks, 2)),
        ["many", stacks, seed] => number(stacks).and_then(|stacks| many(stacks, number(seed)?)),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// How many stacks there were of each sort.
#[derive(Default)]
struct Count {
    accepted: usize,
    /// With a behaviour that shows why.
    refused: usize,
    by_a_rule: BTreeMap<Why, usize>,
    runs: usize,
}

fn many(stacks: usize, seed: usize) -> Result<(), String> {
    let started = Instant::now();
    let place = Crate::new()?;
    let mut count = Count::default();
    for begin in (0..stacks).step_by(AT_ONCE) {
        let numbers = begin..stacks.min(begin + AT_ONCE);
        let drawn = numbers.map(|n| (n, Stack::random(&mut random(seed, n)))).collect();
        some(&place, drawn, seed, &mut count)?;
    }
    let Count { accepted, refused, by_a_rule, runs } = count;
    println!(
        "{stacks} stacks, in {:.0} s: rustc and the rules agree on each",
        started.elapsed().as_secs_f32()
    );
    println!("{accepted} compile: {runs} runs are as the interpreter says, none without a value or a guard");
    println!("{refused} are refused, and a behaviour shows why");
    for (why, stacks) in by_a_rule {
        println!("{stacks} are refused, and no behaviour shows why: {}", why.rule());
    }
    Ok(())
}

fn random(seed: usize, n: usize) -> Random {
    Random((seed as u64) << 32 | n as u64)
}

fn some(place: &Crate, drawn: Stacks, seed: usize, count: &mut Count) -> Result<(), String> {
    let refused = place.refused(&drawn)?;
    let mut problems = String::new();
    let mut accepted = Stacks::new();
    let mut script = String::new();
    for (n, stack) in drawn {
        let why = rules::refused(&stack);
        let says = |what: &str| format!("stack {n} of seed {seed}: {what}\n{}", source::module(n, &stack));
        match (refused.get(&n), why.first()) {
            (Some(error), None) => {
                let _ = writeln!(problems, "{}{error}", says("rustc refuses it, and the rules do not"));
                continue;
            }
            (None, Some(why)) => {
                problems += &says(&format!("rustc accepts it, and the rules do not: {why:?}"));
                continue;
            }
            _ => {}
        }
        let mut random = random(seed, n);
        let mut shown = false;
        for _ in 0..BEHAVIOURS {
            let behaviour = Script::random(stack.layers, why.is_empty(), &mut random);
            let seen = interpreter::run(&stack, &behaviour);
            shown |= seen.missing || seen.unguarded;
            if why.is_empty() {
                let path = "/x".repeat(behaviour.mounts) + "/y";
                let acts: String = behaviour.acts.iter().map(|act| act.letter()).collect();
                let _ = writeln!(script, "{n}\t{path}\t{acts}\t{}", seen.trace);
            }
        }
        match why.first() {
            None if shown => problems += &says("it compiles, and a behaviour shows a hole"),
            None => {
                accepted.insert(n, stack);
            }
            Some(_) if shown => count.refused += 1,
            Some(why) => *count.by_a_rule.entry(*why).or_default() += 1,
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    count.accepted += accepted.len();
    count.runs += accepted.len() * BEHAVIOURS;
    place.run(&accepted, &script).map(drop)
}
