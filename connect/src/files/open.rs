//! Finding and opening files. All of it blocks, and so runs on tokio's threads for blocking work.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Method;
use http::header::{self, HeaderName};

use super::body::{CHUNK, read_part};
use crate::{Error, Request};

/// An open file.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    pub(super) path: PathBuf,
    /// The whole content, if it is short and certain to be sent.
    pub(super) content: Option<Bytes>,
}

/// What is at a path.
#[derive(Debug)]
pub(super) enum Found {
    /// Boxed: it is large, and would be in the future of each request that finds no file.
    File(Box<Opened>),
    Folder,
    /// Nothing, or something other than a file, such as a pipe.
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
    // Checked first, since opening a pipe blocks until a writer opens it.
    if !metadata.is_file() {
        return Ok(Found::Nothing);
    }
    match File::open(&path) {
        // The metadata of the open file, as the name may belong to another one by now.
        Ok(file) => {
            Ok(Found::File(Box::new(Opened { metadata: file.metadata()?, file, path, content: None })))
        }
        Err(err) if is_missing(&err) => Ok(Found::Nothing),
        Err(err) => Err(err),
    }
}

/// Opens the first of several paths that is a file.
pub(super) fn open_first(paths: impl Iterator<Item = PathBuf>) -> io::Result<Found> {
    for path in paths {
        if let Found::File(opened) = open(path)? {
            return Ok(Found::File(opened));
        }
    }
    Ok(Found::Nothing)
}

/// The path with an extension added to it.
pub(super) fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// Includes names that are too long or invalid, which no file can have.
fn is_missing(err: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(err.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

/// Finds a file for a request. A short file that is certain to be sent is read at once, since switching threads is most
/// of the cost.
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

/// Runs blocking work on another thread.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|err| Error::msg("a file could not be read").with_source(err)),
        Err(err) => Err(Error::msg("a file could not be read").with_source(err)),
    }
}
