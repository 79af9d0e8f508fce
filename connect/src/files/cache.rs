//! Files in memory, each of which is compared with the disk before it is used.

use std::collections::{HashMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::HeaderValue;
use xxhash_rust::xxh3::xxh3_128;

use super::options::SETTLED;
use crate::conditional::date_value;

/// What an entry costs beside its bytes and its name, so that many empty files are bounded too.
const OVERHEAD: usize = 512;

/// How often a file is read anew that changes while it is read.
const READS: usize = 3;

/// Identifies a version of a file, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode and the time of change, which a program cannot set: a file that replaces another one differs in them,
    /// also if it has the same length and modification time.
    #[cfg(unix)]
    change: (u64, u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        Stamp {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            change: (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether the file has been unchanged for so long that a later change gives it another stamp: clocks of file systems
    /// tick.
    fn is_settled(&self, now: SystemTime) -> bool {
        #[cfg(unix)]
        let changed = u64::try_from(self.change.2).ok().and_then(|seconds| {
            SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds + 1))
        });
        #[cfg(not(unix))]
        let changed = self.modified;
        changed.is_some_and(|changed| now.duration_since(changed).is_ok_and(|age| age >= SETTLED))
    }
}

/// A file that was read as a whole.
#[derive(Debug, Clone)]
pub(super) struct Cached {
    pub(super) bytes: Bytes,
    pub(super) etag: Option<HeaderValue>,
    pub(super) last_modified: Option<HeaderValue>,
}

#[derive(Debug)]
struct Entry {
    stamp: Stamp,
    file: Cached,
    /// Since it was last passed over when room was made.
    used: AtomicBool,
}

#[derive(Debug, Default)]
struct Entries {
    by_path: HashMap<OsString, Entry>,
    /// The paths in the order in which room is made: each path of `by_path` once.
    order: VecDeque<OsString>,
    bytes: usize,
}

/// Files in memory, up to a number of bytes.
#[derive(Debug)]
pub(super) struct Cache {
    limit: usize,
    pub(super) file_limit: usize,
    entries: RwLock<Entries>,
}

impl Cache {
    pub(super) fn new(limit: usize, file_limit: usize) -> Cache {
        Cache { limit, file_limit, entries: RwLock::default() }
    }

    /// Whether a file of this length is held.
    pub(super) fn takes(&self, metadata: &Metadata) -> bool {
        usize::try_from(metadata.len()).is_ok_and(|length| length <= self.file_limit)
    }

    pub(super) fn has(&self, path: &Path) -> bool {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).by_path.contains_key(path.as_os_str())
    }

    /// The file of a path whose metadata are these now.
    pub(super) fn get(&self, path: &Path, metadata: &Metadata) -> Option<Cached> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_path.get(path.as_os_str())?;
        if entry.stamp != Stamp::of(metadata) {
            return None;
        }
        // Not written if it is set, so that threads do not take the line from each other.
        if !entry.used.load(Ordering::Relaxed) {
            entry.used.store(true, Ordering::Relaxed);
        }
        Some(entry.file.clone())
    }

    /// Reads a file, and keeps it if it is certain that a later change will be noticed. `None` for one that is too long by
    /// now, or that changes all the time.
    pub(super) fn read(&self, path: &Path, file: &mut File) -> io::Result<Option<(Cached, Metadata)>> {
        for _ in 0..READS {
            // Before the file is looked at: what changes after that has another stamp than one that is settled by now.
            let now = SystemTime::now();
            let metadata = file.metadata()?;
            if !self.takes(&metadata) {
                return Ok(None);
            }
            let stamp = Stamp::of(&metadata);
            let bytes = read_whole(file, metadata.len())?;
            // A file that is written meanwhile may have been read in part before and in part after.
            if bytes.len() as u64 != stamp.length || Stamp::of(&file.metadata()?) != stamp {
                continue;
            }
            let cached = Cached {
                etag: Some(content_etag(&bytes)),
                last_modified: stamp.modified.and_then(date_value),
                bytes: bytes.into(),
            };
            if stamp.is_settled(now) {
                self.keep(path, stamp, cached.clone());
            }
            return Ok(Some((cached, metadata)));
        }
        Ok(None)
    }

    /// Drops the file of a path at which there is none any more.
    pub(super) fn forget(&self, path: &Path) {
        if self.has(path) {
            let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
            entries.remove(path.as_os_str());
            entries.order.retain(|other| other.as_os_str() != path.as_os_str());
        }
    }

    fn keep(&self, path: &Path, stamp: Stamp, file: Cached) {
        let path = path.as_os_str();
        let cost = cost(path, &file);
        if cost > self.limit {
            return;
        }
        let entry = Entry { stamp, file, used: AtomicBool::new(false) };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if !entries.remove(path) {
            entries.order.push_back(path.to_owned());
        }
        entries.make_room(path, self.limit - cost);
        entries.bytes += cost;
        entries.by_path.insert(path.to_owned(), entry);
    }
}

impl Entries {
    /// Removes the file, but not its place in the order.
    fn remove(&mut self, path: &OsStr) -> bool {
        let removed = self.by_path.remove(path);
        if let Some(entry) = &removed {
            self.bytes -= cost(path, &entry.file);
        }
        removed.is_some()
    }

    /// Removes the oldest files that were not used since room was last made, except one whose place is needed.
    fn make_room(&mut self, kept: &OsStr, limit: usize) {
        while self.bytes > limit {
            let Some(path) = self.order.pop_front() else { return };
            let used = self.by_path.get(&path).is_some_and(|entry| entry.used.swap(false, Ordering::Relaxed));
            if used || path == kept {
                self.order.push_back(path);
            } else {
                self.remove(&path);
            }
        }
    }
}

fn cost(path: &OsStr, file: &Cached) -> usize {
    file.bytes.len() + 2 * path.len() + OVERHEAD
}

fn read_whole(file: &mut File, length: u64) -> io::Result<Vec<u8>> {
    use std::io::Seek as _;
    file.rewind()?;
    // The length was checked, so it fits.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // One byte more shows that it has grown.
    file.take(length + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A strong `ETag` of the content itself.
pub(super) fn content_etag(bytes: &[u8]) -> HeaderValue {
    HeaderValue::try_from(format!("\"{:032x}\"", xxh3_128(bytes))).expect("digits and quotes")
}

#[cfg(test)]
mod tests;
