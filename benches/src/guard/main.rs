//! Holds the instructions of connect's own rows under limits: `cargo run --release -- guard`.
//!
//! A program of its own, built without the peers, since it is built and run for every change.

// The rows are measured and printed elsewhere; here they are counted.
#[allow(dead_code, reason = "a part of the rows and of the measuring is used")]
#[path = "../in_process/mod.rs"]
mod in_process;
mod limits;
#[allow(dead_code, reason = "the same")]
#[path = "../measure/mod.rs"]
mod measure;
#[allow(dead_code, unreachable_pub, reason = "these are the library's files, of which a part is used")]
#[path = "../route.rs"]
mod route;
#[allow(dead_code, reason = "the same")]
#[path = "../routing/mod.rs"]
mod routing;
#[path = "../table.rs"]
mod table;

use std::process::ExitCode;

use in_process::rows::{self, LAYERS, ROWS};
use measure::instructions;
use table::{Table, figure};

const USAGE: &str = "\
usage: cargo run --release -- guard [COMMAND]

  (none)             counts the instructions of connect's rows, and fails if one is above its limit
  required           the same, and fails as well where valgrind is not installed
  renew              writes today's figures, with a margin, as the limits";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match command(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: &[&str]) -> Result<(), String> {
    match *args {
        [] | ["required"] if !instructions::can_be_counted() => {
            let message = "NOT CHECKED: instructions are counted by valgrind, which is not installed or does not run here";
            println!("{message}");
            if args.is_empty() { Ok(()) } else { Err(message.to_owned()) }
        }
        [] | ["required"] => check(),
        ["renew"] => limits::write(&counts()?),
        // What is run under callgrind.
        ["row", name, layers, requests] => {
            let mut case = rows::find(name, number(layers)?)?;
            case(number(requests)?);
            Ok(())
        }
        ["routing-row", name, routes, passes] => routing::run(name, routes, number(passes)?),
        _ => Err(USAGE.to_owned()),
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number\n\n{USAGE}"))
}

/// Routes and the row that looks them up.
const ROUTING: [(&str, &str); 3] = [("table", "api-10"), ("table", "github"), ("connect", "api-10")];

/// The name of each row and its instructions.
fn counts() -> Result<Vec<(String, f64)>, String> {
    let mut counts = Vec::new();
    for row in ROWS {
        for layers in LAYERS {
            counts.push((format!("{} {layers}", row.name), rows::instructions(row.name, layers)?));
        }
    }
    for (row, routes) in ROUTING {
        counts.push((format!("{row} {routes}"), routing::instructions(row, routes)?));
    }
    Ok(counts)
}

fn check() -> Result<(), String> {
    let limits = limits::read()?;
    let mut table = Table::new(["row", "instructions", "limit", "of the limit", ""]);
    let mut above = Vec::new();
    for (name, count) in counts()? {
        let limit = limits.iter().find(|limit| limit.name == name);
        let limit = limit.ok_or_else(|| format!("`{name}` has no limit: {RENEW}"))?.most;
        let verdict = if count > limit { "ABOVE" } else { "" };
        let cells = [
            figure(Some(count), 0),
            figure(Some(limit), 0),
            figure(Some(count / limit), 3),
            verdict.to_owned(),
        ];
        table.row([name.clone()].into_iter().chain(cells));
        if count > limit {
            above.push(format!("`{name}` takes {count:.0} instructions, and its limit is {limit:.0}"));
        }
    }
    println!("Instructions of one request, and of one lookup:\n");
    table.print();
    if above.is_empty() {
        println!("\nNone is above its limit.");
        return Ok(());
    }
    Err(format!(
        "\nerror: {} of connect's rows cost more than they may:\n  {}\n\
         If `work`, which has nothing of connect in it, is above its limit too, then this is another toolchain or C library: {RENEW}.\n\
         If it is meant to cost more: the same. If not: `valgrind --tool=callgrind target/release/guard row NAME LAYERS 1000` shows where it goes.",
        above.len(),
        above.join("\n  ")
    ))
}

const RENEW: &str = "write the limits anew with `cargo run --release -- guard renew`";
