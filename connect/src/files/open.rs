//! Looking for files. All of it waits for the disk, and so runs on tokio's threads for that.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Method;
use http::header::{self, HeaderName};

use super::body::{CHUNK, read_part};
use crate::{Error, Request};

/// A file that is there.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    pub(super) path: PathBuf,
    /// All of it, if it is short and somebody will want it.
    pub(super) content: Option<Bytes>,
}

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Found {
    /// In a box: it is large, comes from another thread, and would be in the future of each request that is no file.
    File(Box<Opened>),
    Folder,
    /// Nothing, or what is no file, such as a pipe.
    Nothing,
}

/// Opens a file.
pub(super) fn open(path: PathBuf) -> io::Result<Found> {
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(err) if is_missing(&err) => return Ok(Found::Nothing),
        Err(err) => return Err(err),
    };
    if metadata.is_dir() {
        return Ok(Found::Folder);
    }
    // Asked first, since who opens a pipe waits until somebody writes.
    if !metadata.is_file() {
        return Ok(Found::Nothing);
    }
    match File::open(&path) {
        // Size and time are those of what was opened, whatever has its name by now.
        Ok(file) => {
            Ok(Found::File(Box::new(Opened { metadata: file.metadata()?, file, path, content: None })))
        }
        Err(err) if is_missing(&err) => Ok(Found::Nothing),
        Err(err) => Err(err),
    }
}

/// The first of several names for a file that is one.
pub(super) fn open_first(paths: impl Iterator<Item = PathBuf>) -> io::Result<Found> {
    for path in paths {
        if let Found::File(opened) = open(path)? {
            return Ok(Found::File(opened));
        }
    }
    Ok(Found::Nothing)
}

/// The path with an extension behind the one that it may have.
pub(super) fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// A name that is too long for a file is one that no file has.
fn is_missing(err: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(err.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

/// Looks for a file, for a request. A short one that is sure to be sent is read at once: going to another thread is the
/// most of what it costs.
pub(super) async fn find(
    req: &Request,
    look: impl FnOnce() -> io::Result<Found> + Send + 'static,
) -> Result<Found, Error> {
    const CONDITIONS: [HeaderName; 5] = [
        header::IF_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::IF_UNMODIFIED_SINCE,
        header::RANGE,
    ];
    let is_sent =
        req.method() == Method::GET && !CONDITIONS.iter().any(|name| req.headers().contains_key(name));
    blocking(move || {
        let mut found = look()?;
        if let Found::File(opened) = &mut found
            && is_sent
            && opened.metadata.len() <= CHUNK
        {
            opened.content = Some(read_part(&mut opened.file, 0, opened.metadata.len())?);
        }
        Ok(found)
    })
    .await
}

/// Runs what waits for the disk elsewhere.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|err| Error::msg("a file could not be read").with_source(err)),
        Err(err) => Err(Error::msg("a file could not be read").with_source(err)),
    }
}
