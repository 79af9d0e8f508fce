//! Checks a program of `axum`, and runs it if it compiles.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::count::{self, Counted};

/// What came of a program.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It does not compile; with the first error's title.
    Refused(Counted, String),
    /// It does; with what it said when it ran.
    Ran(String),
}

/// The package that all of them are programs of, anew: with the versions of this workspace's lock file.
pub(crate) fn package() -> Result<(), String> {
    let programs = folder().join("src/bin");
    if programs.exists() {
        fs::remove_dir_all(&programs).map_err(|err| format!("{}: {err}", programs.display()))?;
    }
    let manifest = "\
[workspace]

[package]
name = \"mistakes\"
version = \"0.0.0\"
edition = \"2024\"

[dependencies]
axum = { version = \"0.8\", features = [\"macros\"] }
serde = { version = \"1\", features = [\"derive\"] }
tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }
tower = { version = \"0.5\", features = [\"timeout\", \"util\"] }
";
    put(folder().join("Cargo.toml"), manifest)?;
    let lock = fs::read_to_string(here("Cargo.lock")).map_err(|err| format!("Cargo.lock: {err}"))?;
    put(folder().join("Cargo.lock"), &lock)
}

/// What the figures hold for.
pub(crate) fn versions() -> String {
    let rustc = Command::new("rustc").arg("--version").current_dir(here("")).output();
    let rustc = rustc.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    let rustc = rustc.split_whitespace().nth(1).unwrap_or("of an unknown version");
    let lock = fs::read_to_string(here("Cargo.lock")).unwrap_or_default();
    let axum =
        lock.split("name = \"axum\"").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or_default();
    format!("With rustc {rustc} and axum {axum}")
}

/// The program as it is, and, where it has a mark for it, with axum's `debug_handler` or `debug_middleware`.
pub(crate) fn outcomes(file: &str) -> Result<(Outcome, Option<Outcome>), String> {
    let path = here("mistakes/axum").join(file).with_extension("rs");
    let source = fs::read_to_string(&path).map_err(|err| format!("{}: {err}", path.display()))?;
    let name = file.replace('/', "_");
    let plain = outcome(&name, &source)?;
    let helped = source.replace("// #[debug_", "#[axum::debug_");
    let helped = if helped == source { None } else { Some(outcome(&format!("{name}_debug"), &helped)?) };
    Ok((plain, helped))
}

fn outcome(name: &str, source: &str) -> Result<Outcome, String> {
    put(folder().join("src/bin").join(name).with_extension("rs"), source)?;
    let checked = cargo(&["check", "--bin", name])?;
    if !checked.status.success() {
        let said = String::from_utf8_lossy(&checked.stderr);
        // Whatever else can go wrong is not the program's.
        if !said.contains("error: could not compile `mistakes`") {
            return Err(format!("{name}: {said}"));
        }
        let title = count::title(&said).unwrap_or_default().to_owned();
        return Ok(Outcome::Refused(count::count(&said), title));
    }
    let ran = cargo(&["run", "--bin", name])?;
    if ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
        return if said.is_empty() {
            Err(format!("{name} compiles and says nothing"))
        } else {
            Ok(Outcome::Ran(said))
        };
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let mut after = said.lines().skip_while(|line| !line.contains(" panicked at ")).skip(1);
    match after.next() {
        Some(message) => Ok(Outcome::Ran(format!("panics at start: \"{}\"", message.trim()))),
        None => Err(format!("{name}: {said}")),
    }
}

fn cargo(arguments: &[&str]) -> Result<Output, String> {
    Command::new("cargo")
        .args(arguments)
        .args(["--quiet", "--color", "never"])
        .current_dir(folder())
        .env("CARGO_TARGET_DIR", folder().join("target"))
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUSTFLAGS")
        .output()
        .map_err(|err| format!("cannot run cargo: {err}"))
}

fn folder() -> PathBuf {
    here("target/mistakes")
}

fn put(path: PathBuf, text: &str) -> Result<(), String> {
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, text)
    };
    write().map_err(|err| format!("{}: {err}", path.display()))
}

/// A path from this package.
pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
