//! What each folder of a crate imports, beside what ARCHITECTURE.md says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::modules::{Crate, repository};

/// The folders that each folder of a crate imports, by name. A file that is in no folder is one of its own.
fn folders(all: &Crate, source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = |file: &str| {
        let file = file.strip_prefix(source).unwrap_or(file);
        match file.split_once('/') {
            Some((folder, _)) => folder.to_owned(),
            None if file == "lib.rs" => file.to_owned(),
            None => file.trim_end_matches(".rs").to_owned(),
        }
    };
    let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for module in &all.0 {
        folders.entry(folder(&module.file)).or_default();
    }
    for (from, to) in all.imports() {
        let to = to.into_keys().map(folder).filter(|to| *to != folder(from));
        folders.entry(folder(from)).or_default().extend(to);
    }
    folders
}

/// Compares the table below the heading "The folders of `connect/src`", or of another crate, with the code. `exempt`
/// folders have no row, or one that the code does not show. The error says what the rows should be.
pub(crate) fn compare(source: &str, exempt: &[&str]) -> Result<(), String> {
    let mut folders = folders(&Crate::read(&format!("{source}/lib.rs")), &format!("{source}/"));
    for name in exempt {
        folders.insert((*name).to_owned(), BTreeSet::new());
    }
    let page = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = page.split_once(&format!("\n## The folders of `{source}`\n")).unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let mut wrong = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let names: Vec<&str> = columns[0].split(", ").map(|name| name.trim_matches('`')).collect();
        let imports = names.iter().map(|name| {
            let imports = folders
                .remove(*name)
                .unwrap_or_else(|| panic!("there is no folder `{name}`, or it has two rows"));
            let imports =
                if imports.is_empty() { "nothing".to_owned() } else { Vec::from_iter(imports).join(", ") };
            if names.len() == 1 { imports } else { format!("`{name}`: {imports}") }
        });
        let imports = imports.collect::<Vec<_>>().join("; ");
        wrong.extend(
            Some(format!("| {} | {} | {imports} |", columns[0], columns[1])).filter(|right| right != row),
        );
    }
    folders.retain(|name, _| !exempt.contains(&name.as_str()));
    match wrong.is_empty() && folders.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "these rows of ARCHITECTURE.md should be:\n{}\nand the table lacks rows: {folders:?}",
            wrong.join("\n")
        )),
    }
}
