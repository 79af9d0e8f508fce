//! Values, scopes, resuming handlers, functions, guards.

mod interpreter;
mod rules;
mod source;
mod stack;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use self::interpreter::Script;
use self::rules::Why;
use self::source::{BEGIN, END, module};
use self::stack::Stack;
use crate::random::Random;
use crate::rustc::{Crate, Program};

/// Random behaviours of each stack.
const BEHAVIOURS: usize = 1_000;

/// The stacks of one program: with more of them rustc takes the longer for each.
const AT_ONCE: usize = 100;

/// Stacks by their numbers.
type Stacks = BTreeMap<usize, Stack>;

/// How many stacks there were of each sort.
#[derive(Default)]
struct Count {
    accepted: usize,
    /// With a behaviour that shows why.
    refused: usize,
    by_a_rule: BTreeMap<Why, usize>,
    runs: usize,
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

fn some(place: &Crate, drawn: Stacks, seed: usize, count: &mut Count) -> Result<(), String> {
    let refused = place.refused("check", &program(&drawn))?;
    let mut problems = String::new();
    let mut accepted = Stacks::new();
    let mut script = String::new();
    for (n, stack) in drawn {
        let why = rules::refused(&stack);
        let says = |what: &str| format!("stack {n} of seed {seed}: {what}\n{}", module(n, &stack));
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
        let mut random = Random::of(seed, n);
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
    place.run(&program(&accepted), &script).map(drop)
}

fn program(stacks: &Stacks) -> Program<'static> {
    let modules = stacks.iter().map(|(n, stack)| (*n, module(*n, stack))).collect();
    Program { begin: BEGIN, modules, end: END }
}
