//! Holds what the compiler proves of a stack against naive checkers, and what a stack does against naive interpreters.
//!
//! Random stacks are written as one program. For each of [`values`], of scopes, handlers that resume, routers, functions, route
//! stacks and guards,
//!
//! * rustc refuses it if, and only if, the rules of the guide do;
//! * if it is refused, a thousand random behaviours find a layer without a value that it needs, or
//!   an unguarded route, or else a rule refuses it that asks for more than one way through a stack can show;
//! * if it compiles, none of a thousand behaviours do, and the app does in each of them what the interpreter does: the
//!   same layers, which see the same values, and the same status.
//!
//! For each of [`paths`], of routes with patterns and methods, mounts, and layers that answer, rewrite or resume,
//!
//! * rustc refuses it for a route that can never match if, and only if, the rules of the guide do, and for a layer that no request
//!   gets to only if there is one;
//! * then every request was tried, with all that the layers may do, and none gets there;
//! * if it compiles, the app does with random requests what the interpreter does.

mod paths;
mod random;
mod rustc;
mod values;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run -p connect-proof -- COMMAND

  gate                   60 stacks of each sort, always the same: what the continuous integration runs
  values STACKS [SEED]   as many of values and guards, of which few are the same
  paths STACKS [SEED]    as many of paths and methods";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number =
        |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is not a number\n\n{USAGE}"));
    let result = match *arguments {
        ["gate"] => values::many(60, 1).and_then(|()| paths::many(60, 1)),
        ["values", stacks] => number(stacks).and_then(|stacks| values::many(stacks, 2)),
        ["values", stacks, seed] => number(stacks).and_then(|stacks| values::many(stacks, number(seed)?)),
        ["paths", stacks] => number(stacks).and_then(|stacks| paths::many(stacks, 2)),
        ["paths", stacks, seed] => number(stacks).and_then(|stacks| paths::many(stacks, number(seed)?)),
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
