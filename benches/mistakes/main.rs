//! What the compiler says to the same mistake, here and with axum: the golden files of `ui-tests` beside the programs
//! in `axum`, each of which is checked, and run where it compiles.
//!
//! `../README.md` says how to read the figures.

mod count;
mod list;
mod measure;
mod page;
mod twin;

use std::process::ExitCode;

use twin::here;

const USAGE: &str = "\
usage: cargo run --bin mistakes -- COMMAND

  table  checks the programs, and prints the table
  page   the same, and writes the page of the docs, `connect/src/guide/compiler.md`";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match *args {
        ["table"] => measure::all().map(|groups| print!("{}", page::table(&groups))),
        ["page"] => measure::all().and_then(|groups| {
            print!("{}", page::table(&groups));
            let path = here("../connect/src/guide/compiler.md");
            std::fs::write(&path, page::page(&groups)).map_err(|err| format!("{}: {err}", path.display()))
        }),
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
