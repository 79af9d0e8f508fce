//! Turns the recorded tables of patterns and paths into apps: one for each mode of matching, with a router for each
//! row of the table in it.

use std::fmt::Write;

use serde_json::{Value, json};

use super::pattern::check::{Place, parse};

/// The modes of matching: their names in the recordings, the options of a router, whether they are mounts.
const MODES: [(&str, &str, bool); 4] = [
    ("route", "", false),
    ("route-strict", "#![strict] ", false),
    ("route-case", "#![case_sensitive] ", false),
    ("use", "", true),
];

/// Source with `ROWS`, `SKIPPED_ROWS`, and one module for each mode of matching.
pub(crate) fn source(tables: &[Value]) -> String {
    let rows: Vec<&Value> =
        tables.iter().flat_map(|table| table["rows"].as_array().into_iter().flatten()).collect();
    let (mut translated, mut skipped, mut modules) = (String::new(), String::new(), String::new());
    for (mode, options, is_mount) in MODES {
        let (mut functions, mut routers) = (String::new(), String::new());
        for (i, row) in rows.iter().enumerate().filter(|(_, row)| row["mode"] == mode) {
            let patterns = patterns(row);
            let Some(entries) = entries(&patterns, is_mount, i, &mut functions) else {
                let _ = writeln!(skipped, "({mode:?}, {:?}),", patterns.join(", "));
                continue;
            };
            let _ = writeln!(routers, "\"/{i}\" => router![{options}{entries}],");
            let responses = json!({ "matches": row["matches"], "misses": row["misses"] }).to_string();
            let _ = writeln!(
                translated,
                "Row {{ mode: {mode:?}, patterns: {patterns:?}.as_slice(), number: {i}, responses: {responses:?} }},"
            );
        }
        let module = mode.replace('-', "_");
        let _ = writeln!(
            modules,
            "pub mod paths_{module} {{\nuse crate::prelude::*;\nuse crate::harness::paths::{{Responses, call_all, respond, respond_with_mount}};\n\
             {functions}pub fn responses(paths: Vec<String>) -> Responses {{\n\
             call_all(app![{routers}], paths)\n}}\n}}"
        );
    }
    let modes: String = MODES
        .iter()
        .map(|(mode, ..)| format!("({mode:?}, paths_{}::responses as fn(_) -> _),", mode.replace('-', "_")))
        .collect();
    format!(
        "use crate::harness::paths::{{Responses, Row}};\n\
         pub static MODES: &[(&str, fn(Vec<String>) -> Responses)] = &[{modes}];\n\
         pub static ROWS: &[Row] = &[\n{translated}];\n\
         pub static SKIPPED_ROWS: &[(&str, &str)] = &[\n{skipped}];\n{modules}"
    )
}

/// The patterns of a row: one, or several that are tried in order.
fn patterns(row: &Value) -> Vec<String> {
    match &row["pattern"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// A row's patterns as entries of a stack, if all of them compile. Express's mount at `""` is the one at `"/"` here.
fn entries(patterns: &[String], is_mount: bool, row: usize, functions: &mut String) -> Option<String> {
    let mut entries = Vec::new();
    for (i, pattern) in patterns.iter().enumerate() {
        let pattern = if is_mount && pattern.is_empty() { "/" } else { pattern };
        let place = if is_mount { Place::Mount } else { Place::Route };
        parse(pattern, place).ok()?;
        if is_mount {
            entries.push(format!("{pattern:?} => [respond_with_mount]"));
        } else {
            let _ = writeln!(
                functions,
                "#[get({pattern:?})]\n\
                 fn row{row}_{i}(req: &mut Request, res: &mut Response, _next: Next) -> Result {{ respond(req, res) }}"
            );
            entries.push(format!("row{row}_{i}"));
        }
    }
    Some(entries.join(", "))
}
