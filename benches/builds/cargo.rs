//! Runs cargo on a package, and says how long it took and how much memory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Check,
    Debug,
    Release,
}

impl Step {
    pub(crate) const ALL: [Step; 3] = [Step::Check, Step::Debug, Step::Release];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Step::Check => "cargo check",
            Step::Debug => "cargo build",
            Step::Release => "cargo build --release",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Step::Check => &["check"],
            Step::Debug => &["build"],
            Step::Release => &["build", "--release"],
        }
    }
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    pub(crate) seconds: f64,
    /// Of the processor, over all threads and processes; nothing where GNU time is not there to say.
    pub(crate) cpu: Option<f64>,
    /// The largest process, in megabytes; likewise.
    pub(crate) megabytes: Option<f64>,
}

/// After fifteen minutes a build counts as one that does not end.
const LIMIT: &str = "900";

pub(crate) fn run(package: &Path, step: Step) -> Result<Took, String> {
    let has_time = Path::new("/usr/bin/time").exists();
    let mut command = Command::new("timeout");
    command.arg(LIMIT);
    if has_time {
        command.args(["/usr/bin/time", "-f", "took %M %U %S"]);
    }
    let start = Instant::now();
    let output = command
        .arg("cargo")
        .args(step.arguments())
        .arg("--quiet")
        .current_dir(package)
        .env("CARGO_TARGET_DIR", folder().join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .map_err(|err| format!("cannot run cargo with a limit of time: {err}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let end: Vec<&str> = said.lines().rev().take(30).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        return Err(format!("`{}` in {}:\n{}", step.label(), package.display(), end.join("\n")));
    }
    let figures = said.lines().rev().find_map(|line| line.strip_prefix("took "));
    let figures: Vec<f64> =
        figures.unwrap_or_default().split(' ').filter_map(|figure| figure.parse().ok()).collect();
    let (kilobytes, cpu) = match figures[..] {
        [kilobytes, user, system] => (Some(kilobytes), Some(user + system)),
        _ => (None, None),
    };
    Ok(Took { seconds, cpu, megabytes: kilobytes.map(|kilobytes| kilobytes / 1024.0) })
}

/// The program that was built.
pub(crate) fn binary(name: &str, step: Step) -> std::path::PathBuf {
    let profile = if step == Step::Release { "release" } else { "debug" };
    folder().join("target").join(profile).join(name)
}

/// The folder in which the apps are written and built.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/builds")
}
