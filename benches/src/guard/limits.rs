//! The file with the limits.

use std::fmt::Write as _;
use std::fs;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guard/limits.txt");

/// How much more than today's figures is within the limits. The counts of one build are the same each time; what
/// differs between machines is the C library's choice of `memcpy` and of the way `malloc` goes.
pub(crate) const MARGIN: f64 = 1.03;

const HEAD: &str = "\
# The most instructions that each row may take: 3 % more than it took when this was written.
# Written by `cargo run --release -- guard renew`.
";

pub(crate) struct Limit {
    pub(crate) name: String,
    pub(crate) most: f64,
}

pub(crate) fn read() -> Result<Vec<Limit>, String> {
    let text = fs::read_to_string(FILE).map_err(|err| format!("{FILE}: {err}"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let limit = |line: &str| {
        let (name, most) = line.rsplit_once(' ')?;
        Some(Limit { name: name.trim().to_owned(), most: most.parse().ok()? })
    };
    lines.map(|line| limit(line).ok_or_else(|| format!("{FILE}: not a limit: `{line}`"))).collect()
}

pub(crate) fn write(counts: &[(String, f64)]) -> Result<(), String> {
    let mut text = HEAD.to_owned();
    for (name, count) in counts {
        let _ = writeln!(text, "{name:20} {:.0}", count * MARGIN);
    }
    print!("{text}");
    fs::write(FILE, text).map_err(|err| format!("{FILE}: {err}"))
}
