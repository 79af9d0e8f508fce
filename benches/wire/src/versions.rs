//! The versions of what is measured, and the machine.

use std::fs;
use std::path::Path;
use std::process::Command;

const CRATES: [&str; 8] = ["hyper", "axum", "actix-web", "ntex", "salvo", "poem", "tokio", "h2"];

/// A sentence with versions and the machine.
pub(crate) fn sentence() -> String {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap_or_default();
    let mut parts: Vec<String> =
        CRATES.iter().filter_map(|name| Some(format!("{name} {}", newest(&lock, name)?))).collect();
    if let Ok(output) = Command::new("node").arg("--version").output() {
        parts.push(format!("Node {}", String::from_utf8_lossy(&output.stdout).trim()));
    }
    let line = |file: &str, key: &str| {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(key))?.to_owned();
        Some(line.rsplit(": ").next().unwrap_or_default().trim().to_owned())
    };
    parts.extend(line("/proc/cpuinfo", "model name"));
    parts.extend(line("/proc/sys/kernel/osrelease", "").map(|release| format!("Linux {release}")));
    format!("{}.", parts.join(", "))
}

/// The version of a crate in a lock file, the last where there are several.
fn newest(lock: &str, name: &str) -> Option<String> {
    let head = format!("name = \"{name}\"\nversion = \"");
    let versions = lock.split(&head).skip(1).filter_map(|rest| rest.split('"').next());
    versions.last().map(str::to_owned)
}
