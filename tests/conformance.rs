//! What Connect 3.7 and Express 5 sent on the wire, and what this library sends.
//!
//! The build script (`build/conformance`) turns each recorded stack into an app, written with the attributes and
//! macros of the library. Here every app is served on a socket, is sent the recorded request, and its response is
//! compared with the recorded one: status, reason phrase, all recorded headers, body, and what became of the
//! connection. `CONNECT_CONFORMANCE=<folder>` takes the recordings from elsewhere.
#![forbid(unsafe_code)]

mod harness;
#[path = "build/conformance/reason.rs"]
mod reason;

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use harness::client;
use harness::compare::{Exchange, differences};
use harness::paths::difference;
use harness::table::{Table, Verdict};

/// What the generated apps need.
#[allow(unused_imports, reason = "not every folder of recordings uses all of it")]
mod prelude {
    pub(crate) use std::time::Duration;

    pub(crate) use connect::{
        CookieSecrets, Dotfiles, Error, Next, Request, Response, Result, Resume, Rewrite, all, app,
        body_parser, error_handler, get, middleware, provide, route, router, serve_static, stack,
    };
    pub(crate) use serde_json::Value as Json;

    pub(crate) use crate::generated::PUB;
    pub(crate) use crate::harness::runtime::{
        Chunks, echo_cookies, fill, method, note_fields, powered_by, trace,
    };
    pub(crate) use crate::harness::{Serving, Setup};
}

#[allow(clippy::all, unused, unreachable_pub, missing_docs, reason = "it is generated")]
mod generated {
    use crate::harness::{Scenario, Skipped};
    use crate::reason::Reason;

    include!(concat!(env!("OUT_DIR"), "/conformance.rs"));
}

#[allow(clippy::all, unused, unreachable_pub, missing_docs, reason = "it is generated")]
mod paths {
    include!(concat!(env!("OUT_DIR"), "/paths.rs"));
}

/// How many apps are served at a time.
const AT_A_TIME: usize = 48;

#[test]
fn conformance() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime with sockets and timers");
    let mut table = Table::default();
    for (scenario, verdict) in runtime.block_on(run_all()) {
        table.add(scenario.id, scenario.area, verdict);
    }
    for skipped in generated::SKIPPED {
        table.add(skipped.id, skipped.area, Verdict::Skipped(skipped.reason));
    }
    table.print();
    let failed = table.failures();
    assert!(
        failed.is_empty(),
        "{} scenarios get another response:\n\n{}\n\nThe apps are in {}",
        failed.len(),
        failed.join("\n"),
        concat!(env!("OUT_DIR"), "/conformance.rs"),
    );
}

#[test]
fn patterns_match_the_paths_that_express_matches() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (mut checked, mut empty, mut failed) = (0, 0, Vec::new());
    for &(mode, responses_of) in paths::MODES {
        let rows = paths::ROWS.iter().filter(|row| row.mode == mode);
        let mut asked = Vec::new();
        for row in rows {
            let responses: Value = serde_json::from_str(row.responses).expect("the build script wrote JSON");
            let hits =
                responses["matches"].as_array().into_iter().flatten().map(|hit| (&hit["input"], Some(hit)));
            let misses = responses["misses"].as_array().into_iter().flatten().map(|input| (input, None));
            for (input, hit) in hits.chain(misses) {
                match input.as_str() {
                    // The path of a request is never empty.
                    None | Some("") => empty += 1,
                    Some(input) => asked.push((row, input.to_owned(), hit.cloned())),
                }
            }
        }
        let targets = asked.iter().map(|(row, input, _)| format!("/{}{input}", row.number)).collect();
        let responses = runtime.block_on(responses_of(targets));
        checked += responses.len();
        for ((row, input, hit), response) in asked.iter().zip(&responses) {
            let difference = match hit {
                Some(hit) => difference(hit, mode == "use", response),
                None => (response.0 != 404).then(|| format!("no match, not {} {}", response.0, response.1)),
            };
            failed.extend(
                difference.map(|text| format!("{} ({mode}) {input}: {text}", row.patterns.join(", "))),
            );
        }
    }
    let skipped = paths::SKIPPED_ROWS.iter().map(|(mode, pattern)| format!("`{pattern}` ({mode})"));
    let skipped = skipped.collect::<Vec<_>>().join(", ");
    println!(
        "{} rows, {checked} paths; {empty} empty paths are no requests; do not compile: {skipped}",
        paths::ROWS.len()
    );
    assert!(failed.is_empty(), "{} are matched otherwise:\n{}", failed.len(), failed.join("\n"));
}

async fn run_all() -> Vec<(&'static harness::Scenario, Verdict)> {
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for (i, scenario) in generated::SCENARIOS.iter().enumerate() {
        let permits = Arc::clone(&permits);
        running.spawn(async move {
            let _permit = permits.acquire_owned().await;
            (i, scenario, run(scenario).await)
        });
    }
    let mut verdicts = running.join_all().await;
    verdicts.sort_by_key(|&(i, ..)| i);
    verdicts.into_iter().map(|(_, scenario, verdict)| (scenario, verdict)).collect()
}

/// Sends the request to every variant of the scenario.
async fn run(scenario: &'static harness::Scenario) -> Verdict {
    let exchange = Exchange::parse(scenario.exchange);
    let mut report = String::new();
    for (i, &serve) in scenario.apps.iter().enumerate() {
        let app = harness::serve(serve, scenario.env, scenario.powered_by).await;
        let response = client::send(app.address, &exchange).await;
        drop(app);
        let differences = differences(&exchange, &response);
        if !differences.is_empty() {
            report.push_str(&format!(
                "{} ({}, variant {} of {}): {} {}\n",
                scenario.id,
                scenario.area,
                i + 1,
                scenario.apps.len(),
                exchange.method,
                exchange.target
            ));
            for difference in differences {
                report.push_str(&format!("    {difference}\n"));
            }
        }
    }
    if report.is_empty() { Verdict::Passed } else { Verdict::Failed(report) }
}
