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
  try KINDS LAYERS [NEST [BUILD]]
                           one app: kinds separated by commas, or `all`; in so many routers, one in the other;
                           built by check, debug, release, thin (LTO) or test, with the app in a library
                           if `lib-` stands before it
  kinds                    the kinds of layers";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number =
        |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is not a number\n\n{USAGE}"));
    let try_one = |kinds: &str, layers: &str, nest: &str, build: &str| {
        gate::try_one(kinds, number(layers)?, number(nest)?, build)
    };
    let result = match *arguments {
        ["gate"] => gate::run(),
        ["table"] => table::run(200),
        ["table", layers] => number(layers).and_then(table::run),
        ["try", kinds, layers] => try_one(kinds, layers, "0", "debug"),
        ["try", kinds, layers, nest] => try_one(kinds, layers, nest, "debug"),
        ["try", kinds, layers, nest, build] => try_one(kinds, layers, nest, build),
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
