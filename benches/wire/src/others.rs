//! The third table: other loads.

use crate::effort::Effort;
use crate::load::{Counted, Load, idle, quantile, streams};
use crate::peers::{FEW, Server};
use crate::prepare::Built;
use crate::process::Running;
use crate::series::Series;
use crate::table::{Table, figure};
use crate::work;

/// The number of HTTP/2 streams on the connection.
const STREAMS: usize = 100;

/// A row of the table: one figure of each server.
struct Row {
    label: String,
    digits: usize,
    /// The factor of the figures.
    unit: f64,
    of: [Series; FEW.len()],
}

/// The rows of a load, and why servers could not be measured.
struct Section {
    rows: Vec<Row>,
    failed: [Option<String>; FEW.len()],
}

impl Section {
    fn new<const N: usize>(name: &str, rows: [(&str, usize, f64); N]) -> Self {
        let row = |(what, digits, unit)| Row {
            label: format!("{name}: {what}"),
            digits,
            unit,
            of: Default::default(),
        };
        Section { rows: rows.map(row).into_iter().collect(), failed: Default::default() }
    }

    fn of_load(name: &str) -> Self {
        let rows =
            [("µs of CPU a request", 2, 1e6), ("requests a second", 0, 1.0), ("load generator, µs", 2, 1e6)];
        Section::new(name, rows)
    }

    fn push<const N: usize>(&mut self, server: usize, figures: Result<[f64; N], String>) {
        let figures = figures.map_err(|reason| self.failed[server].get_or_insert(reason).clone()).ok();
        for (i, row) in self.rows.iter_mut().enumerate() {
            row.of[server].push(figures.map(|figures| figures[i]));
        }
    }
}

fn of_counted(counted: Counted) -> [f64; 3] {
    let requests = counted.requests as f64;
    [counted.server / requests, requests / counted.seconds, counted.own / requests]
}

/// Measures and prints. Returns whether all could be measured.
pub(crate) fn report(effort: &Effort, built: &Built) -> bool {
    let start = |server: &Server| built.start(server, effort.server_core());
    let loads: [(&str, Load); 3] = [
        ("JSON in and out", work::json()),
        ("upload of 1 MB", work::upload()),
        ("answer of 256 chunks of 4 KB", work::stream()),
    ];
    let mut of_loads: Vec<Section> = loads.iter().map(|(name, _)| Section::of_load(name)).collect();
    let mut http2 = Section::of_load("HTTP/2, 100 streams");
    let mut memory = Section::new(
        &format!("{} idle connections", effort.idle),
        [("bytes of memory a connection", 0, 1.0)],
    );
    let mut tail = Section::new(
        "at half load",
        [("µs, half of the answers", 0, 1e-3), ("µs, 99 %", 0, 1e-3), ("µs, 99.9 %", 0, 1e-3)],
    );
    for round in 0..effort.rounds {
        eprintln!("other loads: round {} of {}", round + 1, effort.rounds);
        let order = (0..FEW.len()).map(|turn| (turn + round) % FEW.len());
        let mut servers: Vec<Result<Running, String>> = FEW.iter().map(start).collect();
        for ((_, load), section) in loads.iter().zip(&mut of_loads) {
            for i in order.clone() {
                section.push(
                    i,
                    measured(&mut servers[i], |it| {
                        Ok(of_counted(load.run(it.address, it.id(), effort.span())?))
                    }),
                );
            }
        }
        // Half load is the same rate for all servers: half of what bare hyper can answer.
        let most = measured(&mut servers[0], |it| {
            let counted = work::user(1, None).run(it.address, it.id(), effort.span())?;
            Ok(counted.requests as f64 / counted.seconds)
        });
        for i in order.clone() {
            let figures =
                most.clone().and_then(|most| measured(&mut servers[i], |it| paced(it, most / 2.0, effort)));
            tail.push(i, figures);
        }
        drop(servers);
        for i in order {
            let (request, expected) = work::once();
            let mut server = start(&FEW[i]);
            memory.push(
                i,
                measured(&mut server, |it| {
                    Ok([idle::memory(it.address, it.id(), effort.idle, &request, &expected)?])
                }),
            );
            let mut server = start(&FEW[i].with_http2());
            http2.push(
                i,
                measured(&mut server, |it| {
                    let (path, body) = work::USER;
                    Ok(of_counted(streams::run(it.address, it.id(), effort.span(), STREAMS, path, body)?))
                }),
            );
        }
    }
    let sections: Vec<Section> = of_loads.into_iter().chain([http2, memory, tail]).collect();
    print(&sections, effort)
}

fn measured<T>(
    server: &mut Result<Running, String>,
    measure: impl FnOnce(&Running) -> Result<T, String>,
) -> Result<T, String> {
    match server {
        Ok(server) => measure(server).map_err(|reason| server.explain(reason)),
        Err(reason) => Err(reason.clone()),
    }
}

fn paced(server: &Running, a_second: f64, effort: &Effort) -> Result<[f64; 3], String> {
    let took = work::paced(a_second).run(server.address, effort.span())?;
    Ok([0.5, 0.99, 0.999].map(|of| quantile(&took, of)))
}

fn print(sections: &[Section], effort: &Effort) -> bool {
    println!(
        "Other loads, without layers. Medians of {} interleaved rounds; ratios are to bare hyper within a round. At half load: half of \
         the requests a second that bare hyper can answer, at fixed times and for all servers the same; among a thousand one that has the processor \
         for 2 ms; latencies are of the others, from the time at which they were due. {}\n",
        effort.rounds,
        effort.cores_sentence()
    );
    let labels = FEW.map(|server| server.label.to_owned());
    let ratios = FEW[1..].iter().map(|server| format!("{} / hyper", server.label));
    let mut table = Table::new([String::new()].into_iter().chain(labels).chain(ratios));
    for section in sections {
        for row in &section.rows {
            let figures =
                row.of.iter().map(|series| figure(series.median().map(|it| it * row.unit), row.digits));
            let ratios = row.of[1..].iter().map(|series| figure(series.of(&row.of[0]), 3));
            table.row([row.label.clone()].into_iter().chain(figures).chain(ratios));
        }
    }
    table.print();
    println!();
    let mut complete = true;
    for section in sections {
        for (server, failed) in FEW.iter().zip(&section.failed) {
            if let Some(reason) = failed {
                println!(
                    "NOT MEASURED, or not in all rounds: {}: {}: {reason}",
                    section.rows[0].label, server.label
                );
                complete = false;
            }
        }
    }
    complete
}
