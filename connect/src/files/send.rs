//! One file as a response: its headers, conditions and ranges.

use std::fs::{File, Metadata};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};

use super::body::{CHUNK, FileBody, read_part};
use super::open::{Found, Opened, blocking, find, open};
use super::options::{Options, builder_methods, etag};
use super::parts::{MOST, Parts};
use super::path::{Dotfiles, Refused, within};
use crate::conditional::{date_value, is_fresh, is_precondition_failed, is_range_current};
use crate::ranges::{combined, satisfiable};
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
    match find(req, move || open(path)).await? {
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
    add_headers(res, &opened, options);
    let answered = answer_with_part(res, req, *opened, options).await;
    if let Err(err) = &answered {
        // These describe the file, and not the page of the error.
        for name in [header::CONTENT_TYPE, header::ETAG, header::LAST_MODIFIED] {
            res.remove(name.as_str());
        }
        if err.status().is_server_error() {
            res.remove(header::CACHE_CONTROL.as_str());
        }
    }
    answered
}

async fn answer_with_part(res: &mut Response, req: &Request, opened: Opened, options: &Options) -> Result {
    let length = opened.metadata.len();
    let (part, first) = match plan(req, res, length, options)? {
        Plan::Fresh => {
            let done = res.finish(Body::empty());
            res.not_modified();
            return Ok(done);
        }
        Plan::Whole => (length, 0),
        Plan::Part { first, last } => {
            let content_range = format!("bytes {first}-{last}/{length}");
            res.status(StatusCode::PARTIAL_CONTENT).set(header::CONTENT_RANGE, content_range);
            (last - first + 1, first)
        }
        Plan::Parts(ranges) => {
            let parts = Parts::new(&ranges, length, res.headers().get(header::CONTENT_TYPE));
            res.status(StatusCode::PARTIAL_CONTENT).set(header::CONTENT_TYPE, parts.content_type.clone());
            return Ok(res.finish(Body::new(FileBody::of_parts(opened.file, parts))));
        }
    };
    if req.method() == Method::HEAD {
        res.set(header::CONTENT_LENGTH, part);
        return Ok(res.finish(Body::empty()));
    }
    let body = match opened.content {
        Some(content) if part == length => content.into(),
        _ => body(opened.file, first, part).await?,
    };
    Ok(res.finish(body))
}

async fn body(mut file: File, first: u64, length: u64) -> Result<Body> {
    if length == 0 {
        return Ok(Body::empty());
    }
    if length <= CHUNK {
        return Ok(blocking(move || read_part(&mut file, first, length)).await?.into());
    }
    Ok(Body::new(FileBody::new(file, first, length)))
}

fn add_headers(res: &mut Response, opened: &Opened, options: &Options) {
    // Compiled once, and not for each value: the virtual call costs little beside sending a file.
    let mut add = |name: HeaderName, value: &mut dyn FnMut() -> Option<HeaderValue>| {
        if !res.headers().contains_key(&name)
            && let Some(value) = value()
        {
            res.set(name, value);
        }
    };
    if options.accept_ranges {
        add(header::ACCEPT_RANGES, &mut || Some(HeaderValue::from_static("bytes")));
    }
    if options.cache_control {
        add(header::CACHE_CONTROL, &mut || Some(options.cache_control()));
    }
    if options.last_modified {
        add(header::LAST_MODIFIED, &mut || date_value(opened.metadata.modified().ok()?));
    }
    if options.etag {
        add(header::ETAG, &mut || etag(&opened.metadata, SystemTime::now()));
    }
    add(header::CONTENT_TYPE, &mut || {
        let extension = opened.path.extension().and_then(|extension| extension.to_str());
        Some(type_of_extension(extension.unwrap_or("")))
    });
}

/// The part of a file that is sent.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Whole,
    /// Nothing: the client has the file already.
    Fresh,
    /// One range; both ends are included.
    Part {
        first: u64,
        last: u64,
    },
    /// Several ranges, in order and apart from each other.
    Parts(Vec<RangeInclusive<u64>>),
}

/// Checks the conditions and ranges of a request, in the order of RFC 9110, section 13.2.2.
fn plan(req: &Request, res: &Response, length: u64, options: &Options) -> Result<Plan> {
    let reads = req.method() == Method::GET || req.method() == Method::HEAD;
    if !reads || res.status_code() != StatusCode::OK {
        return Ok(Plan::Whole);
    }
    if is_precondition_failed(req.headers(), res.headers()) {
        return Err(Error::new(412, "the file does not meet the conditions of the request"));
    }
    if is_fresh(req.headers(), res.headers()) {
        return Ok(Plan::Fresh);
    }
    // Ranges are for GET alone (RFC 9110, section 14.2).
    if !options.accept_ranges || req.method() != Method::GET {
        return Ok(Plan::Whole);
    }
    let Some(range) = req.header("range").filter(|_| is_range_current(req.headers(), res.headers())) else {
        return Ok(Plan::Whole);
    };
    // A malformed header is ignored, as in Express, and so is one with too many ranges.
    match satisfiable(range, length).map(combined) {
        Some(ranges) => match ranges[..] {
            [] => Err(Error::new(416, "the file has no such range")
                .with_header(header::CONTENT_RANGE, format!("bytes */{length}"))),
            [ref range] => Ok(Plan::Part { first: *range.start(), last: *range.end() }),
            [..] if ranges.len() <= MOST => Ok(Plan::Parts(ranges)),
            [..] => Ok(Plan::Whole),
        },
        None => Ok(Plan::Whole),
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Plan, plan};
    use crate::{Request, Response};

    fn planned(method: &str, range: &str, length: u64) -> Result<Plan, u16> {
        let req = http::Request::builder().method(method).header("range", range).body("").unwrap();
        plan(&Request::from(req), &Response::new(), length, &Options::default())
            .map_err(|err| err.status().as_u16())
    }

    #[test]
    fn a_single_range_is_cut_to_the_file() {
        for (range, plan) in [
            ("bytes=0-4", Ok(Plan::Part { first: 0, last: 4 })),
            ("bytes=5-", Ok(Plan::Part { first: 5, last: 9 })),
            ("bytes=-3", Ok(Plan::Part { first: 7, last: 9 })),
            ("bytes=-99", Ok(Plan::Part { first: 0, last: 9 })),
            ("bytes=9-99999999999", Ok(Plan::Part { first: 9, last: 9 })),
            ("bytes=10-", Err(416)),
            ("bytes=5-4", Err(416)),
            ("bytes=-0", Err(416)),
            ("bytes=10-,-0,20-30", Err(416)),
            ("bytes=4-5,0-1", Ok(Plan::Parts(vec![0..=1, 4..=5]))),
            ("bytes=4-5, 0-2,2-3", Ok(Plan::Part { first: 0, last: 5 })),
            ("bytes=20-, 4-5", Ok(Plan::Part { first: 4, last: 5 })),
            ("bytes=a-b", Ok(Plan::Whole)),
            ("bytes=18446744073709551616-", Ok(Plan::Whole)),
            ("lines=0-4", Ok(Plan::Whole)),
            ("", Ok(Plan::Whole)),
        ] {
            assert_eq!(planned("GET", range, 10), plan, "{range}");
        }
        let several =
            |count: u64| (0..count).map(|n| format!("{0}-{0}", 2 * n)).collect::<Vec<_>>().join(",");
        assert!(
            matches!(planned("GET", &format!("bytes={}", several(16)), 99), Ok(Plan::Parts(all)) if all.len() == 16)
        );
        assert_eq!(planned("GET", &format!("bytes={}", several(17)), 99), Ok(Plan::Whole));
        assert_eq!(planned("GET", "bytes=0-", 0), Err(416));
        assert_eq!(planned("HEAD", "bytes=0-4", 10), Ok(Plan::Whole));
        assert_eq!(planned("POST", "bytes=99-", 10), Ok(Plan::Whole));
    }
}
