//! How many lines of code there are, and how many crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Shop;

/// Lines of Rust in a folder that are neither empty nor a comment.
pub(crate) fn count(folder: &Path) -> usize {
    let mut lines = 0;
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            lines += count(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("text");
            let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
            lines += text.lines().map(str::trim).filter(is_code).count();
        }
    }
    lines
}

/// The crates that a program is built of, with build scripts and macros.
pub(crate) fn crates(shop: &Shop) -> usize {
    let output = Command::new("cargo")
        .args([
            "tree",
            "--package",
            shop.package,
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
        ])
        .current_dir(&shop.folder)
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text.lines().filter_map(|line| line.split(" (").next());
    names.collect::<BTreeSet<_>>().len()
}
