//! The layers beside the Node packages: recorded answers of the packages (`recorded.json`, by `tests/real/packages.sh`), what is
//! expected of the layers (`verdicts.json`), and the table of both (`../../PACKAGES.md`).
//!
//! `CONNECT_PACKAGES=write` writes the answers of the layers into `verdicts.json`, and the table. A case that is new, or whose verdict
//! is no longer so, gets a verdict without a reason, and the test fails until one is written there by hand.
#![cfg(all(
    feature = "auth",
    feature = "compression",
    feature = "cookie-session",
    feature = "cors",
    feature = "csrf",
    feature = "csrf-token",
    feature = "error-page",
    feature = "favicon",
    feature = "helmet",
    feature = "hosts",
    feature = "logger",
    feature = "method-override",
    feature = "rate-limit",
    feature = "response-time",
    feature = "serve-index",
    feature = "session",
    feature = "timeout"
))]
#![allow(missing_docs, unreachable_pub, reason = "lints for libraries")]

mod answer;
mod basic_auth;
mod compression;
mod connect_timeout;
mod cookie_session;
mod cors;
mod csurf;
mod errorhandler;
mod favicon;
mod helmet;
mod method_override;
mod morgan;
mod rate_limit;
mod response_time;
mod serve_index;
mod session;
mod table;
mod vhost;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use answer::{Answer, Case, Recorded};
use connect::testing::Client;
use connect::{Error, Response, Result, error_handler};
use serde::{Deserialize, Serialize};

/// What is expected of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Same,
    Different,
    NotHere,
}

/// The verdict, why it is so, and, if it is [`Verdict::Different`], our answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// By package and case.
type Verdicts = BTreeMap<String, BTreeMap<String, Expected>>;

/// The app of a configuration, served; `None` if there is nothing of the kind here.
async fn serve(package: &str, configuration: &str) -> Option<Client> {
    match package {
        "compression" => compression::serve(configuration).await,
        "connect-timeout" => connect_timeout::serve(configuration).await,
        "errorhandler" => errorhandler::serve(configuration).await,
        "method-override" => method_override::serve(configuration).await,
        "morgan" => morgan::serve(configuration).await,
        "response-time" => response_time::serve(configuration).await,
        "serve-favicon" => favicon::serve(configuration).await,
        "serve-index" => serve_index::serve(configuration).await,
        "cookie-session" => cookie_session::serve(configuration).await,
        "cors" => cors::serve(configuration).await,
        "csurf" => csurf::serve(configuration).await,
        "express-basic-auth" => basic_auth::serve(configuration).await,
        "express-rate-limit" => rate_limit::serve(configuration).await,
        "express-session" => session::serve(configuration).await,
        "helmet" => helmet::serve(configuration).await,
        "vhost" => vhost::serve(configuration).await,
        _ => None,
    }
}

/// Stands last, as in the apps of the packages.
#[error_handler]
fn failed(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(format!("error {}", err.status().as_u16()))
}

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let text = fs::read_to_string(path(name)).unwrap_or_else(|err| panic!("{name}: {err}"));
    serde_json::from_str(&text).unwrap_or_else(|err| panic!("{name}: {err}"))
}

const RECORDED: &str = "tests/packages/recorded.json";
const VERDICTS: &str = "tests/packages/verdicts.json";
const TABLE: &str = "PACKAGES.md";

fn writes() -> bool {
    std::env::var("CONNECT_PACKAGES").is_ok_and(|value| value == "write")
}

/// What is so, and what is wrong with what was expected.
async fn compare(case: &Case, expected: Option<&Expected>) -> (Expected, Option<String>) {
    let not_here = Expected {
        verdict: Verdict::NotHere,
        why: expected.map(|expected| expected.why.clone()).unwrap_or_default(),
        answers: Vec::new(),
    };
    if expected.is_some_and(|expected| expected.verdict == Verdict::NotHere) {
        return (not_here, None);
    }
    let Some(client) = serve(&case.package, &case.configuration).await else {
        return (not_here, Some("there is no such configuration here".to_owned()));
    };
    let ours = answer::ask(&client, case).await;
    let recorded: Vec<Answer> = case.exchanges.iter().map(|exchange| exchange.answer.clone()).collect();
    if ours == recorded {
        let found = Expected { verdict: Verdict::Same, why: String::new(), answers: Vec::new() };
        let wrong = (expected != Some(&found)).then(|| "the answers are the same".to_owned());
        return (found, wrong);
    }
    let why = match expected {
        Some(expected) if expected.verdict == Verdict::Different => expected.why.clone(),
        _ => String::new(),
    };
    let found = Expected { verdict: Verdict::Different, why, answers: ours };
    let wrong = (expected != Some(&found)).then(|| {
        let before = expected.map_or(recorded.as_slice(), |expected| match expected.verdict {
            Verdict::Different => &expected.answers,
            _ => &recorded,
        });
        table::differences(before, &found.answers).join("; ")
    });
    (found, wrong)
}

#[tokio::test]
async fn every_case_is_answered_as_its_verdict_says() {
    let recorded: Recorded = read(RECORDED);
    let verdicts: Verdicts =
        if path(VERDICTS).exists() || !writes() { read(VERDICTS) } else { Verdicts::new() };
    let mut found = Verdicts::new();
    let mut wrong = Vec::new();
    for case in &recorded.cases {
        let expected = verdicts.get(&case.package).and_then(|cases| cases.get(&case.case));
        let (now, complaint) = compare(case, expected).await;
        let why_is_missing = now.verdict != Verdict::Same && now.why.is_empty();
        if let Some(text) = complaint.filter(|_| !writes() || why_is_missing) {
            wrong.push(format!("{}: {}: {text}", case.package, case.case));
        } else if why_is_missing {
            wrong.push(format!("{}: {}: the reason is missing in {VERDICTS}", case.package, case.case));
        }
        found.entry(case.package.clone()).or_default().insert(case.case.clone(), now);
    }
    for (package, cases) in &verdicts {
        let is_recorded = |case: &String| found.get(package).is_some_and(|cases| cases.contains_key(case));
        wrong.extend(
            cases
                .keys()
                .filter(|case| !is_recorded(case))
                .map(|case| format!("{package}: {case}: not recorded")),
        );
    }
    if writes() {
        let text = serde_json::to_string_pretty(&found).unwrap();
        fs::write(path(VERDICTS), text + "\n").unwrap();
        fs::write(path(TABLE), table::markdown(&recorded, &found)).unwrap();
    }
    println!("{}", table::counts(&recorded, &found));
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_the_one_of_the_verdicts() {
    if writes() {
        // The other test writes it.
        return;
    }
    let table = fs::read_to_string(path(TABLE)).unwrap_or_default();
    let generated = table::markdown(&read(RECORDED), &read(VERDICTS));
    assert!(
        table.replace("\r\n", "\n") == generated,
        "{TABLE} is out of date: CONNECT_PACKAGES=write cargo test -p connect-middleware --test packages"
    );
}
