//! How files import each other: in no circle, and each folder what ARCHITECTURE.md says.
//!
//! A file imports the file that defines what it names: a `use` and a path are followed through re-exports. What tests, doc
//! comments and strings name does not count, and neither does a `mod` line or what a file re-exports without using it.
#![forbid(unsafe_code)]

mod folders;
mod imports;
mod modules;
mod tokens;

use modules::Crate;

/// The roots of the crates in which no file imports itself by way of others.
const ROOTS: [&str; 8] = [
    "benches/builds/main.rs",
    "benches/mistakes/main.rs",
    "benches/src/guard/main.rs",
    "benches/src/main.rs",
    "benches/wire/src/main.rs",
    "connect-macros/src/lib.rs",
    "connect/src/lib.rs",
    "tests/layout/main.rs",
];

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let circles: Vec<String> = ROOTS
        .iter()
        .flat_map(|root| imports::circles(&Crate::read(root).imports()))
        .map(|circle| circle.join("\n"))
        .collect();
    let list = circles.join("\n\n");
    assert!(circles.is_empty(), "{} circles of files that import each other:\n\n{list}", circles.len());
}

#[test]
fn the_tables_of_folders_say_what_each_imports() {
    // A library's root re-exports, and the pages of the guide name items only in text.
    for (source, exempt) in [("connect/src", &["lib.rs", "guide"][..]), ("connect-macros/src", &[])] {
        folders::compare(source, exempt).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}
