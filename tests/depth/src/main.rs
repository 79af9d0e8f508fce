//! Writes apps of many layers, has rustc build them in crates of their own, and runs them through every host.
//!
//! `cargo check` proves nothing of how many layers an app may have, and `App::run` little: rustc meets its limits where
//! it generates code, in the crate that serves the app. So the programs are written out, built by cargo as a user's
//! are, at the default recursion limit, and run.

mod gate;
mod kinds;
mod program;
mod table;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run -p connect-depth -- COMMAND

  gate                     a fixed set, in two minutes or so: what the continuous integration runs
  table [LAYERS]           every kind of layer, 200 of each, as Markdown; takes an hour
  try KINDS LAYERS [NEST]  one app in a debug build: kinds separated by commas, in so many routers, one in the other
  kinds                    the kinds of layers";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number =
        |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is not a number\n\n{USAGE}"));
    let result = match *arguments {
        ["gate"] => gate::run(),
        ["table"] => table::run(200),
        ["table", layers] => number(layers).and_then(table::run),
        ["try", kinds, layers] => number(layers).and_then(|layers| gate::try_one(kinds, layers, 0)),
        ["try", kinds, layers, nest] => {
            number(layers).and_then(|layers| number(nest).and_then(|nest| gate::try_one(kinds, layers, nest)))
        }
        ["kinds"] => {
            for kind in kinds::ALL {
                println!("{:12} {}", kind.name, kind.is);
            }
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
