//! Temporary files: making them, and removing those of processes that were killed. All of it blocks.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of temporary files begin: with a dot, so that `serve_static` does not serve them.
pub(super) const PREFIX: &str = ".upload-";

/// On Windows a lock keeps the handler from reading the file by its path.
const HAS_LOCKS: bool = cfg!(unix);

/// Makes a temporary file. It is locked while it is open, so that no other process takes it for a leftover.
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(16);
    loop {
        let file = match builder.tempfile_in(folder) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                builder.tempfile_in(folder)?
            }
            other => other?,
        };
        if !HAS_LOCKS {
            return Ok(file);
        }
        match file.as_file().try_lock() {
            // Another process may have removed it before it was locked.
            Ok(()) if !file.path().try_exists()? => {}
            Err(fs::TryLockError::WouldBlock) => {}
            // Without locks, leftovers are not removed either.
            Ok(()) | Err(fs::TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Makes the folder, removes leftovers in it, and checks that files can be written to it.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut removed = 0_u64;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // A link is not followed: `file_type` is that of the link.
        if !HAS_LOCKS || !is_ours || !entry.file_type().is_ok_and(|file_type| file_type.is_file()) {
            continue;
        }
        // Gone meanwhile, or not ours.
        let Ok(file) = File::options().write(true).open(entry.path()) else { continue };
        if file.try_lock().is_ok() && fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    if removed > 0 {
        tracing::info!("removed {removed} temporary files of uploads that were not finished");
    }
    create(folder).map(drop)
}
