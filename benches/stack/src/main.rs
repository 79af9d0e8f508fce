//! A typical stack beside axum's and Express's: `cargo run --release -p stack`.
//!
//! Request id, log, trace, security headers, CORS, compression, sessions in memory, CSRF protection and a rate limit in front of ten
//! routes. All three log one line a request into a sink.

#[allow(dead_code, reason = "a part is used")]
#[path = "../../src/measure/instructions.rs"]
mod instructions;
mod load;
mod ours;
mod requests;
mod servers;
#[path = "../../src/table.rs"]
mod table;
mod theirs;

use std::process::ExitCode;

use requests::{REQUESTS, Wanted};
use table::{Table, figure};

const USAGE: &str = "\
usage: cargo run --release -p stack [-- COMMAND]

  (none)                        both tables
  in-process                    instructions of a request in process
  wire [ROUNDS]                 CPU time of the server for a request on the wire
  row SERVER REQUEST NUMBER     makes that many requests in process and prints nothing
  serve SERVER PORT             one of the servers, to be asked by hand";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match *args {
        [] => in_process().and_then(|()| wire(25)),
        ["in-process"] => in_process(),
        ["wire"] => wire(25),
        ["wire", rounds] => rounds.parse().map_err(|_| USAGE.to_owned()).and_then(wire),
        ["row", server, request, number] => row(server, request, number),
        ["serve", server, port] => serve(server, port),
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

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn row(server: &str, request: &str, number: &str) -> Result<(), String> {
    let wanted = requests::find(request)?;
    let number = number.parse().map_err(|_| USAGE.to_owned())?;
    runtime().block_on(async {
        match server {
            "connect" => ours::run(wanted, number).await,
            "axum" => theirs::run(wanted, number).await,
            _ => panic!("there is no server `{server}` in process"),
        }
    });
    Ok(())
}

fn serve(server: &str, port: &str) -> Result<(), String> {
    let port = port.parse().map_err(|_| USAGE.to_owned())?;
    runtime().block_on(async {
        match server {
            "connect" => ours::serve(port).await,
            "axum" => theirs::serve(port).await,
            _ => panic!("there is no server `{server}` here"),
        }
    });
    Ok(())
}

fn in_process() -> Result<(), String> {
    if !instructions::can_be_counted() {
        println!(
            "Not counted: instructions are counted by valgrind, which is not installed or does not run here."
        );
        return Ok(());
    }
    let mut table = Table::new(["instructions in process", "connect", "axum", "ratio"]);
    for wanted in REQUESTS {
        let of = |server| instructions::per_request(&["row", server, wanted.name], [1000, 5000]);
        let (ours, theirs) = (of("connect")?, of("axum")?);
        let ratio = format!("{:.2}", ours / theirs);
        table.row([wanted.label.to_owned(), figure(Some(ours), 0), figure(Some(theirs), 0), ratio]);
    }
    table.print();
    Ok(())
}

fn wire(rounds: usize) -> Result<(), String> {
    let servers = servers::start_all()?;
    let mut table = Table::new([
        "CPU time of the server, µs a request",
        "connect",
        "axum",
        "Express",
        "axum / connect",
        "Express / connect",
    ]);
    for wanted in REQUESTS {
        let medians = load::measure(&servers, wanted, rounds)?;
        let [ours, axum, express] = [0, 1, 2].map(|at| medians.get(at).copied().flatten());
        let ratio = |other: Option<f64>| {
            other.zip(ours).map_or("-".to_owned(), |(other, ours)| format!("{:.2}", other / ours))
        };
        table.row([
            wanted.label.to_owned(),
            figure(ours, 1),
            figure(axum, 1),
            figure(express, 1),
            ratio(axum),
            ratio(express),
        ]);
    }
    table.print();
    Ok(())
}

/// A text that a response ends with, to see that it is the right one.
fn is_right(wanted: &Wanted, status: u16) {
    assert_eq!(status, 200, "{}", wanted.name);
}
