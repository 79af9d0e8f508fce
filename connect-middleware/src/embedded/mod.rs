//! Files in the binary: the folder of a site is compiled into the program, which then serves it without a disk.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::embedded::serve_embedded;
//!
//! #[get("/api/time")]
//! fn time() -> &'static str {
//!     "late"
//! }
//!
//! // The folder beside `Cargo.toml`.
//! let site = serve_embedded!("tests/embedded_site").immutable_hashed();
//! let app = app![time, site];
//! ```
//!
//! The macro reads the folder when the program is built. A request costs one binary search, and the response is sent from
//! the binary without a copy. Files and folders whose names begin with a dot are left out; links are followed.
//!
//! A release build has each file also in Brotli and gzip, where that is shorter, and a debug build only the file itself, so
//! that `cargo check` and debug builds stay fast. The best quality of Brotli is used for up to 1 MB in all, and quality 9
//! for more. Cargo does not optimize macros, even in a release build: for a large site, let it do so in `Cargo.toml`:
//!
//! ```toml
//! [profile.release.build-override]
//! opt-level = 3
//! ```
//!
//! Cargo builds the program again when a file changes or is removed. It does not notice a file that is added: with
//! `println!("cargo::rerun-if-changed=site");` in a `build.rs` it does.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`index`](ServeEmbedded::index) | names | `["index.html"]` | the file that answers for a folder |
//! | [`extensions`](ServeEmbedded::extensions) | extensions | none | tried for a name without one |
//! | [`redirect`](ServeEmbedded::redirect) | `bool` | `true` | a path to a folder without its slash is redirected |
//! | [`fallthrough`](ServeEmbedded::fallthrough) | `bool` | `true` | `next` is called if there is no such file |
//! | [`max_age`](ServeEmbedded::max_age) | seconds of a `Duration` | 0 | `Cache-Control` |
//! | [`immutable_hashed`](ServeEmbedded::immutable_hashed) | | off | a year for names with a hash in them |
//! | [`immutable_if`](ServeEmbedded::immutable_if) | function of a name | none | a year for those that it recognises |
//!
//! To serve the files below a path, mount the layer: `app!["/assets" => serve_embedded!("dist/assets")]`.
//!
//! # Needs and provides
//! Nothing.
//!
//! # What goes wrong
//! A folder that is missing, or a file that cannot be read, is an error when the program is built. For a path that names no
//! file the layer calls `next`, and with `fallthrough(false)` it fails with 404; a method other than GET and HEAD with 405.
//! Conditions that do not hold are a 412, ranges beyond the end a 416.
//!
//! # Differences from Express
//! `express.static` has no such mode. The responses are those of [`connect::serve_static`], but without `Last-Modified`,
//! since a build's dates say nothing: the strong `ETag` of each representation is a hash of its content.

mod files;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use connect::http::{Method, StatusCode, header};
use connect::{
    Coding, Error, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result, SendBytes, is_hashed_name,
};
pub use connect_middleware_macros::serve_embedded;
use percent_encoding::percent_decode_str;

pub use files::EmbeddedFile;
use files::{Found, find};

/// For how long a file may be used that never changes.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

// A function of the user: a type parameter would be in the type of every list.
type IsImmutable = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Serves the files of a folder from the binary. [`serve_embedded!`](serve_embedded) makes it.
#[derive(Clone)]
pub struct ServeEmbedded {
    folder: &'static str,
    files: &'static [EmbeddedFile],
    index: Vec<String>,
    extensions: Vec<String>,
    redirect: bool,
    fallthrough: bool,
    max_age: Duration,
    immutable_if: Option<IsImmutable>,
}

impl ServeEmbedded {
    /// Serves files that are sorted by their names.
    #[doc(hidden)]
    #[must_use]
    pub fn new(folder: &'static str, files: &'static [EmbeddedFile]) -> Self {
        ServeEmbedded {
            folder,
            files,
            index: vec!["index.html".to_owned()],
            extensions: Vec::new(),
            redirect: true,
            fallthrough: true,
            max_age: Duration::ZERO,
            immutable_if: None,
        }
    }

    /// Sets the names of the file that answers for a folder, in the order to try: `["index.html"]` by default.
    #[must_use]
    pub fn index<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.index = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the extensions to try for a name without one, in this order and without their dot: none by default.
    #[must_use]
    pub fn extensions<S: Into<String>>(mut self, extensions: impl IntoIterator<Item = S>) -> Self {
        self.extensions = extensions.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether a path to a folder without the slash at its end is redirected to the path with it: on by default.
    #[must_use]
    pub fn redirect(mut self, on: bool) -> Self {
        self.redirect = on;
        self
    }

    /// Sets whether the layer calls `next` for a request that it cannot answer: on by default. If off, it fails with 404, or
    /// with 405 for a method other than GET and HEAD.
    #[must_use]
    pub fn fallthrough(mut self, on: bool) -> Self {
        self.fallthrough = on;
        self
    }

    /// Sets for how long a client may use a file without revalidating it, in whole seconds: 0 by default.
    #[must_use]
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = time;
        self
    }

    /// Marks files as immutable whose names have a hash of the content in them, by [`is_hashed_name`]: off by default. They
    /// get `Cache-Control: public, max-age=31536000, immutable`.
    #[must_use]
    pub fn immutable_hashed(self) -> Self {
        self.immutable_if(is_hashed_name)
    }

    /// Marks files as immutable whose names a function recognises: none by default. It gets the name without the folder.
    #[must_use]
    pub fn immutable_if(mut self, is_immutable: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.immutable_if = Some(Arc::new(is_immutable));
        self
    }

    fn content_of(&self, file: &'static EmbeddedFile) -> SendBytes {
        let name = file.name.rsplit('/').next().unwrap_or(file.name);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let mut typed = Response::new();
        typed.content_type(extension);
        let content_type = typed.headers().get(header::CONTENT_TYPE).cloned();
        let unknown = header::HeaderValue::from_static("application/octet-stream");
        let mut content = SendBytes::new(Bytes::from_static(file.bytes), content_type.unwrap_or(unknown));
        for (coding, bytes) in [(Coding::Brotli, file.brotli), (Coding::Gzip, file.gzip)] {
            if let Some(bytes) = bytes {
                content = content.coded(coding, Bytes::from_static(bytes));
            }
        }
        match &self.immutable_if {
            Some(is_immutable) if is_immutable(name) => content.max_age(YEAR).immutable(true),
            _ => content.max_age(self.max_age),
        }
    }
}

impl fmt::Debug for ServeEmbedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeEmbedded")
            .field("folder", &self.folder)
            .field("files", &self.files.len())
            .field("index", &self.index)
            .field("extensions", &self.extensions)
            .field("redirect", &self.redirect)
            .field("fallthrough", &self.fallthrough)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

impl IntoLayer for ServeEmbedded {
    type Layer = ServeEmbeddedLayer;

    fn into_layer(self) -> Self::Layer {
        let contents = self.files.iter().map(|_| OnceLock::new()).collect();
        ServeEmbeddedLayer { name: format!("serve_embedded({})", self.folder), options: self, contents }
    }
}

/// What [`ServeEmbedded`] becomes in a list.
#[derive(Debug)]
pub struct ServeEmbeddedLayer {
    name: String,
    options: ServeEmbedded,
    /// One for each file, made when it is first asked for: a start reads nothing.
    contents: Box<[OnceLock<SendBytes>]>,
}

impl PlainLayer for ServeEmbeddedLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let options = &self.options;
        if req.method() != Method::GET && req.method() != Method::HEAD {
            if options.fallthrough {
                return next.pass();
            }
            let refused = Error::new(405, "files are read by GET and HEAD");
            return next.fail(refused.with_header(header::ALLOW, "GET, HEAD"));
        }
        let has_slash = req.original_uri().path().ends_with('/');
        // The slash of a mount's root may be the mount's and not the client's.
        let found = match req.path() {
            "/" if !has_slash => Found::Folder,
            path => self.find(path),
        };
        match found {
            Found::File(place) => {
                let content = self.contents[place].get_or_init(|| options.content_of(&options.files[place]));
                content.send(req, res)
            }
            Found::Folder if options.redirect && !has_slash => redirect(req, res),
            _ if options.fallthrough => next.pass(),
            _ => next.fail(Error::new(404, "there is no such file")),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl ServeEmbeddedLayer {
    /// As in `serve_static`, a path is decoded once and not resolved, and an encoded slash names nothing: guards on mounts
    /// did not see it.
    fn find(&self, path: &str) -> Found {
        let codes = || path.split('%').skip(1).map(|piece| piece.as_bytes().get(..2).unwrap_or_default());
        let is_code = |code: &[u8]| code.len() == 2 && code.iter().all(u8::is_ascii_hexdigit);
        let is_plain = || codes().all(|code| is_code(code) && !code.eq_ignore_ascii_case(b"2f"));
        let bare = path.strip_prefix('/').unwrap_or(path);
        match percent_decode_str(bare).decode_utf8() {
            Ok(name) if path.is_ascii() && is_plain() => {
                find(self.options.files, &name, &self.options.index, &self.options.extensions)
            }
            _ => Found::Nothing,
        }
    }
}

/// Redirects to the same path with a slash at its end.
fn redirect(req: &Request, res: &mut Response) -> Result {
    let uri = req.original_uri();
    // Two leading slashes would name another host, and to a browser a backslash is a slash.
    let path = uri.path().trim_start_matches(['/', '\\']);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    res.status(StatusCode::MOVED_PERMANENTLY).redirect(format!("/{path}/{query}"))
}
