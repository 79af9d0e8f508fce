//! The list of a folder: as a page, as JSON or as text, by what the client accepts.
//!
//! ```
//! use connect::{app, serve_static};
//! use connect_middleware::serve_index::ServeIndex;
//!
//! // The first answers for files, and the second for folders without an `index.html`.
//! let app = app!["/files" => [serve_static("public"), ServeIndex::new("public")]];
//! ```
//!
//! Folders are listed first, then files, each by name. The page is sorted by the column whose heading is followed (`?sort=name`,
//! `?sort=size`, `?sort=modified`, each also with `&order=desc`), and so are JSON and text with the same query. It works without scripts
//! and loads nothing, in light and dark, on small screens and by keyboard. Times are in UTC.
//!
//! | `Accept` | response |
//! |---|---|
//! | `text/html`, anything, or none | the page |
//! | `application/json` | an array of names, or of objects with [`json_details`](ServeIndex::json_details) |
//! | `text/plain` | one name per line |
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`ServeIndex::new`] | path | | the folder |
//! | [`hidden`](ServeIndex::hidden) | `bool` | `false` | lists names that begin with a dot, and folders below one |
//! | [`filter`](ServeIndex::filter) | function | none | which entries are listed |
//! | [`json_details`](ServeIndex::json_details) | `bool` | `false` | JSON has type, size and time beside the names |
//! | [`fallthrough`](ServeIndex::fallthrough) | `bool` | `true` | calls `next` for what is no folder, and for other methods than `GET` and `HEAD` |
//!
//! # Needs and provides
//! Nothing. It states no facts and has no laws. It sends no files: list [`serve_static`](connect::serve_static()) above it, for the
//! same folder. With [`hidden`](ServeIndex::hidden), that one needs [`Dotfiles::Allow`](connect::Dotfiles::Allow).
//!
//! # What is listed
//! What [`serve_static`](connect::serve_static()) serves by default: files and folders whose names are UTF-8. Symbolic links are
//! followed, also out of the folder, so anyone with write access to the folder decides what is listed; those that lead nowhere
//! are left out, as are pipes, sockets and devices. The folder is read for each request, on a thread for blocking work.
//!
//! Names are escaped in the page, and links are percent-encoded. In the page and in text, control characters in names are replaced by
//! `�`, so that each line is a name; JSON has the names as they are.
//!
//! # Content security policy
//! The page has one style sheet and nothing else, and is sent with a policy that allows it by its hash and nothing else: `default-src
//! 'none'; style-src 'sha256-..'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`. A nonce would differ with each response, so no
//! copy of a client would be fresh. The policy replaces one that a layer above has set, such as [`Helmet`](../helmet/struct.Helmet.html)'s.
//!
//! # What goes wrong
//! | request | response |
//! |---|---|
//! | a NUL, or what is no UTF-8 or not percent-encoded, in the path | 400 |
//! | `..` in the path | 403 |
//! | no such folder; an encoded slash, an empty segment or `.` in the path; a hidden folder | `next`, or 404 |
//! | another method | `next`, or 405 with `Allow`; `OPTIONS` is then answered with 200 |
//! | none of the three types is accepted | 406 |
//! | a folder that cannot be read | 500 |
//!
//! All are on the error track.
//!
//! # Differences from `serve-index`
//! - By default other methods go on to the layers below; there they are a 405.
//! - A path is not resolved: `/a/../b` is refused, as by `serve_static`.
//! - There is one page in place of `template`, `stylesheet`, `icons` and the views `tiles` and `details`; its columns can be sorted.
//! - JSON can have details.
//! - Names that could not be opened are not listed.

mod folder;
mod page;
mod path;
mod text;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use connect::{Done, Error, IntoLayer, Layer, Next, Request, Response, Rest, Result};
use http::header::{self, HeaderValue};
use http::{Method, StatusCode};

pub use self::folder::Entry;
use self::folder::{Order, list};
use self::page::{Page, policy};
use self::path::Refused;

const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Answers for a folder with the list of what is in it.
#[derive(Clone)]
pub struct ServeIndex {
    folder: PathBuf,
    hidden: bool,
    json_details: bool,
    fallthrough: bool,
    filter: Option<Filter>,
}

// A `dyn`: it is called beside a system call for each entry, and would otherwise be in the type of the layer.
type Filter = Arc<dyn Fn(&Entry) -> bool + Send + Sync>;

impl ServeIndex {
    /// Lists what is in this folder, and in those in it.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        ServeIndex {
            folder: folder.into(),
            hidden: false,
            json_details: false,
            fallthrough: true,
            filter: None,
        }
    }

    /// Sets whether names that begin with a dot are listed, such as `.git`: off by default. If off, a folder with such a name
    /// in its path is none.
    #[must_use]
    pub fn hidden(mut self, on: bool) -> Self {
        self.hidden = on;
        self
    }

    /// Sets which entries are listed: by default all. A file that is not listed is still served by a layer above.
    ///
    /// ```
    /// use connect_middleware::serve_index::ServeIndex;
    ///
    /// let index = ServeIndex::new("public").filter(|entry| entry.is_folder() || entry.name().ends_with(".pdf"));
    /// ```
    #[must_use]
    pub fn filter(mut self, is_listed: impl Fn(&Entry) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Arc::new(is_listed));
        self
    }

    /// Sets whether JSON is an array of objects in place of names: off by default.
    ///
    /// An object has `name`, `type` (`"folder"` or `"file"`), `size` in bytes (`null` for a folder) and `modified`, a time as of RFC 3339
    /// (`null` if the file system has none).
    #[must_use]
    pub fn json_details(mut self, on: bool) -> Self {
        self.json_details = on;
        self
    }

    /// Sets whether the layer calls `next` for a request that it cannot answer: on by default. If off, it fails with 404 and 405.
    #[must_use]
    pub fn fallthrough(mut self, on: bool) -> Self {
        self.fallthrough = on;
        self
    }
}

impl fmt::Debug for ServeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeIndex")
            .field("folder", &self.folder)
            .field("hidden", &self.hidden)
            .field("json_details", &self.json_details)
            .field("fallthrough", &self.fallthrough)
            .field("filter", &self.filter.is_some())
            .finish()
    }
}

impl IntoLayer for ServeIndex {
    type Layer = ServeIndexLayer;

    fn into_layer(self) -> Self::Layer {
        let name = format!("ServeIndex({})", self.folder.display());
        ServeIndexLayer { options: self, policy: policy(), name }
    }
}

/// What [`ServeIndex`] becomes in a list.
#[derive(Debug)]
pub struct ServeIndexLayer {
    options: ServeIndex,
    policy: HeaderValue,
    name: String,
}

/// The types of a list, in the order of preference.
const TYPES: [&str; 3] = ["text/html", "text/plain", "application/json"];

/// A response, made where blocking is allowed.
enum Made {
    Html(String),
    Text(String),
    Json(String),
}

impl ServeIndexLayer {
    /// Answers, or leaves the request to the next layer. It does not have the type of `next`, and so is compiled once.
    async fn answer(&self, req: &Request, res: &mut Response) -> Result<Option<Done>> {
        if req.method() != Method::GET && req.method() != Method::HEAD {
            return self.other_method(req, res);
        }
        let (folder, names) = match path::within(&self.options.folder, req.path(), self.options.hidden) {
            Ok(found) => found,
            Err(Refused::Malformed) => return Err(Error::new(400, "the path is malformed")),
            Err(Refused::Forbidden) => return Err(Error::new(403, "the path leads out of the folder")),
            Err(Refused::None) => return self.skip_or_fail(),
        };
        let accepted = req.accepts(&TYPES).and_then(|accepted| TYPES.into_iter().find(|ty| *ty == accepted));
        let order = Order::of_query(req.query_string().unwrap_or_default());
        let mount = req.mount_path().to_owned();
        let ServeIndex { hidden, json_details, filter, .. } = self.options.clone();
        let make = move || {
            let Some(mut entries) = list(&folder, hidden, filter.as_deref())? else { return Ok(None) };
            order.sort(&mut entries);
            Ok(Some(match accepted {
                Some("text/html") => {
                    Some(Made::Html(Page { mount: &mount, names: &names, order, entries: &entries }.render()))
                }
                Some("text/plain") => Some(Made::Text(text::lines(&entries))),
                Some(_) => Some(Made::Json(text::json(&entries, json_details)?)),
                None => None,
            }))
        };
        let made = match tokio::task::spawn_blocking(make).await {
            Ok(made) => made,
            Err(err) => Err(std::io::Error::other(err)),
        };
        let made = made.map_err(|err| Error::msg("a folder could not be read").with_source(err))?;
        let Some(made) = made else { return self.skip_or_fail() };
        res.vary("Accept");
        let Some(made) = made else {
            return Err(Error::new(406, format!("the list is available only as {}", TYPES.join(", "))));
        };
        res.set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        match made {
            Made::Html(page) => {
                res.set(header::CONTENT_SECURITY_POLICY, self.policy.clone());
                res.html(page)
            }
            Made::Text(text) => res.text(text),
            Made::Json(json) => {
                res.set(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
                res.send(json)
            }
        }
        .map(Some)
    }

    fn other_method(&self, req: &Request, res: &mut Response) -> Result<Option<Done>> {
        if self.options.fallthrough {
            return Ok(None);
        }
        if req.method() == Method::OPTIONS {
            return res.status(StatusCode::OK).set(header::ALLOW, ALLOW).end("").map(Some);
        }
        let err = Error::new(StatusCode::METHOD_NOT_ALLOWED, "the list is only for GET and HEAD");
        Err(err.with_header(header::ALLOW, ALLOW))
    }

    fn skip_or_fail(&self) -> Result<Option<Done>> {
        if self.options.fallthrough { Ok(None) } else { Err(Error::new(404, "there is no such folder")) }
    }
}

impl Layer for ServeIndexLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        match self.answer(req, res).await? {
            Some(done) => Ok(done),
            None => next.pass(),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}
