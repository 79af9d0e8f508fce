//! Writes the generated source.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::recordings::Scenario;
use super::stack::Translation;
use super::translate;

/// Apps, the scenarios that use them, the scenarios that are skipped, and the folder of the static files.
pub(crate) fn source(scenarios: &[Scenario], folder: &Path) -> String {
    let mut apps = Apps::default();
    let mut scenarios_source = String::new();
    let mut skipped = String::new();
    for scenario in scenarios {
        let (id, area) = (&scenario.id, &scenario.area);
        match translate::translate(scenario) {
            Ok(variants) => {
                let apps: Vec<String> = variants.into_iter().map(|variant| apps.number(variant)).collect();
                let exchange = json!({ "request": scenario.request, "response": scenario.response });
                let _ = writeln!(
                    scenarios_source,
                    "Scenario {{ id: {id:?}, area: {area:?}, env: {:?}, powered_by: {}, apps: &[{}], exchange: {:?} }},",
                    scenario.env,
                    translate::powered_by(scenario),
                    apps.join(", "),
                    exchange.to_string(),
                );
            }
            Err(reason) => {
                let _ = writeln!(
                    skipped,
                    "Skipped {{ id: {id:?}, area: {area:?}, reason: Reason::{reason:?} }},"
                );
            }
        }
    }
    let files = folder.join("pub");
    let files = files.to_string_lossy();
    format!(
        "pub static PUB: &str = {files:?};\n\npub static SCENARIOS: &[Scenario] = &[\n{scenarios_source}];\n\npub static SKIPPED: &[Skipped] = &[\n{skipped}];\n\n{}",
        apps.source
    )
}

/// Writes a file into `OUT_DIR`.
pub(crate) fn write(name: &str, source: &str) {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    std::fs::write(&out, source).unwrap_or_else(|err| panic!("cannot write `{}`: {err}", out.display()));
}

/// Apps, one for each stack: the same stack is recorded in many scenarios.
#[derive(Default)]
struct Apps {
    numbers: HashMap<Translation, usize>,
    source: String,
}

impl Apps {
    /// The path of the function that serves a stack.
    fn number(&mut self, translation: Translation) -> String {
        let new = self.numbers.len();
        let Apps { numbers, source } = self;
        let number = *numbers.entry(translation).or_insert_with_key(|translation| {
            let Translation { options, functions, entries } = translation;
            let _ = writeln!(
                source,
                "mod app{new} {{\nuse crate::prelude::*;\n{functions}\
                 pub fn serve(setup: Setup) -> Serving {{\n\
                 let app = app![{options}setup.powered_by.then_some(powered_by), {entries}];\n\
                 let app = app.environment(setup.environment);\n\
                 Box::pin(app.serve_until(setup.listener, setup.shutdown))\n}}\n}}"
            );
            new
        });
        format!("app{number}::serve")
    }
}
