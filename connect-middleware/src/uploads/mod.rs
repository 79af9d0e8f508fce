//! Files that clients send in forms, streamed to the disk.
//!
//! ```
//! use connect::{app, post, Request, Result};
//! use connect_middleware::uploads::Uploads;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Fields {
//!     title: String,
//! }
//!
//! #[post("/pictures")]
//! async fn add(uploads: &Uploads, req: &mut Request) -> Result<String> {
//!     let mut form = uploads.form::<Fields>(req).await?;
//!     let picture = form.files.require("picture")?;
//!     let path = picture.persist_random().await?;
//!     Ok(format!("{} is in {}", form.fields.title, path.display()))
//! }
//!
//! let uploads = Uploads::to("uploads").max_file_size(5 << 20).allow(["image/png", "image/jpeg"]);
//! let app = app![uploads, add];
//! ```
//!
//! The layer reads nothing: a route does, after the layers above it have let the request through. Each file is written to a temporary
//! file in the folder while the client sends it, and is removed unless the handler keeps it with one of these:
//!
//! | method | the file is then |
//! |---|---|
//! | [`persist_random`](UploadedFile::persist_random) | in the folder, under a random name with the extension of its content |
//! | [`persist`](UploadedFile::persist) | in the folder, under a name that the program chooses |
//! | [`persist_as`](UploadedFile::persist_as) | at a path on the same file system |
//! | [`replace`](UploadedFile::replace) | at a path on the same file system, in place of a file that is there |
//!
//! Each is one atomic rename, and only the last overwrites a file.
//!
//! # What clients say
//! The name and the type of a file that the client sends are data, and nothing here depends on them. The type is
//! [found by the first bytes](UploadedFile::content_type) of the content. It says how a file begins and not that it is harmless: a file can
//! be a valid image and a valid script at the same time. Serve uploads from another origin, or as downloads with `nosniff`.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Uploads::to`] | path | | the folder, which is made if it is missing |
//! | [`max_file_size`](Uploads::max_file_size) | bytes | 10 MiB | the size of each file |
//! | [`max_files`](Uploads::max_files) | number | 10 | the number of files in a request |
//! | [`max_total_size`](Uploads::max_total_size) | bytes | 32 MiB | the size of the whole body; replaces [`body_limit`](connect::body_limit()) |
//! | [`max_field_size`](Uploads::max_field_size) | bytes | 64 KiB | the size of each text field |
//! | [`max_fields`](Uploads::max_fields) | number | 100 | the number of text fields, and of file inputs without a file |
//! | [`max_name_size`](Uploads::max_name_size) | bytes | 100 | the size of the name of each field |
//! | [`field`](Uploads::field) | name, number | any | the fields that may have files, and how many |
//! | [`allow`](Uploads::allow) | types | any | the types that files may have, by their content |
//! | [`filter`](Uploads::filter) | function | none | which files are taken, by their first bytes |
//!
//! A route with other options clones the value: `uploads.clone().max_files(1).form(req)`.
//!
//! Memory for each request: up to two buffers of 128 KiB beside what the connection has read, and the text fields. The body is read only
//! as fast as the disk takes it. Files are written on threads for blocking work. They are not synced to the disk.
//!
//! # Needs and provides
//! Provides [`Uploads`]. It states no facts and has no laws.
//!
//! # What goes wrong
//! | cause | status | [kind](UploadErrorKind) |
//! |---|---|---|
//! | a file, a text field or the name of a field is too large | 413 | `FileSize`, `FieldSize`, `NameSize` |
//! | too many files, files of a field, or text fields | 413 | `FileCount`, `FieldFiles`, `FieldCount` |
//! | a file in a field that may have none | 400 | `UnexpectedFile` |
//! | a part without a name, or text that is not UTF-8 | 400 | `Malformed` |
//! | a file that [`require`](Files::require) misses | 400 | `MissingFile` |
//! | the content has a type that is not allowed, or the filter refuses it | 415 | `ContentType` |
//! | the body is too large, malformed, no `multipart/form-data`, or the client leaves | 413, 400, 415, 400 | a [`BodyError`](connect::BodyError) |
//! | text fields that do not fit the type | 400 | a [`BodyError`](connect::BodyError) |
//! | no space on the disk | 507 | an `io::Error` |
//! | the name of [`persist`](UploadedFile::persist) is taken | 409 | an `io::Error` |
//! | any other error of the disk | 500 | an `io::Error` |
//!
//! All are on the error track. An [`UploadError`] has the limit and the field. If the request fails, in the handler or anywhere else, or
//! the client leaves, the files of the request are removed.
//!
//! A process that is killed leaves its temporary files, named `.upload-..`. They are removed when an app with the folder starts; a lock on
//! each file keeps those of other processes that are running. On Windows, and on a file system without locks, they stay.
//! Files have the permissions 0600 on Unix.
//!
//! # Differences from `multer`
//! - Files are always on the disk, in a folder that has to be named, and go away by themselves.
//! - All limits have a default.
//! - The type is that of the content. There it is what the client says.
//! - Text fields are a type.
//! - Names of files are UTF-8.

mod error;
mod file;
mod form;
mod leftovers;
mod name;
mod sink;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect::{
    Declared, Declares, Error, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, Startup,
};

pub use self::error::{UploadError, UploadErrorKind};
pub use self::file::{Files, UploadedFile};
pub use self::form::{FileStart, Upload};

/// The layer that provides itself, and the value by which routes read forms with files.
///
/// A clone is cheap, and its options can be changed on their own.
#[derive(Clone)]
pub struct Uploads(Arc<Options>);

#[derive(Clone)]
struct Options {
    folder: Arc<Path>,
    max_file_size: u64,
    max_files: usize,
    max_total_size: usize,
    max_field_size: usize,
    max_fields: usize,
    max_name_size: usize,
    /// The fields that may have files, and how many. If empty, all may.
    fields: Vec<(String, usize)>,
    allowed: Option<Vec<String>>,
    filter: Option<Filter>,
}

// A `dyn`: it is called once for each file, beside system calls.
type Filter = Arc<dyn Fn(&FileStart<'_>) -> bool + Send + Sync>;

impl Uploads {
    /// Files are written to this folder. Temporary files are there too, so that keeping one is a rename.
    #[must_use]
    pub fn to(folder: impl Into<PathBuf>) -> Self {
        Uploads(Arc::new(Options {
            folder: folder.into().into(),
            max_file_size: 10 << 20,
            max_files: 10,
            max_total_size: 32 << 20,
            max_field_size: 64 << 10,
            max_fields: 100,
            max_name_size: 100,
            fields: Vec::new(),
            allowed: None,
            filter: None,
        }))
    }

    fn with(mut self, set: impl FnOnce(&mut Options)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets how large each file may be, in bytes: 10 MiB by default.
    #[must_use]
    pub fn max_file_size(self, bytes: u64) -> Self {
        self.with(|options| options.max_file_size = bytes)
    }

    /// Sets how many files a request may have: 10 by default.
    #[must_use]
    pub fn max_files(self, files: usize) -> Self {
        self.with(|options| options.max_files = files)
    }

    /// Sets how large the whole body may be, in bytes: 32 MiB by default. It replaces the limit of [`body_limit`](connect::body_limit()).
    #[must_use]
    pub fn max_total_size(self, bytes: usize) -> Self {
        self.with(|options| options.max_total_size = bytes)
    }

    /// Sets how large each text field may be, in bytes: 64 KiB by default. Text fields are kept in memory.
    #[must_use]
    pub fn max_field_size(self, bytes: usize) -> Self {
        self.with(|options| options.max_field_size = bytes)
    }

    /// Sets how many text fields a request may have: 100 by default, and 1000 at most. File inputs for which no file was chosen count.
    #[must_use]
    pub fn max_fields(self, fields: usize) -> Self {
        self.with(|options| options.max_fields = fields)
    }

    /// Sets how large the name of each field may be, in bytes: 100 by default.
    #[must_use]
    pub fn max_name_size(self, bytes: usize) -> Self {
        self.with(|options| options.max_name_size = bytes)
    }

    /// Adds a field that may have so many files. By default all fields may have files; after the first call only those that were added.
    ///
    /// ```
    /// use connect_middleware::uploads::Uploads;
    ///
    /// let uploads = Uploads::to("uploads").field("avatar", 1).field("gallery", 8);
    /// ```
    #[must_use]
    pub fn field(self, name: impl Into<String>, max_files: usize) -> Self {
        self.with(|options| options.fields.push((name.into(), max_files)))
    }

    /// Sets the types that files may have, such as `image/png` or `image/*`: by default any. What counts is the
    /// [type of the content](UploadedFile::content_type); content whose type is not known is refused too. For text, which no first
    /// bytes tell, use [`filter`](Uploads::filter).
    ///
    /// # Panics
    /// If one of them has no `/`.
    #[must_use]
    pub fn allow<T: Into<String>>(self, types: impl IntoIterator<Item = T>) -> Self {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        for name in &types {
            assert!(name.contains('/'), "`{name}` is no media type: write `image/png` or `image/*`");
        }
        self.with(|options| options.allowed = Some(types))
    }

    /// Sets a function that decides which files are taken, when the first 128 KiB have arrived or the file has ended: none by default. A
    /// file that is refused is a 415.
    ///
    /// ```
    /// use connect_middleware::uploads::Uploads;
    ///
    /// // Text has no first bytes of its own.
    /// let uploads = Uploads::to("uploads").filter(|file| file.content_type().is_none() && file.is_text());
    /// ```
    #[must_use]
    pub fn filter(self, is_taken: impl Fn(&FileStart<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|options| options.filter = Some(Arc::new(is_taken)))
    }
}

impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &*self.0;
        f.debug_struct("Uploads")
            .field("folder", &options.folder)
            .field("max_file_size", &options.max_file_size)
            .field("max_files", &options.max_files)
            .field("max_total_size", &options.max_total_size)
            .field("max_field_size", &options.max_field_size)
            .field("max_fields", &options.max_fields)
            .field("max_name_size", &options.max_name_size)
            .field("fields", &options.fields)
            .field("allowed", &options.allowed)
            .field("filter", &options.filter.is_some())
            .finish()
    }
}

impl IntoLayer for Uploads {
    type Layer = Declared<UploadsLayer, Declares<(), (Uploads,)>>;

    fn into_layer(self) -> Self::Layer {
        Declared::new(UploadsLayer(self))
    }
}

/// What [`Uploads`] becomes in a list.
#[derive(Debug)]
pub struct UploadsLayer(Uploads);

impl PlainLayer for UploadsLayer {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        req.provide(self.0.clone());
        next.pass()
    }

    fn on_startup(&self, startup: &mut Startup) {
        let folder = Arc::clone(&self.0.0.folder);
        startup.before_serving(async move {
            let path = Arc::clone(&folder);
            let prepared = sink::blocking(move || leftovers::prepare(&path)).await;
            prepared.map_err(|err| {
                let what = format!("the folder `{}` cannot take uploads", folder.display());
                Error::msg(what).with_source(err)
            })
        });
    }

    fn name(&self) -> &str {
        "Uploads"
    }
}
