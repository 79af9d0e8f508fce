//! `PACKAGES.md`.

use std::fmt::Write as _;

use super::answer::{Answer, Case, Recorded};
use super::{Expected, Verdict, Verdicts};

const HEAD: &str = "\
# The middleware beside the Node packages

What the packages answer, recorded with Express on Node, and what the layers of this crate answer to the same requests: status, body, and the
headers that the package is about. A test compares them (`tests/packages`); `tests/real/packages.sh` records the packages again, and
`CONNECT_PACKAGES=write cargo test -p connect-middleware --test packages` writes this file.

- **same**: the answers are the same, byte for byte, but for random values and times.
- **different**: on purpose, and why. The table shows what differs: the package's value, an arrow, and ours.
- **not here**: there is no such option, and what to use in its place.

";

fn packages(recorded: &Recorded) -> Vec<&str> {
    let mut names: Vec<&str> = recorded.cases.iter().map(|case| &*case.package).collect();
    names.dedup();
    names
}

fn expected<'a>(verdicts: &'a Verdicts, case: &Case) -> Option<&'a Expected> {
    verdicts.get(&case.package)?.get(&case.case)
}

/// The counts of each package.
pub fn counts(recorded: &Recorded, verdicts: &Verdicts) -> String {
    let mut text = String::from(
        "| package | version | cases | same | different | not here |\n|---|---|---|---|---|---|\n",
    );
    let mut row = |name: &str, version: &str, is_in: &dyn Fn(&Case) -> bool| {
        let cases: Vec<_> = recorded.cases.iter().filter(|case| is_in(case)).collect();
        let of = |verdict| {
            let has =
                |case: &&&Case| expected(verdicts, case).is_some_and(|expected| expected.verdict == verdict);
            cases.iter().filter(has).count()
        };
        let (same, different, not_here) = (of(Verdict::Same), of(Verdict::Different), of(Verdict::NotHere));
        let _ =
            writeln!(text, "| {name} | {version} | {} | {same} | {different} | {not_here} |", cases.len());
    };
    for package in packages(recorded) {
        let version = recorded.versions.get(package).map_or("", |version| version);
        row(&format!("`{package}`"), version, &|case| case.package == package);
    }
    row("all", "", &|_| true);
    text
}

/// What another answer has in place of what the first one has.
pub fn differences(first: &[Answer], second: &[Answer]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, (one, other)) in first.iter().zip(second).enumerate() {
        let number = if first.len() == 1 { String::new() } else { format!("{}: ", at + 1) };
        if one.status != other.status {
            found.push(format!("{number}status {} → {}", one.status, other.status));
        }
        let mut names: Vec<_> = one.headers.keys().chain(other.headers.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let value = |answer: &Answer| {
                answer.headers.get(name).map_or("none".to_owned(), |values| values.join(" and "))
            };
            if one.headers.get(name) != other.headers.get(name) {
                found.push(format!("{number}`{name}`: {} → {}", value(one), value(other)));
            }
        }
        if one.body != other.body {
            found.push(format!("{number}body: {} → {}", text(&one.body), text(&other.body)));
        }
    }
    found
}

fn text(body: &str) -> &str {
    if body.is_empty() { "none" } else { body }
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*")
}

pub fn markdown(recorded: &Recorded, verdicts: &Verdicts) -> String {
    let version = |name: &str| recorded.versions.get(name).map_or("", |version| version);
    let mut text = HEAD.to_owned();
    let _ = writeln!(text, "Recorded with Express {} on Node {}.\n", version("express"), version("node"));
    text += &counts(recorded, verdicts);
    for package in packages(recorded) {
        let _ = writeln!(text, "\n## `{package}` {}\n", version(package));
        text += "| case | verdict | difference | why |\n|---|---|---|---|\n";
        for case in recorded.cases.iter().filter(|case| case.package == package) {
            let Some(expected) = expected(verdicts, case) else { continue };
            let answers: Vec<Answer> =
                case.exchanges.iter().map(|exchange| exchange.answer.clone()).collect();
            let (verdict, shown) = match expected.verdict {
                Verdict::Same => ("same", String::new()),
                Verdict::Different => ("different", differences(&answers, &expected.answers).join("<br>")),
                Verdict::NotHere => ("not here", format!("`{}`", case.express)),
            };
            let _ = writeln!(
                text,
                "| {} | {verdict} | {} | {} |",
                cell(&case.case),
                cell(&shown),
                cell(&expected.why)
            );
        }
    }
    text
}
