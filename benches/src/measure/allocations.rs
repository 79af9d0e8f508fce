//! Counts allocations: in another program, since an allocator that counts is slower than the system's, and costs
//! those more who allocate more.

use std::collections::HashMap;
use std::process::Command;

/// Allocations of one request, for each row and number of layers.
pub(crate) fn of_all_rows() -> Result<HashMap<(String, usize), f64>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--example", "allocations", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .map_err(|err| format!("cargo: {err}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let parsed = text.lines().map(|line| {
        let mut words = line.split(' ');
        let (name, layers, count) = (words.next()?, words.next()?, words.next()?);
        Some(((name.to_owned(), layers.parse().ok()?), count.parse().ok()?))
    });
    parsed.collect::<Option<_>>().ok_or_else(|| format!("not counts of allocations:\n{text}"))
}
