//! Finding and opening files. All of it blocks, and so runs on tokio's threads for blocking work, except for what is in
//! memory.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use http::Method;
use http::header::{self, HeaderName, HeaderValue};

use super::body::{CHUNK, read_part};
use super::cache::{Cache, Cached};
use super::coding::{Coding, Preferred, is_coded};
use super::content::Source;
use super::options::etag;
use crate::conditional::date_value;
use crate::{Error, Request};

/// A file that was found, or what of it is in memory.
#[derive(Debug)]
pub(super) struct Opened {
    /// The path that was asked for, and not that of a sidecar.
    pub(super) path: PathBuf,
    pub(super) metadata: Metadata,
    pub(super) source: Source,
    /// The rest describes the representation that was chosen.
    pub(super) length: u64,
    pub(super) etag: Option<HeaderValue>,
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) coding: Option<Coding>,
    pub(super) varies: bool,
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

/// How a file is opened.
#[derive(Debug, Default)]
pub(super) struct How {
    /// Whether a short file is read at once.
    pub(super) read: bool,
    /// The codings whose sidecars may be sent, if there are sidecars at all.
    pub(super) precompressed: Option<Preferred>,
    pub(super) cache: Option<Arc<Cache>>,
}

/// Opens a file.
pub(super) fn open(path: PathBuf, how: &How) -> io::Result<Found> {
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(err) if is_missing(&err) => {
            if let Some(cache) = &how.cache {
                cache.forget(&path);
            }
            return Ok(Found::Nothing);
        }
        Err(err) => return Err(err),
    };
    if metadata.is_dir() {
        return Ok(Found::Folder);
    }
    // Checked first, since opening a pipe blocks until a writer opens it.
    if !metadata.is_file() {
        return Ok(Found::Nothing);
    }
    // One that cannot be read does not hide the original.
    let coded = sidecars(&path, &metadata, how).find_map(|(coding, sidecar, coded)| {
        let (content, _) = read(&sidecar, coded, Some(coding), how).ok()??;
        Some((coding, content))
    });
    if let Some((coding, content)) = coded {
        return Ok(Found::File(Box::new(content.of(path, metadata, Some(coding), how))));
    }
    Ok(match read(&path, metadata, None, how)? {
        // The metadata of the open file, as the name may belong to another one by now.
        Some((content, metadata)) => Found::File(Box::new(content.of(path, metadata, None, how))),
        None => Found::Nothing,
    })
}

/// The file of a path, if what would be sent is in memory. It asks the disk for the metadata of files that were sent
/// before, and for nothing else: then the system has them in memory too, and does not wait for a disk.
pub(super) fn open_cached(path: &Path, how: &How) -> Option<Box<Opened>> {
    let cache = how.cache.as_deref()?;
    let preferred = how.precompressed.unwrap_or_default();
    let is_known = |coding: Coding| cache.has(&with_extension(path, coding.extension()));
    if !cache.has(path) && !preferred.iter().any(is_known) {
        return None;
    }
    let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
    let first = sidecars(path, &metadata, how).next();
    let (coding, cached) = match first {
        Some((coding, sidecar, coded)) => (Some(coding), cache.get(&sidecar, &coded)?),
        None => (None, cache.get(path, &metadata)?),
    };
    Some(Box::new(Read::from(cached).of(path.to_owned(), metadata, coding, how)))
}

/// The bytes of one representation, and what tells its version.
struct Read {
    source: Source,
    length: u64,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl From<Cached> for Read {
    fn from(cached: Cached) -> Self {
        let Cached { bytes, etag, last_modified } = cached;
        Read { length: bytes.len() as u64, source: Source::Bytes(bytes), etag, last_modified }
    }
}

impl Read {
    fn of(self, path: PathBuf, metadata: Metadata, coding: Option<Coding>, how: &How) -> Opened {
        let varies = how.precompressed.is_some() && !is_coded(&path);
        let Read { source, length, etag, last_modified } = self;
        Opened { path, metadata, source, length, etag, last_modified, coding, varies }
    }
}

/// Reads a file from memory or from the disk, or opens it to be read later.
fn read(
    path: &Path,
    metadata: Metadata,
    coding: Option<Coding>,
    how: &How,
) -> io::Result<Option<(Read, Metadata)>> {
    let cache = how.cache.as_ref().filter(|cache| cache.takes(&metadata));
    if let Some(cached) = cache.and_then(|cache| cache.get(path, &metadata)) {
        return Ok(Some((cached.into(), metadata)));
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(err) if is_missing(&err) => return Ok(None),
        Err(err) => return Err(err),
    };
    if let Some(cache) = cache
        && let Some((cached, metadata)) = cache.read(path, &mut file)?
    {
        return Ok(Some((cached.into(), metadata)));
    }
    let metadata = file.metadata()?;
    let length = metadata.len();
    let source = if how.read && length <= CHUNK {
        Source::Bytes(read_part(&mut file, 0, length)?)
    } else {
        Source::File(file)
    };
    let etag = etag(&metadata, coding, SystemTime::now());
    let last_modified = metadata.modified().ok().and_then(date_value);
    Ok(Some((Read { source, length, etag, last_modified }, metadata)))
}

/// The sidecars of a file that the client prefers to it, the best one first.
fn sidecars<'a>(
    path: &'a Path,
    original: &'a Metadata,
    how: &How,
) -> impl Iterator<Item = (Coding, PathBuf, Metadata)> + use<'a> {
    let preferred = how.precompressed.filter(|_| !is_coded(path)).unwrap_or_default();
    preferred.iter().filter_map(move |coding| {
        let sidecar = with_extension(path, coding.extension());
        let metadata = fs::metadata(&sidecar).ok()?;
        is_current(&metadata, original).then_some((coding, sidecar, metadata))
    })
}

/// Whether a sidecar belongs to this version of the file: an older one was made of an earlier version, and an empty one is
/// still being written.
fn is_current(sidecar: &Metadata, original: &Metadata) -> bool {
    let is_older = match (sidecar.modified(), original.modified()) {
        (Ok(sidecar), Ok(original)) => sidecar < original,
        _ => true,
    };
    sidecar.is_file() && sidecar.len() > 0 && !is_older
}

/// Opens the first of several paths that is a file.
pub(super) fn open_first(paths: impl Iterator<Item = PathBuf>, how: &How) -> io::Result<Found> {
    for path in paths {
        if let Found::File(opened) = open(path, how)? {
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

/// Whether a file that is found is certain to be sent as a whole. A short one is then read at once, since switching threads
/// is most of the cost.
pub(super) fn is_sent(req: &Request) -> bool {
    const CONDITIONS: [HeaderName; 5] = [
        header::IF_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::IF_UNMODIFIED_SINCE,
        header::RANGE,
    ];
    req.method() == Method::GET && !CONDITIONS.iter().any(|name| req.headers().contains_key(name))
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
