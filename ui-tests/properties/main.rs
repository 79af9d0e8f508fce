//! What every golden file in `fail/` has to be like. The table of all of them goes to the standard output:
//! `cargo test -p connect-ui-tests --test properties`.
//!
//! * One mistake is one `error`, and no warning comes beside it.
//! * Its primary span is on the user's own token, which the file marks: directly below the token's line stands a
//!   comment whose `^` are under the token, and who speaks, a macro or rustc:
//!
//!   ```text
//!   let _ = app![hello, footer];
//!   //                  ^^^^^^ error: rustc
//!   ```
//!
//!   A span of several lines is marked with one `^` under its beginning.
//! * It is short: at most [`LINES_OF_A_MACRO`] lines, or [`LINES_OF_RUSTC`]. Lines that are blank, or hold nothing
//!   but the `|` beside the source, do not count.
//! * It names nothing of the library that is not [published](names::PUBLISHED), but in lines that rustc adds and
//!   nobody can word, see [`golden::Line::OfRustc`].
//!
//! What cannot be so stands in [`exceptions::ALL`], with the reason; an entry that is not needed is a fault, too.

mod exceptions;
mod golden;
mod marker;
mod names;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use exceptions::Rule;
use golden::{Golden, Line};
use marker::{Marker, Speaker};

const LINES_OF_A_MACRO: usize = 10;
const LINES_OF_RUSTC: usize = 20;

#[test]
fn every_message_has_the_properties() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let private = names::private(&root.join("../connect/src"));
    let mut files = Vec::new();
    sources(&root.join("fail"), &mut files);
    assert!(!files.is_empty(), "no golden files below {}", root.display());

    let mut table = format!("{:60} {:6} {:>5} {:>8}  place\n", "case", "who", "lines", "of rustc");
    let mut faults = Vec::new();
    for file in &files {
        let name = file.strip_prefix(root.join("fail")).unwrap().with_extension("");
        let name = name.to_str().unwrap().replace('\\', "/");
        let found = case(file, &name, &private, &mut table);
        faults.extend(exceptions::sift(&name, found));
    }
    let names: Vec<_> = files.iter().map(|file| file.to_str().unwrap().replace('\\', "/")).collect();
    faults.extend(exceptions::strangers(|case| {
        names.iter().any(|name| name.ends_with(&format!("/fail/{case}.rs")))
    }));
    writeln!(table, "{} cases, {} exceptions", files.len(), exceptions::ALL.len()).unwrap();
    for exception in exceptions::ALL {
        writeln!(table, "  {}, {:?}: {}", exception.case, exception.rule, exception.because).unwrap();
    }
    // Not by `print!`, which a test that succeeds swallows.
    std::io::stdout().write_all(table.as_bytes()).unwrap();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// What is wrong with one golden file, and its line of the table.
fn case(file: &Path, name: &str, private: &[String], table: &mut String) -> Vec<(Rule, String)> {
    let mut faults = Vec::new();
    let source = std::fs::read_to_string(file).unwrap();
    let Ok(text) = std::fs::read_to_string(file.with_extension("stderr")) else {
        return vec![(Rule::Errors, "there is no golden file".to_owned())];
    };
    let golden = Golden::parse(&text);
    if (golden.errors, golden.warnings) != (1, 0) {
        let problem = format!("{} errors and {} warnings", golden.errors, golden.warnings);
        faults.push((Rule::Errors, problem));
    }
    let mut speaker = None;
    let mut at_place = false;
    match marker::all(&source)[..] {
        [Marker { place, speaker: by }] => {
            speaker = Some(by);
            at_place = golden.place == Some(place);
            if !at_place {
                let stands = golden.place.map_or("nowhere".to_owned(), |place| place.to_string());
                faults.push((Rule::Place, format!("marked is {place}, the error stands at {stands}")));
            }
        }
        ref several => faults.push((Rule::Place, format!("{} markers", several.len()))),
    }
    let limit = if speaker == Some(Speaker::Rustc) { LINES_OF_RUSTC } else { LINES_OF_A_MACRO };
    if golden.length > limit {
        faults.push((Rule::Length, format!("{} lines, {limit} are the limit", golden.length)));
    }
    for line in &golden.lines {
        if let Line::Message(text) = line {
            for name in names::strange(text, private) {
                faults.push((Rule::Names, format!("`{name}` in: {text}")));
            }
        }
    }
    let of_rustc = golden.lines.iter().filter(|line| matches!(line, Line::OfRustc)).count();
    writeln!(
        table,
        "{name:60} {:6} {:5} {of_rustc:8}  {}",
        speaker.map_or("?", Speaker::name),
        golden.length,
        if at_place { "ok" } else { "-" }
    )
    .unwrap();
    faults
}

/// The `.rs` files below a folder, sorted.
fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}
