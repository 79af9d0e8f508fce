//! The files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// How many folders may lie in each other. More of them are a link that leads back.
const DEPTH: usize = 32;

/// A file, by the name that it is asked for.
pub(crate) struct Found {
    /// From the folder, with `/` between its parts.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

/// Reads all files of a folder, sorted by name, but none whose name, or whose folder's, begins with a dot.
///
/// Messages name paths as the program does, from the package.
pub(crate) fn read(package: &Path, folder: &str) -> Result<Vec<Found>, String> {
    let path = package.join(folder);
    let metadata = fs::metadata(&path).map_err(|err| match err.kind() {
        std::io::ErrorKind::NotFound => format!(
            "there is no folder `{folder}` beside the package's `Cargo.toml`: write its path from there, and make it before \
             the program is built"
        ),
        _ => format!("the folder `{folder}` cannot be read: {err}"),
    })?;
    if !metadata.is_dir() {
        return Err(format!("`{folder}` is a file: name the folder that it is in"));
    }
    let mut found = Vec::new();
    gather(&path, "", DEPTH, &mut found).map_err(|Fault { path, why }| {
        format!("`{}` {why}", path.strip_prefix(package).unwrap_or(&path).display())
    })?;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// A path, and what is wrong with it.
struct Fault {
    path: PathBuf,
    why: String,
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Fault {
    move |err| Fault {
        path: path.to_owned(),
        why: format!("cannot be read: {err}: let this user read it, or move it elsewhere"),
    }
}

fn gather(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Found>) -> Result<(), Fault> {
    if depth == 0 {
        let why = "lies too deep: a link in the folder may lead back to it".to_owned();
        return Err(Fault { path: folder.to_owned(), why });
    }
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(Fault { path, why: "is not UTF-8, so no URL names it: rename the file".to_owned() });
        };
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        // Links are followed, as `serve_static` does.
        let metadata = fs::metadata(&path).map_err(unreadable(&path))?;
        if metadata.is_dir() {
            gather(&path, &format!("{name}/"), depth - 1, found)?;
        } else if metadata.is_file() {
            let bytes = fs::read(&path).map_err(unreadable(&path))?;
            found.push(Found { name, path, bytes });
        }
    }
    Ok(())
}
