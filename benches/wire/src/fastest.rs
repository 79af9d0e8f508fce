//! The second table: how many requests a server can answer, under three loads.

use crate::effort::Effort;
use crate::load::{Counted, Load};
use crate::peers::ALL;
use crate::prepare::Built;
use crate::process::Running;
use crate::series::Series;
use crate::table::{Table, figure};
use crate::work;

/// A server under one of the loads.
#[derive(Default)]
struct Case {
    /// CPU time a request, in seconds.
    cpu: Series,
    /// Requests a second.
    rate: Series,
    /// The server's share of a core.
    busy: Series,
    /// The load generator's CPU time a request, in seconds.
    own: Series,
    failed: Option<String>,
}

impl Case {
    fn push(&mut self, counted: Result<Counted, String>) {
        let counted = counted.map_err(|reason| self.failed.get_or_insert(reason).clone()).ok();
        let counted = counted.filter(|counted| counted.requests > 0);
        let figure = |of: fn(&Counted) -> f64| counted.as_ref().map(of);
        self.cpu.push(figure(|it| it.server / it.requests as f64));
        self.rate.push(figure(|it| it.requests as f64 / it.seconds));
        self.busy.push(figure(|it| it.server / it.seconds));
        self.own.push(figure(|it| it.own / it.requests as f64));
    }
}

fn loads() -> [(&'static str, Load); 3] {
    [
        ("keep-alive", work::user(1, None)),
        ("16 at once", work::user(16, None)),
        ("10 a connection", work::user(1, Some(10))),
    ]
}

/// Measures and prints. Returns whether all could be measured.
pub(crate) fn report(effort: &Effort, built: &Built) -> bool {
    let loads = loads();
    let mut cases: Vec<Vec<Case>> =
        loads.iter().map(|_| ALL.iter().map(|_| Case::default()).collect()).collect();
    for round in 0..effort.rounds {
        eprintln!("requests as fast as they can be answered: round {} of {}", round + 1, effort.rounds);
        let mut servers: Vec<Result<Running, String>> =
            ALL.iter().map(|server| built.start(server, effort.server_core())).collect();
        warm_up(&mut servers, effort);
        for ((_, load), cases) in loads.iter().zip(&mut cases) {
            // Each round begins with another server, so that their order changes.
            for turn in 0..ALL.len() {
                let i = (turn + round) % ALL.len();
                if let Some(reason) = cases[i].failed.clone() {
                    // It has failed before, and each failure takes seconds.
                    cases[i].push(Err(reason));
                    continue;
                }
                let counted = match &mut servers[i] {
                    Ok(server) => load
                        .run(server.address, server.id(), effort.span())
                        .map_err(|reason| server.explain(reason)),
                    Err(reason) => Err(reason.clone()),
                };
                cases[i].push(counted);
            }
        }
    }
    print(&loads.map(|(name, _)| name), &cases, effort)
}

fn warm_up(servers: &mut [Result<Running, String>], effort: &Effort) {
    for (server, running) in ALL.iter().zip(servers) {
        if let (Some(span), Ok(running)) = (effort.warm_up(server), running) {
            // An error comes again when the server is measured.
            let _ = work::user(1, None).run(running.address, running.id(), span);
        }
    }
}

fn print(names: &[&str], cases: &[Vec<Case>], effort: &Effort) -> bool {
    println!(
        "On the wire: a parameter route with 0 layers, or with the number after the name, each of which reads one request header and \
         sets one response header. Medians of {} interleaved rounds; ratios are to bare hyper without layers within a \
         round. {}\n",
        effort.rounds,
        effort.cores_sentence()
    );
    let mut table = Table::new([
        "",
        "µs of CPU a request",
        "of bare hyper's",
        "requests a second",
        "of bare hyper's",
        "server's core, %",
        "load generator, µs",
    ]);
    let mut complete = true;
    for (name, cases) in names.iter().zip(cases) {
        for (server, case) in ALL.iter().zip(cases) {
            let label = match &case.failed {
                Some(reason) => format!("{name}: {}: NOT MEASURED, {reason}", server.label),
                None => format!("{name}: {}", server.label),
            };
            complete &= case.failed.is_none();
            let hyper = &cases[0];
            let micros = |series: &Series| series.median().map(|seconds| seconds * 1e6);
            table.row([
                label,
                figure(micros(&case.cpu), 2),
                figure(case.cpu.of(&hyper.cpu), 3),
                figure(case.rate.median(), 0),
                figure(case.rate.of(&hyper.rate), 3),
                figure(case.busy.median().map(|share| share * 100.0), 0),
                figure(micros(&case.own), 2),
            ]);
        }
    }
    table.print();
    println!();
    complete
}
