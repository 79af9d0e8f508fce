//! Files that were received.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect::{Error, Result};
use tempfile::NamedTempFile;

use super::error::{UploadError, UploadErrorKind, disk_error};
use super::name;
use super::sink::blocking;

/// A file that was received, in a temporary file that is removed unless it is kept.
#[derive(Debug)]
pub struct UploadedFile {
    pub(super) field: String,
    pub(super) client_name: String,
    pub(super) client_type: Option<String>,
    pub(super) kind: Option<infer::Type>,
    pub(super) size: u64,
    pub(super) folder: Arc<Path>,
    pub(super) temporary: Temporary,
}

impl UploadedFile {
    /// The name of the field in the form.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What the client calls the file. It may be any text, such as `../../etc/passwd`, and may be empty.
    #[must_use]
    pub fn client_name(&self) -> &str {
        &self.client_name
    }

    /// What the client calls the file, as a name that is safe on any system: without folders, control characters, characters that change
    /// the direction of text or that Windows refuses, and dots at its ends, and with 200 bytes at most. If nothing is left, `file`.
    ///
    /// Its extension is the client's choice, and may be `.html`. Two files may have the same name.
    #[must_use]
    pub fn safe_name(&self) -> String {
        name::safe(&self.client_name)
    }

    /// The type that the client sent, which may be any text.
    #[must_use]
    pub fn client_type(&self) -> Option<&str> {
        self.client_type.as_deref()
    }

    /// The type that the first bytes of the content have, such as `image/png`. `None` if it is not known, as for text.
    #[must_use]
    pub fn content_type(&self) -> Option<&'static str> {
        self.kind.map(|kind| kind.mime_type())
    }

    /// The extension for the type of the content, without its dot.
    #[must_use]
    pub fn extension(&self) -> Option<&'static str> {
        self.kind.map(|kind| kind.extension())
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The path of the temporary file, to read it from.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temporary.0.as_ref().map_or(Path::new(""), NamedTempFile::path)
    }

    /// Reads the whole content.
    ///
    /// # Errors
    /// With status 500 if the file cannot be read.
    pub async fn read(&self) -> Result<Vec<u8>> {
        let path = self.path().to_owned();
        blocking(move || std::fs::read(path))
            .await
            .map_err(|err| Error::msg("an uploaded file could not be read").with_source(err))
    }

    /// Keeps the file in the folder under a random name of 32 digits, with the [extension](UploadedFile::extension) of its content if it
    /// has one, and returns its path.
    ///
    /// # Errors
    /// With status 500 or 507 if the disk fails.
    pub async fn persist_random(self) -> Result<PathBuf> {
        let name = name::random(self.extension())
            .map_err(|err| Error::msg("there is no randomness for a name").with_source(err))?;
        self.persist(&name).await
    }

    /// Keeps the file in the folder under a name that the program chose, and returns its path. No file is overwritten.
    ///
    /// # Errors
    /// With status 409 if a file of the name is there, 500 if the name has a folder in it, 500 or 507 if the disk fails. The
    /// uploaded file is then removed.
    pub async fn persist(self, name: &str) -> Result<PathBuf> {
        if !name::is_plain(name) {
            return Err(Error::msg("the name for an uploaded file is not one name in a folder"));
        }
        let path = self.folder.join(name);
        self.persist_as(path).await
    }

    /// Keeps the file at a path that the program chose, on the same file system, and returns the path. No file is overwritten.
    ///
    /// # Errors
    /// With status 409 if there is a file, 500 or 507 if the disk fails. The uploaded file is then removed.
    pub async fn persist_as(self, path: impl Into<PathBuf>) -> Result<PathBuf> {
        self.rename(path.into(), |file, path| file.persist_noclobber(path)).await
    }

    /// Keeps the file at a path that the program chose, on the same file system, in place of the file that may be there, and returns the
    /// path. Who has the old file open goes on to read that one.
    ///
    /// # Errors
    /// With status 500 or 507 if the disk fails. The uploaded file is then removed.
    pub async fn replace(self, path: impl Into<PathBuf>) -> Result<PathBuf> {
        self.rename(path.into(), |file, path| file.persist(path)).await
    }

    async fn rename(
        mut self,
        path: PathBuf,
        rename: impl FnOnce(NamedTempFile, &Path) -> Result<std::fs::File, tempfile::PersistError>
        + Send
        + 'static,
    ) -> Result<PathBuf> {
        let Some(file) = self.temporary.0.take() else {
            return Err(disk_error(io::Error::other("the file is gone")));
        };
        let renamed = blocking(move || match rename(file, &path) {
            Ok(_closed) => Ok(path),
            // Removes the temporary file.
            Err(err) => Err(err.error),
        });
        renamed.await.map_err(disk_error)
    }
}

/// A temporary file, which is removed on a thread for blocking work.
pub(super) struct Temporary(pub(super) Option<NamedTempFile>);

impl Drop for Temporary {
    fn drop(&mut self) {
        let Some(file) = self.0.take() else { return };
        match tokio::runtime::Handle::try_current() {
            // If the runtime ends before, it drops the closure, and the file with it.
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(file))),
            Err(_) => drop(file),
        }
    }
}

impl fmt::Debug for Temporary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The files of a form, in the order in which they were sent.
#[derive(Debug, Default)]
pub struct Files(pub(super) Vec<UploadedFile>);

impl Files {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the first file of a field.
    pub fn take(&mut self, field: &str) -> Option<UploadedFile> {
        let at = self.0.iter().position(|file| file.field == field)?;
        Some(self.0.remove(at))
    }

    /// Takes the first file of a field that has to have one.
    ///
    /// # Errors
    /// With status 400 if it has none.
    pub fn require(&mut self, field: &str) -> Result<UploadedFile> {
        self.take(field).ok_or_else(|| {
            let message = format!("the field `{field}` has no file");
            UploadError::error(UploadErrorKind::MissingFile, field, None, message)
        })
    }

    /// Takes all files of a field.
    pub fn take_all(&mut self, field: &str) -> Vec<UploadedFile> {
        self.0.extract_if(.., |file| file.field == field).collect()
    }

    /// The files that were not taken.
    pub fn iter(&self) -> std::slice::Iter<'_, UploadedFile> {
        self.0.iter()
    }
}

impl IntoIterator for Files {
    type Item = UploadedFile;
    type IntoIter = std::vec::IntoIter<UploadedFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Files {
    type Item = &'a UploadedFile;
    type IntoIter = std::slice::Iter<'a, UploadedFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
