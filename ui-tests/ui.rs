//! One golden file for each mistake: what the compiler says to a person who makes it.
//!
//! `TRYBUILD=overwrite cargo test -p connect-ui-tests` writes the files anew. Read what it wrote before you
//! commit it: a golden file records a good message, not whatever came out.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where rustc quotes the source of the standard library if it is there, as beside an editor: the golden files are made without.
const QUOTING: [&str; 4] = [
    "acts/done_made_up.rs",
    "acts/ok_of_nothing.rs",
    "acts/run_without_await.rs",
    "middleware/result_not_imported.rs",
];

#[test]
fn mistakes_have_their_golden_messages() {
    let cases = trybuild::TestCases::new();
    let mut all = Vec::new();
    gather(Path::new("fail"), &mut all);
    let has_source = has_the_source_of_the_standard_library();
    for case in all {
        if has_source && QUOTING.iter().any(|name| case.ends_with(name)) {
            println!("skipped, since the component rust-src is installed: {}", case.display());
        } else {
            cases.compile_fail(case);
        }
    }
}

fn gather(folder: &Path, all: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push(path);
        }
    }
}

fn has_the_source_of_the_standard_library() -> bool {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc");
    let sysroot = String::from_utf8(output.stdout).expect("a path");
    Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").exists()
}
