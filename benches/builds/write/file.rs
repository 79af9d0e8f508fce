//! The files of a package.

use std::fs;
use std::path::Path;

/// A file below `src`.
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
}

/// Writes a file, in a folder that is created if it is missing.
pub(super) fn put(path: &Path, text: &str) -> Result<(), String> {
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)
    };
    write().map_err(|err| format!("{}: {err}", path.display()))
}

/// What the route with this number answers: the first one's text has the line that changes.
pub(super) fn response_text(number: usize, changed: usize) -> String {
    if number == 0 { format!("change {changed}") } else { format!("route {number}") }
}
