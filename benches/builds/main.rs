//! What building an app takes, beside axum and actix-web: the same routes and middleware, written for each as its
//! documentation recommends, checked and built after a change of one line.
//!
//! `../README.md` says how to read the figures.

mod app;
mod cargo;
mod expansion;
mod report;
mod try_out;
mod write;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run --release --bin builds -- COMMAND

  measure [ROUNDS] [APP..]  checks and builds the apps, or those named (the default: 3 rounds, all but the largest)
  try                       starts the smallest app of each framework and sends it requests
  expansion                 the tokens that the macros write for a middleware, a route, an entry
  apps                      the names of the apps";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match *args {
        ["measure", ref rest @ ..] => measure(rest),
        ["try"] => try_out::all(),
        ["expansion"] => expansion::report(),
        ["apps"] => {
            app::APPS.iter().for_each(|app| println!("{:14}  {}", app.name, app.label()));
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &[&str]) -> Result<(), String> {
    let (rounds, names) = match args.split_first() {
        Some((first, rest)) if first.parse::<usize>().is_ok() => (first.parse().unwrap_or(1), rest),
        _ => (3, args),
    };
    let apps: Vec<&app::App> = if names.is_empty() {
        app::APPS.iter().filter(|app| app.routes < 1000).collect()
    } else {
        let find = |name: &&str| {
            app::APPS.iter().find(|app| app.name == *name).ok_or_else(|| format!("there is no app `{name}`"))
        };
        names.iter().map(find).collect::<Result<_, _>>()?
    };
    report::measure(rounds, &apps)
}
