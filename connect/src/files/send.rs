//! One file as a response.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::body::{CHUNK, FileBody, part_of, read_part};
use super::content::{Content, Source, Start, forget, start};
use super::open::{Found, How, Opened, blocking, is_sent, open};
use super::options::{Options, builder_methods};
use super::path::{Dotfiles, Refused, within};
use crate::response::type_of_extension;
use crate::{Body, Error, Request, Response, Result};

/// A file to send with [`Response::send_file`] or [`Response::download`], and the options of its headers.
///
/// Both also take a path alone, which converts into one with the defaults.
///
/// ```
/// use std::time::Duration;
/// use connect::{get, Request, Response, Result, SendFile};
///
/// #[get("/font")]
/// async fn font(req: &Request, res: &mut Response) -> Result {
///     let day = Duration::from_secs(24 * 60 * 60);
///     res.send_file(req, SendFile::new("assets/font.woff2").max_age(day).immutable(true)).await
/// }
/// # let _ = connect::app![font];
/// ```
#[derive(Debug, Clone)]
pub struct SendFile {
    path: PathBuf,
    /// A name in a folder, which is checked before the file is opened.
    name: Option<String>,
    dotfiles: Dotfiles,
    options: Options,
}

impl SendFile {
    /// Uses the file at a path that the program itself has chosen. A relative path starts at the current directory.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        SendFile { path: path.into(), name: None, dotfiles: Dotfiles::default(), options: Options::default() }
    }

    /// Uses the file of a name in a folder. The name may come from a client: it cannot lead out of the folder.
    ///
    /// The name is decoded already, as a parameter of a route is. It may have folders in it, because a client can write a
    /// slash in a parameter as `%2F`: to protect a folder in there, check the name itself, and do not rely on a mount on its
    /// path.
    ///
    /// | in the name | status |
    /// |---|---|
    /// | `..` | 403 |
    /// | a NUL | 400 |
    /// | empty parts or `.` | 404 |
    /// | a dotfile | 404 by default, see [`dotfiles`](SendFile::dotfiles) |
    ///
    /// Symbolic links in the folder are followed, wherever they lead.
    ///
    /// ```
    /// use connect::{get, Request, Response, Result, SendFile};
    ///
    /// #[get("/avatars/:name")]
    /// async fn avatar(name: String, req: &Request, res: &mut Response) -> Result {
    ///     res.send_file(req, SendFile::within("uploads/avatars", &name)).await
    /// }
    /// # let _ = connect::app![avatar];
    /// ```
    pub fn within(folder: impl Into<PathBuf>, name: &str) -> Self {
        SendFile { name: Some(name.to_owned()), ..SendFile::new(folder) }
    }

    /// Sets what happens to a dotfile: [`Dotfiles::Ignore`] by default. It applies to a name [within](SendFile::within) a
    /// folder.
    ///
    /// ```
    /// use connect::{Dotfiles, SendFile};
    ///
    /// let file = SendFile::within("home", ".profile").dotfiles(Dotfiles::Allow);
    /// ```
    #[must_use]
    pub fn dotfiles(mut self, dotfiles: Dotfiles) -> Self {
        self.dotfiles = dotfiles;
        self
    }

    builder_methods!();

    /// The path, or the name in a folder.
    pub(crate) fn path(&self) -> &Path {
        self.name.as_ref().map_or(&self.path, Path::new)
    }
}

macro_rules! from_path {
    ($($ty:ty),*) => { $(
        impl From<$ty> for SendFile {
            fn from(path: $ty) -> Self {
                SendFile::new(path)
            }
        }
    )* };
}
from_path!(&str, String, &String, &Path, PathBuf, &PathBuf);

/// Answers with a file.
pub(crate) async fn file(res: &mut Response, req: &Request, file: SendFile) -> Result {
    let path = match &file.name {
        None => file.path,
        Some(name) => within(&file.path, name, file.dotfiles).map_err(refused)?,
    };
    let how = How { read: is_sent(req), ..How::default() };
    match blocking(move || open(path, &how)).await? {
        Found::File(opened) => answer(res, req, opened, &file.options, |_, _, _| {}).await,
        Found::Folder | Found::Nothing => Err(missing()),
    }
}

fn missing() -> Error {
    Error::new(404, "there is no such file")
}

pub(super) fn refused(why: Refused) -> Error {
    match why {
        Refused::Malformed => Error::new(400, "the path is malformed"),
        Refused::Forbidden => Error::new(403, "this path is forbidden"),
        Refused::Hidden | Refused::Alias => missing(),
    }
}

/// Answers with a file that was found. `set_headers` comes first, so that what it sets stays.
pub(super) async fn answer(
    res: &mut Response,
    req: &Request,
    opened: Box<Opened>,
    options: &Options,
    set_headers: impl FnOnce(&mut Response, &Path, &Metadata),
) -> Result {
    res.begin()?;
    set_headers(res, &opened.path, &opened.metadata);
    // A header that it set may be malformed.
    res.begin()?;
    let answered = answer_with_part(res, req, *opened, options).await;
    if let Err(err) = &answered {
        forget(res, err);
    }
    answered
}

async fn answer_with_part(res: &mut Response, req: &Request, opened: Opened, options: &Options) -> Result {
    let extension = opened.path.extension().and_then(|extension| extension.to_str());
    let content = Content {
        length: opened.length,
        etag: opened.etag,
        last_modified: opened.last_modified,
        content_type: type_of_extension(extension.unwrap_or("")),
        coding: opened.coding,
        varies: opened.varies,
    };
    let (first, length) = match start(res, req, content, options)? {
        Start::Done(done) => return Ok(done),
        Start::Part { first, length } => (first, length),
        Start::Parts(parts) => return Ok(res.finish(Body::new(FileBody::of_parts(opened.source, parts)))),
    };
    let body = match opened.source {
        Source::Bytes(bytes) => part_of(&bytes, first, length).into(),
        Source::File(_) if length == 0 => Body::empty(),
        Source::File(mut file) if length <= CHUNK => {
            blocking(move || read_part(&mut file, first, length)).await?.into()
        }
        source => Body::new(FileBody::new(source, first, length)),
    };
    Ok(res.finish(body))
}
