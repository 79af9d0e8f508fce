//! Figures: what a request costs, beside other frameworks. `README.md` says how to read them.

mod in_process;
mod measure;
#[allow(dead_code, unreachable_pub, reason = "these are the library's files, of which a part is used")]
mod route;
mod routing;
mod table;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run --release [-- COMMAND]

  in-process [PART]            what a request costs without sockets (the default), of rows with PART in their names
  figures [ROUNDS]             that, and what it costs over sockets: all three tables of the README
  guard [required | renew]     holds connect's own instructions under limits
  routing                      what it takes to find a route, beside other routers
  routing-instructions         the same, counted by callgrind
  rows                         the names of the rows
  row NAME LAYERS REQUESTS     makes that many requests and prints nothing, to be run under a profiler
  instructions NAME LAYERS     the instructions of one request, counted by callgrind
  routing-row NAME ROUTES PASSES  looks all paths up that many times, to be run under a profiler";

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
    use in_process::rows;
    match *args {
        [] | ["in-process"] => in_process::report(""),
        ["in-process", part] => in_process::report(part),
        ["figures"] => figures("5"),
        ["figures", rounds] => figures(rounds),
        ["guard", ref rest @ ..] => {
            cargo(&["--package", "benches", "--no-default-features", "--bin", "guard", "--"], rest)
        }
        ["routing"] => routing::report(),
        ["routing-instructions"] => routing::report_instructions(),
        ["routing-row", name, routes, passes] => routing::run(name, routes, number(passes)?),
        ["rows"] => {
            rows::ROWS.iter().for_each(|row| println!("{:20}  {}", row.name, row.label));
            Ok(())
        }
        ["row", name, layers, requests] => {
            let mut case = rows::find(name, number(layers)?)?;
            case(number(requests)?);
            Ok(())
        }
        ["instructions", name, layers] => {
            let layers = number(layers)?;
            drop(rows::find(name, layers)?);
            println!("{:.0}", rows::instructions(name, layers)?);
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn figures(rounds: &str) -> Result<(), String> {
    in_process::report("")?;
    println!();
    cargo(&["--package", "wire", "--bin", "wire", "--"], &["measure", "--rounds", rounds])
}

/// Runs another program of this workspace, which has features of its own.
fn cargo(program: &[&str], args: &[&str]) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args(["run", "--release", "--quiet", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .args(program)
        .args(args)
        .status()
        .map_err(|err| format!("cargo: {err}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", args.join(" "))) }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number\n\n{USAGE}"))
}
