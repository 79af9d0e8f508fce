//! The results, by area and by reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use crate::reason::Reason;

/// The result of a scenario.
pub(crate) enum Verdict {
    Passed,
    /// With a report.
    Failed(String),
    Skipped(Reason),
}

#[derive(Default)]
struct Row {
    passed: usize,
    failed: usize,
    skipped: [usize; Reason::ALL.len()],
}

/// The results so far.
#[derive(Default)]
pub(crate) struct Table {
    rows: BTreeMap<&'static str, Row>,
    skipped: BTreeMap<Reason, Vec<&'static str>>,
    failures: Vec<String>,
    failed: Vec<&'static str>,
}

impl Table {
    pub(crate) fn add(&mut self, id: &'static str, area: &'static str, verdict: Verdict) {
        let row = self.rows.entry(area).or_default();
        match verdict {
            Verdict::Passed => row.passed += 1,
            Verdict::Failed(report) => {
                row.failed += 1;
                self.failed.push(id);
                self.failures.push(report);
            }
            Verdict::Skipped(reason) => {
                row.skipped[reason as usize] += 1;
                self.skipped.entry(reason).or_default().push(id);
            }
        }
    }

    /// The reports of what failed.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Prints the table, past the test harness, which would keep it to itself when all is well.
    pub(crate) fn print(&self) {
        let _ = std::io::stdout().write_all(self.to_text().as_bytes());
    }

    fn to_text(&self) -> String {
        let mut out = String::new();
        let width = self.rows.keys().map(|area| area.len()).max().unwrap_or(0);
        let letters = ('a'..).take(Reason::ALL.len());
        let columns = letters.clone().map(|letter| format!("{letter:>5}")).collect::<String>();
        let _ = writeln!(out, "\n{:width$}  passed  failed  skipped: {columns}", "area");
        let mut sum = Row::default();
        let mut line = |area: &str, row: &Row| {
            let skipped: String = row.skipped.iter().map(|&n| cell(n, 5)).collect();
            let (passed, failed) = (cell(row.passed, 8), cell(row.failed, 8));
            let _ = writeln!(out, "{area:width$}{passed}{failed}           {skipped}");
        };
        for (area, row) in &self.rows {
            line(area, row);
            sum.passed += row.passed;
            sum.failed += row.failed;
            sum.skipped.iter_mut().zip(row.skipped).for_each(|(sum, n)| *sum += n);
        }
        line("all", &sum);
        for (letter, reason) in letters.zip(Reason::ALL) {
            let ids = self.skipped.get(&reason).map_or(&[][..], |ids| ids);
            let _ = writeln!(out, "\n{letter}: {} ({})\n{}", reason.text(), ids.len(), wrapped(ids));
        }
        if !self.failed.is_empty() {
            let _ = writeln!(out, "\nfailed ({})\n{}", self.failed.len(), wrapped(&self.failed));
        }
        out
    }
}

/// A number, or nothing for none.
fn cell(n: usize, width: usize) -> String {
    let text = if n == 0 { String::new() } else { n.to_string() };
    format!("{text:>width$}")
}

fn wrapped(ids: &[&str]) -> String {
    let mut out = String::new();
    let mut column = 0;
    for id in ids {
        if column + id.len() > 100 {
            out.push('\n');
            column = 0;
        }
        let _ = write!(out, "  {id}");
        column += id.len() + 2;
    }
    out
}
