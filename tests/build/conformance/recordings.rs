//! Reads the files with recorded scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::reason::Reason;

/// The variable that names another folder of recordings.
const FOLDER: &str = "CONNECT_CONFORMANCE";

/// The framework that responded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Connect,
    Express,
}

/// One recorded request, and the stack that responded to it.
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

/// What lies in the folder.
#[derive(Default)]
pub(crate) struct Recordings {
    /// The folder itself.
    pub(crate) folder: PathBuf,
    /// Of every file that is a list of them.
    pub(crate) scenarios: Vec<Scenario>,
    /// Every file that is a table of patterns and paths, as Express 5 matches them.
    pub(crate) tables: Vec<Value>,
}

/// Reads all files of the folder.
pub(crate) fn read() -> Recordings {
    let folder = folder();
    println!("cargo::rerun-if-env-changed={FOLDER}");
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|err| panic!("cannot read the recordings in `{}`: {err}", folder.display()));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut recordings = Recordings::default();
    for file in files {
        match fs::read_to_string(&file).map(|text| serde_json::from_str::<Value>(&text)) {
            Ok(Ok(Value::Array(list))) => recordings.scenarios.extend(list.iter().filter_map(scenario)),
            Ok(Ok(table)) if is_paths_table(&table) => recordings.tables.push(table),
            Ok(Ok(_)) => {}
            Ok(Err(err)) => warn(&file, &err),
            Err(err) => warn(&file, &err),
        }
    }
    recordings.folder = folder;
    recordings
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

fn warn(file: &Path, err: &dyn std::error::Error) {
    println!("cargo::warning=cannot read `{}`: {err}", file.display());
}

/// Express 4 reads patterns otherwise; `router` from version 2 on is Express 5's.
fn is_paths_table(value: &Value) -> bool {
    let rows = value["rows"].as_array().into_iter().flatten();
    let engine = value["engine"].as_str().unwrap_or_default();
    engine.starts_with("router 2")
        && rows.clone().all(|row| !row["pattern"].is_null() && row["mode"].is_string())
}

/// Anything with `layers` and a `request` is a scenario; other lists may lie in the same folder.
fn scenario(value: &Value) -> Option<Scenario> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let english = value["stack"].as_array().into_iter().flatten();
    Some(Scenario {
        id: text("id"),
        area: text("area"),
        engine: match value["engine"].as_str() {
            Some("connect") => Ok(Engine::Connect),
            Some("express5") => Ok(Engine::Express),
            _ => Err(Reason::NotImplemented),
        },
        env: text("env"),
        layers: value["layers"].as_array()?.clone(),
        english: english.filter_map(Value::as_str).map(str::to_owned).collect(),
        request: value.get("request").filter(|request| request.is_object())?.clone(),
        response: value["response"].clone(),
    })
}
