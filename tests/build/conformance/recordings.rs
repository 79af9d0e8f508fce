//! Reads the files with recorded scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::reason::Reason;

/// The variable that names another folder of recordings.
const FOLDER: &str = "CONNECT_CONFORMANCE";

/// What answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Connect,
    Express,
}

/// One recorded request, and the stack that answered it.
pub(crate) struct Scenario {
    pub(crate) id: String,
    pub(crate) area: String,
    /// An engine that is not known has no rules here: that is a reason.
    pub(crate) engine: Result<Engine, Reason>,
    pub(crate) env: String,
    pub(crate) layers: Vec<Value>,
    /// The stack in English. It says what `layers` does not: who calls the app.
    pub(crate) english: Vec<String>,
    pub(crate) request: Value,
    pub(crate) response: Value,
}

/// All scenarios of the folder: of every file in it that is a list of them.
pub(crate) fn read() -> Vec<Scenario> {
    let folder = folder();
    println!("cargo::rerun-if-env-changed={FOLDER}");
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|err| panic!("cannot read the recordings in `{}`: {err}", folder.display()));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().flat_map(|file| scenarios(file)).collect()
}

/// A relative folder counts from the workspace, where `cargo test` is typed, or else from this package.
fn folder() -> PathBuf {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    match std::env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        None => package.join("conformance"),
        Some(folder) => {
            let from_workspace = package.join("..").join(&folder);
            if from_workspace.is_dir() { from_workspace } else { package.join(folder) }
        }
    }
}

fn scenarios(file: &Path) -> Vec<Scenario> {
    let parsed = fs::read_to_string(file).map(|text| serde_json::from_str::<Value>(&text));
    match parsed {
        Ok(Ok(Value::Array(list))) => list.iter().filter_map(scenario).collect(),
        Ok(Ok(_)) => Vec::new(),
        Ok(Err(err)) => warn(file, &err),
        Err(err) => warn(file, &err),
    }
}

fn warn(file: &Path, err: &dyn std::error::Error) -> Vec<Scenario> {
    println!("cargo::warning=cannot read `{}`: {err}", file.display());
    Vec::new()
}

/// Anything with `layers` and a `request` is a scenario; other tables lie in the same folder.
fn scenario(value: &Value) -> Option<Scenario> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let english = value["stack"].as_array().into_iter().flatten();
    Some(Scenario {
        id: text("id"),
        area: text("area"),
        engine: match value["engine"].as_str() {
            Some("connect") => Ok(Engine::Connect),
            Some("express5") => Ok(Engine::Express),
            _ => Err(Reason::LaterIssue),
        },
        env: text("env"),
        layers: value["layers"].as_array()?.clone(),
        english: english.filter_map(Value::as_str).map(str::to_owned).collect(),
        request: value.get("request").filter(|request| request.is_object())?.clone(),
        response: value["response"].clone(),
    })
}
