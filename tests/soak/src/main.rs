//! A load of minutes on a server in a process of its own, with everything among it that clients and handlers do wrong. It prints
//! what it sees every few seconds, and at the end a verdict: every response right, memory steady, every descriptor and task
//! given back. The exit code is 1 otherwise.
//!
//! ```text
//! cargo run --release -p connect-soak -- --seconds 180 --clients 48
//! ```

mod clients;
mod counts;
#[path = "../../faults/process.rs"]
#[allow(dead_code, unreachable_pub, reason = "the fault tests use more of it")]
mod process;
mod random;
mod report;
mod server;
mod socket;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use self::counts::Counts;
use self::random::Random;
use self::report::{Report, Sample};

/// The interval between two lines.
const EVERY: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--serve") {
        return server::run();
    }
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(arguments.get(at + 1)?.parse().unwrap_or(default))
    };
    let seconds = number("--seconds", 180).unwrap_or(180);
    let clients = number("--clients", 48).unwrap_or(48);
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(soak(Duration::from_secs(seconds), clients)),
        Err(err) => {
            eprintln!("no runtime: {err}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(time: Duration, clients: u64) -> ExitCode {
    let mut server = match server::Process::start() {
        Ok(server) => server,
        Err(err) => {
            eprintln!("the server does not start: {err}");
            return ExitCode::FAILURE;
        }
    };
    let address = server.address;
    let counts = Arc::new(Counts::default());
    let stop = Arc::new(AtomicBool::new(false));
    // A first request, so that the server has allocated what it keeps.
    let _ = clients::state(address).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = Sample::take(Duration::ZERO, &server, &counts).await;
    let mut report = Report::new(time, before);
    println!("{time:?} with {clients} clients against {address}; before: {}", report.before);
    println!("{}", report::HEAD);
    let started = Instant::now();
    let running: Vec<_> = (0..clients)
        .map(|number| {
            let (counts, stop) = (Arc::clone(&counts), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut random = Random::new(number);
                while !stop.load(Ordering::Relaxed) {
                    clients::one(address, &mut random, &counts).await;
                }
            })
        })
        .collect();
    while started.elapsed() + EVERY / 2 < time {
        tokio::time::sleep(EVERY.min(time.saturating_sub(started.elapsed()))).await;
        let sample = Sample::take(started.elapsed(), &server, &counts).await;
        println!("{sample}");
        report.add(sample);
    }
    stop.store(true, Ordering::Relaxed);
    for client in running {
        if let Err(err) = client.await {
            counts.failure("a client", &err.to_string());
        }
    }
    println!("\n{}", counts.table());
    let after = report.settle(&server, &counts).await;
    let ended = server.terminate().await;
    if report.verdict(&after, &counts, ended) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
