//! Reading and sorting what is in a folder. Reading blocks.

use std::cmp::Ordering;
use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// A file or folder in a list.
#[derive(Debug, Clone)]
pub struct Entry {
    name: String,
    /// Lower-case, to sort by.
    key: String,
    is_folder: bool,
    size: u64,
    modified: Option<SystemTime>,
}

impl Entry {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a folder, or a link to one.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// The size of a file in bytes; 0 for a folder.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// When it was last changed, if the file system has the time.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }
}

/// Lists a folder, or nothing if there is none at the path.
pub(super) fn list(
    folder: &Path,
    hidden: bool,
    filter: Option<&(dyn Fn(&Entry) -> bool + Send + Sync)>,
) -> io::Result<Option<Vec<Entry>>> {
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Ok(None),
        Err(err) if is_missing(&err) => return Ok(None),
        Err(err) => return Err(err),
    }
    let mut entries = Vec::new();
    for found in fs::read_dir(folder)? {
        let found = found?;
        // `serve_static` serves no other names.
        let Ok(name) = found.file_name().into_string() else { continue };
        if !hidden && name.starts_with('.') {
            continue;
        }
        let is_link = found.file_type().is_ok_and(|file_type| file_type.is_symlink());
        let metadata = if is_link { fs::metadata(found.path()) } else { found.metadata() };
        // It was removed meanwhile, or is a link that leads nowhere.
        let Ok(metadata) = metadata else { continue };
        if !metadata.is_dir() && !metadata.is_file() {
            continue;
        }
        let entry = Entry {
            key: name.to_lowercase(),
            name,
            is_folder: metadata.is_dir(),
            size: if metadata.is_dir() { 0 } else { metadata.len() },
            modified: metadata.modified().ok(),
        };
        if filter.is_none_or(|is_listed| is_listed(&entry)) {
            entries.push(entry);
        }
    }
    Ok(Some(entries))
}

/// Includes names that are too long or invalid, which no folder can have.
fn is_missing(err: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(err.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Size,
    Modified,
}

/// How a list is sorted. Folders are first in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) by: Column,
    pub(super) descends: bool,
}

impl Order {
    /// By name, unless the query says otherwise. What it says beside that is ignored.
    pub(super) fn of_query(query: &str) -> Self {
        let mut order = Order { by: Column::Name, descends: false };
        for pair in query.split('&') {
            match pair {
                "sort=name" => order.by = Column::Name,
                "sort=size" => order.by = Column::Size,
                "sort=modified" => order.by = Column::Modified,
                "order=asc" => order.descends = false,
                "order=desc" => order.descends = true,
                _ => {}
            }
        }
        order
    }

    pub(super) fn sort(self, entries: &mut [Entry]) {
        entries.sort_unstable_by(|a, b| {
            let by_name = || a.key.cmp(&b.key).then_with(|| a.name.cmp(&b.name));
            let by_column = match self.by {
                Column::Name => by_name(),
                Column::Size => a.size.cmp(&b.size),
                Column::Modified => a.modified.cmp(&b.modified),
            };
            let by_column = if self.descends { by_column.reverse() } else { by_column };
            b.is_folder.cmp(&a.is_folder).then(by_column).then_with(|| match self.by {
                Column::Name => Ordering::Equal,
                Column::Size | Column::Modified => by_name(),
            })
        });
    }
}
