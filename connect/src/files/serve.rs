//! The files of a folder, as a layer.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::header::{self, HeaderValue};
use http::{Method, StatusCode};

use super::open::{Found, find, open, open_first, with_extension};
use super::options::{Options, builder_methods};
use super::path::{Dotfiles, Refused, within_encoded};
use super::send::{answer, refused};
use crate::text::{encode_url, escape_html};
use crate::{Done, Layer, Next, Request, Response, Rest, Result};

// A call beside the reading of a file; a parameter for it would be in the type of every `ServeStatic`.
type SetHeaders = Arc<dyn Fn(&mut Response, &Path, &Metadata) + Send + Sync>;

/// Serves the files of a folder: a layer, to be mounted or not.
///
/// A request is answered if the rest of its path is the name of a file in there; everything else goes on to the next
/// layer, unless [`fallthrough`](ServeStatic::fallthrough) is off. A folder is answered with its
/// [index](ServeStatic::index), and a path to it without the slash at the end is redirected. How a file is sent, with
/// its conditions and ranges, is told at [`Response::send_file`].
///
/// ```
/// use connect::{app, serve_static};
/// use std::time::Duration;
///
/// let assets = serve_static("assets").max_age(Duration::from_secs(3600)).fallthrough(false);
/// let app = app!["/assets" => assets, serve_static("public").extensions(["html"])];
/// ```
///
/// The defaults, and what is answered, are those of Express's `express.static` (rows 204 to 207). Links in the folder are
/// followed, also out of it: who may write there decides what is served.
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
/// The path is decoded once and not resolved. A request is not answered with a file, but goes on to the next layer or is an
/// error as [`fallthrough`](ServeStatic::fallthrough) says, if its path has
///
/// | in the path | for example | the error is |
/// |---|---|---|
/// | an empty segment or `.` | `//a`, `/./a` | 404 |
/// | `..` | `/x/../a`, `/%2e%2e/a` | 403 |
/// | an encoded slash | `/private%2Fa` | 404 |
/// | a NUL, or bytes that are not UTF-8 or not encoded | `/a%00`, `/%ff` | 400 |
/// | on Windows, a backslash, a device, a stream, a short name, a dot or space at a segment's end | `/private%5Ca`, `/nul` | 404 |
///
/// What a guard on a path cannot know:
///
/// - Reserved characters (RFC 3986, section 2.2), such as `+` and `@`, are spelled in two ways, and `/a%2Bb` is another path
///   than `/a+b`, while both name one file. Guard a folder whose name has letters, digits and `-._~`, or a folder above
///   it; a name with a space or an umlaut is safe too, written percent-encoded in the mount path.
/// - Where the file system ignores case, as on Windows and macOS, a list with `#![case_sensitive]` lets `/PRIVATE/a` by a mount at
///   `/private`, and the file is served. There the digits of `%c3` and `%C3` are compared by case too. Mount guards in a
///   list without that option, which is the default.
/// - Links give a file a second path.
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
        options: Options::default(),
    }
}

/// What [`serve_static`] makes; its methods are the options.
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
    options: Options,
}

impl ServeStatic {
    /// What becomes of a path with a name in it that begins with a dot: it is ignored by default.
    ///
    /// ```
    /// use connect::{serve_static, Dotfiles};
    ///
    /// // What `.well-known` is for (RFC 8615).
    /// let files = serve_static("public").dotfiles(Dotfiles::Allow);
    /// ```
    #[must_use]
    pub fn dotfiles(mut self, dotfiles: Dotfiles) -> Self {
        self.dotfiles = dotfiles;
        self
    }

    /// Extensions to try, in this order and without their dot, where there is no file of a name that has none: with
    /// `["html"]`, `/about` is answered with `about.html`. None by default.
    ///
    /// ```
    /// let pages = connect::serve_static("public").extensions(["html", "htm"]);
    /// ```
    #[must_use]
    pub fn extensions<S: Into<String>>(mut self, extensions: impl IntoIterator<Item = S>) -> Self {
        self.extensions = extensions.into_iter().map(Into::into).collect();
        self
    }

    /// Whether what cannot be answered goes on to the next layer, as it does by default.
    ///
    /// If not, it is an error: 404 where there is no such file, 403 and 400 for paths that are refused; and a method
    /// other than GET and HEAD is answered with 405.
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

    /// The names of the file that answers for a folder, in this order: `["index.html"]` by default. With none of
    /// them, `[""; 0]`, folders are not answered.
    ///
    /// ```
    /// let files = connect::serve_static("public").index(["index.html", "index.htm"]);
    /// ```
    #[must_use]
    pub fn index<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.index = names.into_iter().map(Into::into).collect();
        self
    }

    /// Whether a path to a folder that lacks the slash at its end is redirected there, as it is by default.
    ///
    /// ```
    /// let files = connect::serve_static("public").redirect(false);
    /// ```
    #[must_use]
    pub fn redirect(mut self, on: bool) -> Self {
        self.redirect = on;
        self
    }

    /// Calls a function for each file that is found, before anything else is set: what it sets stays.
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

    builder_methods!();

    /// Looks for what a path means.
    fn look_up(&self, path: &str) -> Result<impl FnOnce() -> io::Result<Found> + Send + 'static, Refused> {
        let file = within_encoded(&self.folder, path, self.dotfiles)?;
        let (index, extensions) = (Arc::clone(&self.index), Arc::clone(&self.extensions));
        let is_folder = path.ends_with('/');
        Ok(move || {
            if is_folder {
                return open_first(index.iter().map(|name| file.join(name)));
            }
            match open(file.clone())? {
                Found::Nothing if file.extension().is_none() => {
                    open_first(extensions.iter().map(|extension| with_extension(&file, extension)))
                }
                found => Ok(found),
            }
        })
    }

    /// What is done with a path that is not looked for.
    fn give_up(&self, why: Refused) -> Result<Option<Done>> {
        if self.fallthrough { Ok(None) } else { Err(refused(why)) }
    }

    /// Answers, or leaves it to the next layer. It knows nothing of that one, and so is compiled once.
    async fn serve(&self, req: &Request, res: &mut Response) -> Result<Option<Done>> {
        if req.method() != Method::GET && req.method() != Method::HEAD {
            if self.fallthrough {
                return Ok(None);
            }
            let allowed = HeaderValue::from_static("GET, HEAD");
            return res.status(405).set(header::ALLOW, allowed).end("").map(Some);
        }
        let path = match req.path() {
            // The slash of a mount's root may be ours and not the client's.
            "/" if !req.original_uri().path().ends_with('/') => "",
            path => path,
        };
        let look_up = match self.look_up(path) {
            Ok(look_up) => look_up,
            Err(why) => return self.give_up(why),
        };
        match find(req, look_up).await? {
            Found::File(opened) => {
                let set_headers = |res: &mut Response, path: &Path, metadata: &Metadata| {
                    if let Some(function) = &self.set_headers {
                        function(res, path, metadata);
                    }
                };
                answer(res, req, opened, &self.options, set_headers).await.map(Some)
            }
            // A layer may have rewritten the path: what the client asked for has the slash, and one more would not help.
            Found::Folder if self.redirect && !req.original_uri().path().ends_with('/') => {
                redirect(req, res).map(Some)
            }
            Found::Folder | Found::Nothing => self.give_up(Refused::Hidden),
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

/// Row 204: the same place with a slash at its end.
fn redirect(req: &Request, res: &mut Response) -> Result {
    let uri = req.original_uri();
    // Two slashes in front would be another host, and to a browser a backslash is a slash.
    let path = uri.path().trim_start_matches(['/', '\\']);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let place = format!("/{path}/{query}");
    let place = encode_url(&place);
    let text = escape_html(&place);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Redirecting</title>\n</head>\n\
         <body>\n<pre>Redirecting to {text}</pre>\n</body>\n</html>\n"
    );
    res.status(StatusCode::MOVED_PERMANENTLY)
        .set(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"))
        .set(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"))
        .set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        .set(header::LOCATION, &*place)
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
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
