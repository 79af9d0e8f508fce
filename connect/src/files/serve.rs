//! The files of a folder, as a layer.

use std::borrow::Cow;
use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{Method, StatusCode};

use super::cache::Cache;
use super::coding::Preferred;
use super::hashed::is_hashed_name;
use super::open::{Found, How, Opened, blocking, is_sent, open, open_cached, open_first, with_extension};
use super::options::{Options, YEAR, builder_methods};
use super::path::{Dotfiles, Refused, within_encoded};
use super::send::{answer, refused};
use crate::text::{encode_url, escape_html};
use crate::{Done, Layer, Next, Request, Response, Rest, Result};

// Type-erased: a dynamic call costs little beside reading a file, and a type parameter would be in the type of every
// `ServeStatic`.
type SetHeaders = Arc<dyn Fn(&mut Response, &Path, &Metadata) + Send + Sync>;
type IsImmutable = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Makes a layer that serves the files of a folder.
///
/// It answers a request if the path, below a mount the rest of it, is the name of a file in the folder. It calls `next` for
/// all others, unless [`fallthrough`](ServeStatic::fallthrough) is off. It answers for a folder with its
/// [index](ServeStatic::index), and redirects a path to a folder without the slash at its end. [`Response::send_file`] has
/// the details of how a file is sent, with its conditions and ranges.
///
/// ```
/// use connect::{app, serve_static};
/// use std::time::Duration;
///
/// let assets = serve_static("assets").max_age(Duration::from_secs(3600)).fallthrough(false);
/// let app = app!["/assets" => assets, serve_static("public").extensions(["html"])];
/// ```
///
/// The defaults and the responses are those of Express's `express.static`. Symbolic links in the folder are followed,
/// also out of it, so anyone with write access to the folder decides what is served.
///
/// # Guards
/// A layer that is mounted on the path of a folder above `serve_static` sees every request for a file in it:
///
/// ```
/// use connect::{app, middleware, serve_static, Response, Result};
///
/// #[middleware]
/// fn deny(res: &mut Response) -> Result {
///     res.send_status(403)
/// }
///
/// let app = app!["/private" => deny, serve_static("public")];
/// ```
///
/// The path is decoded once and not resolved. No file is served for the paths in this table: by default the layer calls
/// `next`, and with [`fallthrough(false)`](ServeStatic::fallthrough) it fails with the status in the last column.
///
/// | in the path | for example | status |
/// |---|---|---|
/// | an empty segment or `.` | `//a`, `/./a` | 404 |
/// | `..` | `/x/../a`, `/%2e%2e/a` | 403 |
/// | an encoded slash | `/private%2Fa` | 404 |
/// | a NUL, or bytes that are not UTF-8 or not percent-encoded | `/a%00`, `/%ff` | 400 |
/// | on Windows, a backslash, a device, a stream, a short name, a dot or space at a segment's end | `/private%5Ca`, `/nul` | 404 |
///
/// A guard on a path does not see all requests for a file in these cases:
///
/// - Reserved characters (RFC 3986, section 2.2), such as `+` and `@`, have two spellings: `/a%2Bb` is another path than
///   `/a+b`, while both name one file. Guard a folder whose name has letters, digits and `-._~`, or a folder above it. A
///   name with a space or an umlaut is safe too, percent-encoded in the mount path.
/// - If the file system ignores case, as on Windows and macOS, a request for `/PRIVATE/a` skips a mount at `/private` in a
///   list with `#![case_sensitive]`, and the file is served. In such a list the digits of `%c3` and `%C3` are compared by
///   case too. Mount guards in a list without that option, which is the default.
/// - Symbolic and hard links give a file a second path.
pub fn serve_static(folder: impl Into<PathBuf>) -> ServeStatic {
    let folder = folder.into();
    ServeStatic {
        name: format!("serve_static({})", folder.display()),
        folder,
        dotfiles: Dotfiles::default(),
        extensions: Arc::default(),
        fallthrough: true,
        index: Arc::new(["index.html".to_owned()]),
        redirect: true,
        set_headers: None,
        precompressed: false,
        cache: None,
        immutable_if: None,
        options: Options::default(),
    }
}

/// The layer that [`serve_static`] makes; its methods are the options.
#[derive(Clone)]
pub struct ServeStatic {
    name: String,
    folder: PathBuf,
    dotfiles: Dotfiles,
    extensions: Arc<[String]>,
    fallthrough: bool,
    index: Arc<[String]>,
    redirect: bool,
    set_headers: Option<SetHeaders>,
    precompressed: bool,
    /// Shared by the clones.
    cache: Option<Arc<Cache>>,
    immutable_if: Option<IsImmutable>,
    options: Options,
}

impl ServeStatic {
    /// Sets what happens to a path with a name in it that begins with a dot: [`Dotfiles::Ignore`] by default.
    ///
    /// ```
    /// use connect::{serve_static, Dotfiles};
    ///
    /// // Serves `.well-known` (RFC 8615).
    /// let files = serve_static("public").dotfiles(Dotfiles::Allow);
    /// ```
    #[must_use]
    pub fn dotfiles(mut self, dotfiles: Dotfiles) -> Self {
        self.dotfiles = dotfiles;
        self
    }

    /// Sets the extensions to try, in this order and without their dot: none by default.
    ///
    /// They are tried if a name without an extension is not that of a file: with `["html"]`, `about.html` answers for
    /// `/about`.
    ///
    /// ```
    /// let pages = connect::serve_static("public").extensions(["html", "htm"]);
    /// ```
    #[must_use]
    pub fn extensions<S: Into<String>>(mut self, extensions: impl IntoIterator<Item = S>) -> Self {
        self.extensions = extensions.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether the layer calls `next` for a request that it cannot answer: on by default.
    ///
    /// If off, it fails with status 404 if there is no such file and 403 or 400 for paths that it refuses, and answers 405
    /// to a method other than GET and HEAD.
    ///
    /// ```
    /// use connect::{app, serve_static};
    ///
    /// let app = app!["/assets" => serve_static("assets").fallthrough(false)];
    /// ```
    #[must_use]
    pub fn fallthrough(mut self, on: bool) -> Self {
        self.fallthrough = on;
        self
    }

    /// Sets the names of the file that answers for a folder, in the order to try: `["index.html"]` by default. With an empty
    /// list, `[""; 0]`, no file answers for a folder.
    ///
    /// ```
    /// let files = connect::serve_static("public").index(["index.html", "index.htm"]);
    /// ```
    #[must_use]
    pub fn index<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.index = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether a path to a folder without the slash at its end is redirected to the path with it: on by default.
    ///
    /// ```
    /// let files = connect::serve_static("public").redirect(false);
    /// ```
    #[must_use]
    pub fn redirect(mut self, on: bool) -> Self {
        self.redirect = on;
        self
    }

    /// Sets a function that is called for each file before its headers are set, so the headers that it sets stay: none by
    /// default.
    ///
    /// ```
    /// use connect::serve_static;
    ///
    /// let files = serve_static("public").set_headers(|res, path, _metadata| {
    ///     if path.extension().is_some_and(|extension| extension == "wasm") {
    ///         res.set("cross-origin-embedder-policy", "require-corp");
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn set_headers(
        mut self,
        function: impl Fn(&mut Response, &Path, &Metadata) + Send + Sync + 'static,
    ) -> Self {
        self.set_headers = Some(Arc::new(function));
        self
    }

    /// Serves files that were compressed beforehand: off by default.
    ///
    /// Beside `app.js` may lie `app.js.br`, `app.js.zst` and `app.js.gz`. The one that `Accept-Encoding` prefers is sent
    /// in place of `app.js`; of equal ones Brotli before Zstandard before gzip, and all of them before the file itself. Its
    /// `Content-Type` is that of `app.js`, its `ETag` is its own, and ranges are ranges of its bytes; `If-Range` with a
    /// date, which does not tell the representations apart, gets the whole. Every response has `Vary: Accept-Encoding`,
    /// also a 304.
    ///
    /// A sidecar is ignored without its original, if it is older than it, if it is empty or if it cannot be read: compress
    /// under another name and rename. A request for `/app.js.br` itself gets that file as it is.
    ///
    /// It is an option since each request asks the file system for up to three more names; with a [`cache`](Self::cache)
    /// too, so that a sidecar that is added or removed is noticed at once.
    ///
    /// ```
    /// let assets = connect::serve_static("assets").precompressed();
    /// ```
    #[must_use]
    pub fn precompressed(mut self) -> Self {
        self.precompressed = true;
        self
    }

    /// Keeps files in memory, up to this number of bytes in all: no cache by default. A file may have an eighth of them;
    /// longer ones are read from the disk.
    ///
    /// The cache follows the disk. Before a file is sent from memory, its length and its modification time (on Unix its
    /// inode and its time of change too) are compared with those on the disk, so a file that was replaced is sent at once
    /// and one that was deleted no more. A file that changed within the last 2 seconds is sent, but not kept.
    ///
    /// The `ETag` of a file that may be kept is a hash of its content, and so the same on several machines and after a
    /// deployment or a rollback that changes only dates.
    ///
    /// That comparison runs on the thread of the connection, which is what makes the cache fast. On a network file system,
    /// where it may take long, leave the cache off.
    ///
    /// ```
    /// let assets = connect::serve_static("assets").cache(64 * 1024 * 1024);
    /// ```
    #[must_use]
    pub fn cache(mut self, bytes: usize) -> Self {
        self.cache = Some(Arc::new(Cache::new(bytes, bytes / 8)));
        self
    }

    /// Marks files as immutable whose names have a hash of the content in them, by [`is_hashed_name`]: off by default. They
    /// get `Cache-Control: public, max-age=31536000, immutable`, and the others what the other options say.
    ///
    /// ```
    /// // `index.html` is revalidated, `app.3f9a1c2b.js` is not.
    /// let site = connect::serve_static("dist").immutable_hashed();
    /// ```
    #[must_use]
    pub fn immutable_hashed(self) -> Self {
        self.immutable_if(is_hashed_name)
    }

    /// Marks files as immutable whose names a function recognises, as [`immutable_hashed`](Self::immutable_hashed) does:
    /// none by default. It gets the name without the folder.
    ///
    /// ```
    /// let site = connect::serve_static("dist").immutable_if(|name| name.starts_with("v1-"));
    /// ```
    #[must_use]
    pub fn immutable_if(mut self, is_immutable: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.immutable_if = Some(Arc::new(is_immutable));
        self
    }

    builder_methods!();

    /// How a request's file is opened.
    fn how(&self, req: &Request) -> How {
        let precompressed = self.precompressed.then(|| Preferred::of(req.headers()));
        How { read: is_sent(req), precompressed, cache: self.cache.clone() }
    }

    /// What is in memory of the file, or of the index of the folder.
    fn look_up_cached(&self, file: &Path, is_folder: bool, how: &How) -> Option<Found> {
        let opened = if is_folder {
            open_cached(&file.join(self.index.first()?), how)
        } else {
            open_cached(file, how)
        };
        opened.map(Found::File)
    }

    /// Finds the file on the disk.
    fn look_up(
        &self,
        file: PathBuf,
        is_folder: bool,
        how: How,
    ) -> impl FnOnce() -> io::Result<Found> + Send + 'static {
        let (index, extensions) = (Arc::clone(&self.index), Arc::clone(&self.extensions));
        move || {
            if is_folder {
                return open_first(index.iter().map(|name| file.join(name)), &how);
            }
            match open(file.clone(), &how)? {
                Found::Nothing if file.extension().is_none() => {
                    let names = extensions.iter().map(|extension| with_extension(&file, extension));
                    open_first(names, &how)
                }
                found => Ok(found),
            }
        }
    }

    /// The options for a file, by its name.
    fn options_of(&self, opened: &Opened) -> Cow<'_, Options> {
        let name = opened.path.file_name().and_then(|name| name.to_str());
        match (&self.immutable_if, name) {
            (Some(is_immutable), Some(name)) if is_immutable(name) => {
                Cow::Owned(Options { immutable: true, max_age: YEAR, ..self.options.clone() })
            }
            _ => Cow::Borrowed(&self.options),
        }
    }

    /// Calls `next` for a path that is not looked up, or fails.
    fn skip_or_fail(&self, why: Refused) -> Result<Option<Done>> {
        if self.fallthrough { Ok(None) } else { Err(refused(why)) }
    }

    /// Answers, or leaves the request to the next layer. It does not have the type of `next`, and so is compiled once.
    async fn serve(&self, req: &Request, res: &mut Response) -> Result<Option<Done>> {
        if req.method() != Method::GET && req.method() != Method::HEAD {
            if self.fallthrough {
                return Ok(None);
            }
            let allowed = HeaderValue::from_static("GET, HEAD");
            return res.status(405).set(header::ALLOW, allowed).end("").map(Some);
        }
        let path = match req.path() {
            // The slash of a mount's root may be the mount's and not the client's.
            "/" if !req.original_uri().path().ends_with('/') => "",
            path => path,
        };
        let file = match within_encoded(&self.folder, path, self.dotfiles) {
            Ok(file) => file,
            Err(why) => return self.skip_or_fail(why),
        };
        let (is_folder, how) = (path.ends_with('/'), self.how(req));
        let found = match self.look_up_cached(&file, is_folder, &how) {
            Some(found) => found,
            None => blocking(self.look_up(file, is_folder, how)).await?,
        };
        match found {
            Found::File(opened) => {
                let options = self.options_of(&opened);
                let set_headers = |res: &mut Response, path: &Path, metadata: &Metadata| {
                    if let Some(function) = &self.set_headers {
                        function(res, path, metadata);
                    }
                };
                answer(res, req, opened, &options, set_headers).await.map(Some)
            }
            // A layer may have rewritten the path: if the client's path has the slash already, a redirect would loop.
            Found::Folder if self.redirect && !req.original_uri().path().ends_with('/') => {
                redirect(req, res).map(Some)
            }
            Found::Folder | Found::Nothing => self.skip_or_fail(Refused::Hidden),
        }
    }
}

impl Layer for ServeStatic {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        match self.serve(req, res).await? {
            Some(done) => Ok(done),
            None => next.pass(),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Redirects to the same path with a slash at its end, with the response of Express's `express.static`.
fn redirect(req: &Request, res: &mut Response) -> Result {
    let uri = req.original_uri();
    // Two leading slashes would name another host, and to a browser a backslash is a slash.
    let path = uri.path().trim_start_matches(['/', '\\']);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("/{path}/{query}");
    let location = encode_url(&location);
    let text = escape_html(&location);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Redirecting</title>\n</head>\n\
         <body>\n<pre>Redirecting to {text}</pre>\n</body>\n</html>\n"
    );
    res.status(StatusCode::MOVED_PERMANENTLY)
        .set(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"))
        .set(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"))
        .set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        .set(header::LOCATION, &*location)
        .end(page)
}

impl fmt::Debug for ServeStatic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeStatic")
            .field("folder", &self.folder)
            .field("dotfiles", &self.dotfiles)
            .field("extensions", &self.extensions)
            .field("fallthrough", &self.fallthrough)
            .field("index", &self.index)
            .field("redirect", &self.redirect)
            .field("precompressed", &self.precompressed)
            .field("cache", &self.cache.is_some())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
