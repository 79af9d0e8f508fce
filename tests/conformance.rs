//! What Connect 3.7 and Express 5 answered on the wire, and what this library answers.
//!
//! The build script (`build/conformance`) turns each recorded stack into an app, written with the attributes and
//! macros of the library. Here every app is served on a socket, is sent the recorded request, and its answer is
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
    pub(crate) use crate::harness::said::{
        Chunks, echo_cookies, fill, method, note_fields, powered_by, trace,
    };
    pub(crate) use crate::harness::{Serving, Setup};
}

#[allow(clippy::all, unused, unreachable_pub, missing_docs, reason = "it is generated")]
mod generated {
    use crate::harness::{Said, Unsaid};
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
    for (said, verdict) in runtime.block_on(run_all()) {
        table.add(said.id, said.area, verdict);
    }
    for unsaid in generated::UNSAID {
        table.add(unsaid.id, unsaid.area, Verdict::Unsaid(unsaid.reason));
    }
    table.print();
    let failed = table.failures();
    assert!(
        failed.is_empty(),
        "{} scenarios are answered otherwise:\n\n{}\n\nThe apps are in {}",
        failed.len(),
        failed.join("\n"),
        concat!(env!("OUT_DIR"), "/conformance.rs"),
    );
}

#[test]
fn patterns_match_the_paths_that_express_matches() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (mut checked, mut empty, mut failed) = (0, 0, Vec::new());
    for &(mode, answer) in paths::WAYS {
        let rows = paths::ROWS.iter().filter(|row| row.mode == mode);
        let mut asked = Vec::new();
        for row in rows {
            let answers: Value = serde_json::from_str(row.answers).expect("the build script wrote JSON");
            let hits =
                answers["matches"].as_array().into_iter().flatten().map(|hit| (&hit["input"], Some(hit)));
            let misses = answers["misses"].as_array().into_iter().flatten().map(|input| (input, None));
            for (input, hit) in hits.chain(misses) {
                match input.as_str() {
                    // The path of a request is never empty.
                    None | Some("") => empty += 1,
                    Some(input) => asked.push((row, input.to_owned(), hit.cloned())),
                }
            }
        }
        let targets = asked.iter().map(|(row, input, _)| format!("/{}{input}", row.number)).collect();
        let answers = runtime.block_on(answer(targets));
        checked += answers.len();
        for ((row, input, hit), answer) in asked.iter().zip(&answers) {
            let difference = match hit {
                Some(hit) => difference(hit, mode == "use", answer),
                None => (answer.0 != 404).then(|| format!("no match, not {} {}", answer.0, answer.1)),
            };
            failed.extend(
                difference.map(|said| format!("{} ({mode}) {input}: {said}", row.patterns.join(", "))),
            );
        }
    }
    let unsaid = paths::UNSAID_ROWS.iter().map(|(mode, pattern)| format!("`{pattern}` ({mode})"));
    let unsaid = unsaid.collect::<Vec<_>>().join(", ");
    println!(
        "{} rows, {checked} paths; {empty} empty paths are no requests; do not compile: {unsaid}",
        paths::ROWS.len()
    );
    assert!(failed.is_empty(), "{} are matched otherwise:\n{}", failed.len(), failed.join("\n"));
}

async fn run_all() -> Vec<(&'static harness::Said, Verdict)> {
    let permits = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = JoinSet::new();
    for (i, said) in generated::SAID.iter().enumerate() {
        let permits = Arc::clone(&permits);
        running.spawn(async move {
            let _permit = permits.acquire_owned().await;
            (i, said, run(said).await)
        });
    }
    let mut verdicts = running.join_all().await;
    verdicts.sort_by_key(|&(i, ..)| i);
    verdicts.into_iter().map(|(_, said, verdict)| (said, verdict)).collect()
}

/// Sends the request to every app that says the scenario.
async fn run(said: &'static harness::Said) -> Verdict {
    let exchange = Exchange::parse(said.exchange);
    let mut report = String::new();
    for (i, &serve) in said.apps.iter().enumerate() {
        let app = harness::serve(serve, said.env, said.powered_by).await;
        let answer = client::send(app.address, &exchange).await;
        drop(app);
        let differences = differences(&exchange, &answer);
        if !differences.is_empty() {
            report.push_str(&format!(
                "{} ({}, way {} of {} to say it): {} {}\n",
                said.id,
                said.area,
                i + 1,
                said.apps.len(),
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
