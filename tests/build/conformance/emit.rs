//! Writes the generated source.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::recordings::Scenario;
use super::sayable;
use super::stack::Said;

/// Apps, the scenarios that use them, and the list of those that cannot be said; and where the files lie that were
/// served.
pub(crate) fn source(scenarios: &[Scenario], folder: &Path) -> String {
    let mut apps = Apps::default();
    let mut said = String::new();
    let mut unsaid = String::new();
    for scenario in scenarios {
        let (id, area) = (&scenario.id, &scenario.area);
        match sayable::say(scenario) {
            Ok(variants) => {
                let apps: Vec<String> = variants.into_iter().map(|variant| apps.number(variant)).collect();
                let exchange = json!({ "request": scenario.request, "response": scenario.response });
                let _ = writeln!(
                    said,
                    "Said {{ id: {id:?}, area: {area:?}, env: {:?}, powered_by: {}, apps: &[{}], exchange: {:?} }},",
                    scenario.env,
                    sayable::powered_by(scenario),
                    apps.join(", "),
                    exchange.to_string(),
                );
            }
            Err(reason) => {
                let _ =
                    writeln!(unsaid, "Unsaid {{ id: {id:?}, area: {area:?}, reason: Reason::{reason:?} }},");
            }
        }
    }
    let files = folder.join("pub");
    let files = files.to_string_lossy();
    format!(
        "pub static PUB: &str = {files:?};\n\npub static SAID: &[Said] = &[\n{said}];\n\npub static UNSAID: &[Unsaid] = &[\n{unsaid}];\n\n{}",
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
    numbers: HashMap<Said, usize>,
    source: String,
}

impl Apps {
    /// The path of the function that serves a stack.
    fn number(&mut self, said: Said) -> String {
        let new = self.numbers.len();
        let Apps { numbers, source } = self;
        let number = *numbers.entry(said).or_insert_with_key(|said| {
            let Said { options, functions, entries } = said;
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
