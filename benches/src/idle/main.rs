//! What a layer of `connect-middleware` costs a request for which it has nothing to do: instructions above those of an empty layer of
//! its kind: `cargo run --release --bin idle`.
//!
//! A program of its own: in that of the guard, rustc would inline less of what both call.

#[allow(dead_code, reason = "a part is used")]
#[path = "../in_process/mod.rs"]
mod in_process;
mod layers;
#[allow(dead_code, reason = "the same")]
#[path = "../measure/mod.rs"]
mod measure;
#[path = "../table.rs"]
mod table;

use std::process::ExitCode;

use connect::{App, Chain, Request, Response};
use in_process::{Case, Summary, case, now};
use layers::LAYERS;
use measure::instructions;
use table::{Table, figure};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match *args {
        [] if !instructions::can_be_counted() => {
            println!(
                "NOT CHECKED: instructions are counted by valgrind, which is not installed or does not run here"
            );
            Ok(())
        }
        [] => check(),
        // What is run under callgrind.
        ["row", name, requests] => run(name, requests),
        _ => Err("usage: cargo run --release --bin idle".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, requests: &str) -> Result<(), String> {
    let idle = LAYERS.iter().find(|idle| idle.name == name);
    let idle = idle.ok_or_else(|| format!("there is no layer `{name}`"))?;
    let requests = requests.parse().map_err(|_| format!("`{requests}` is not a number"))?;
    // For timers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|err| err.to_string())?;
    let _entered = runtime.enter();
    (idle.make)()(requests);
    Ok(())
}

/// The aim for a layer with nothing to do.
const MOST: f64 = 80.0;

/// A layer, and what it is compared with.
struct Idle {
    /// The name on the command line.
    name: &'static str,
    label: &'static str,
    /// An empty layer of its kind.
    empty: &'static str,
    make: fn() -> Case,
    /// How many instructions it may take if it has something to do, or why it takes more than [`MOST`].
    does: Option<(f64, &'static str)>,
}

/// Requests of one app, which has to answer each with 200.
fn requests<C: Chain, P: 'static>(app: App<C, P>, request: fn() -> Request) -> Case {
    let run = move || {
        let mut req = request();
        let mut res = Response::new();
        let _ = now(app.run(&mut req, &mut res));
        res
    };
    case(run, |res| {
        assert_eq!(res.status_code(), 200);
        Summary { status: 200, from_layers: false }
    })
}

/// Prints the table, and fails if a layer is above its limit.
fn check() -> Result<(), String> {
    let mut table = Table::new(["layer", "instructions above an empty one", "limit", "what it does"]);
    let mut above = Vec::new();
    for idle in LAYERS.iter().filter(|idle| idle.name != idle.empty) {
        let of = |name| instructions::per_request(&["row", name], [100, 300]);
        let count = of(idle.name)? - of(idle.empty)?;
        let (limit, does) = idle.does.unwrap_or((MOST, "nothing"));
        table.row([idle.label.to_owned(), figure(Some(count), 0), figure(Some(limit), 0), does.to_owned()]);
        if count > limit {
            above.push(format!("{} takes {count:.0} instructions, and its limit is {limit:.0}", idle.label));
        }
    }
    table.print();
    if above.is_empty() { Ok(()) } else { Err(format!("\nerror: {}", above.join("\n"))) }
}
