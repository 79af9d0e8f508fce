//! Writing a file while it is received.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;
use tokio::task::JoinHandle;

use super::leftovers;

/// How many bytes are written at once.
const CHUNK: usize = 128 << 10;

/// A file that is being received. One buffer is written while the next one fills, and no third one is: the body waits for the disk.
///
/// The temporary file is removed where this is dropped, also by a write that still runs then.
pub(super) struct Sink {
    folder: Arc<Path>,
    buffer: Vec<u8>,
    state: State,
}

enum State {
    /// Made with the first write, so that a file that is refused for its first bytes makes none.
    None,
    Writing(JoinHandle<io::Result<(NamedTempFile, Vec<u8>)>>),
}

impl Sink {
    pub(super) fn new(folder: Arc<Path>) -> Self {
        Sink { folder, buffer: Vec::new(), state: State::None }
    }

    /// What is not written yet. Before the first [`write`](Sink::write), the start of the file.
    pub(super) fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether it is time to write.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() >= CHUNK
    }

    /// Starts to write what is buffered, once the write before it is done.
    pub(super) async fn write(&mut self) -> io::Result<()> {
        let (file, mut spare) = match std::mem::replace(&mut self.state, State::None) {
            State::None => (None, Vec::new()),
            State::Writing(write) => {
                let (file, spare) = joined(write.await)?;
                (Some(file), spare)
            }
        };
        std::mem::swap(&mut spare, &mut self.buffer);
        let mut full = spare;
        let folder = Arc::clone(&self.folder);
        self.state = State::Writing(tokio::task::spawn_blocking(move || {
            let mut file = match file {
                Some(file) => file,
                None => leftovers::create(&folder)?,
            };
            file.write_all(&full)?;
            full.clear();
            Ok((file, full))
        }));
        Ok(())
    }

    /// Writes the rest, and returns the file.
    pub(super) async fn finish(mut self) -> io::Result<NamedTempFile> {
        self.write().await?;
        match self.state {
            State::Writing(write) => Ok(joined(write.await)?.0),
            State::None => Err(io::Error::other("the write was not started")),
        }
    }
}

/// Runs what blocks on another thread.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    joined(tokio::task::spawn_blocking(work).await)
}

fn joined<T>(joined: Result<io::Result<T>, tokio::task::JoinError>) -> io::Result<T> {
    joined.unwrap_or_else(|err| Err(io::Error::other(err)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::error::disk_error;
    use super::super::leftovers;
    use super::{CHUNK, Sink, State};
    use std::fs::File;
    use tempfile::NamedTempFile;

    #[tokio::test]
    async fn a_disk_without_space_is_a_507_and_the_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = leftovers::create(folder.path()).unwrap().into_parts();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let file = NamedTempFile::from_parts(full, path);
        let mut sink = Sink::new(folder.path().into());
        sink.state = State::Writing(tokio::spawn(async { Ok((file, Vec::new())) }));
        sink.push(&vec![0; CHUNK]);
        assert!(sink.is_full());
        sink.write().await.unwrap();
        let err = disk_error(sink.finish().await.unwrap_err());
        assert_eq!(err.status(), 507);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_sink_that_is_dropped_removes_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = Sink::new(folder.path().into());
        sink.push(&vec![0; CHUNK]);
        sink.write().await.unwrap();
        sink.push(&vec![1; CHUNK]);
        sink.write().await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(sink);
        let removed = async {
            while std::fs::read_dir(folder.path()).unwrap().count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), removed).await.unwrap();
    }
}
