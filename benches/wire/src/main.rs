//! What a request costs over a socket, beside other frameworks: `../README.md` says how it is measured.

mod builds;
mod effort;
mod fastest;
mod load;
mod others;
mod peers;
mod prepare;
mod process;
mod series;
mod system;
#[path = "../../src/table.rs"]
mod table;
mod versions;
mod work;

use std::process::ExitCode;

use builds::Build;
use effort::Effort;
use prepare::Built;

const USAGE: &str = "\
usage: cargo run --release --bin wire -- COMMAND

  measure [--rounds N] [TABLE]  measures and prints `fastest`, `others`, or both (the default: 5 rounds)
  try                           the same in short, to see that it works: what it prints is noise
  serve NAME LAYERS PORT        becomes a server, to be asked or profiled by hand
  servers                       their names";

const ROUNDS: usize = 5;

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
        ["measure", ref rest @ ..] => {
            let (rounds, tables) = match *rest {
                ["--rounds", rounds, ref tables @ ..] => {
                    (rounds.parse().map_err(|_| format!("`{rounds}` is not a number\n\n{USAGE}"))?, tables)
                }
                ref tables => (ROUNDS, tables),
            };
            measure(&Effort::full(rounds)?, tables).map(|_| ())
        }
        ["try"] => match measure(&Effort::small()?, &[])? {
            true => Ok(()),
            false => Err("not everything could be measured: see the tables".to_owned()),
        },
        // How the servers are started.
        ["pinned", core, program, ref args @ ..] => process::become_pinned(core, program, args),
        ["serve", name, layers, port] => {
            let server =
                peers::ALL.iter().find(|server| server.name == name && server.layers.to_string() == layers);
            let server = server.ok_or_else(|| format!("there is no server `{name}` with {layers} layers"))?;
            let port = port.parse().map_err(|_| format!("`{port}` is not a port"))?;
            prepare::build(server.build)?;
            let (program, args) = server.command(port);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            process::become_pinned("-", &program.to_string_lossy(), &args)
        }
        ["servers"] => {
            peers::ALL
                .iter()
                .for_each(|server| println!("{:16} {:2}  {}", server.name, server.layers, server.label));
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// Measures the tables. Returns whether all could be measured.
fn measure(effort: &Effort, tables: &[&str]) -> Result<bool, String> {
    let (fastest, others) = match *tables {
        [] => (true, true),
        ["fastest"] => (true, false),
        ["others"] => (false, true),
        _ => return Err(USAGE.to_owned()),
    };
    let mut builds = vec![Build::Plain];
    builds.extend(fastest.then_some([Build::More, Build::Node]).into_iter().flatten());
    builds.extend(others.then_some(Build::Http2));
    let built = Built::all(&builds);
    // Not before: cargo can do with both cores.
    if let Some([_, own]) = effort.cores {
        system::stay_on(own).map_err(|err| format!("cannot stay on core {own}: {err}"))?;
    }
    println!("{}\n", versions::sentence());
    let of_fastest = !fastest || fastest::report(effort, &built);
    let of_others = !others || others::report(effort, &built);
    Ok(of_fastest && of_others)
}
