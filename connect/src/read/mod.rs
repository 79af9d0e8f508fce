//! The readers of a request body.

pub mod body_parser;
mod charset;
mod collect;
mod decode;
mod error;
pub(crate) mod fields;
mod json;
mod limit;
mod multipart;
mod nested;
mod parsed;

use bytes::Bytes;
use encoding_rs::UTF_8;
use serde::de::DeserializeOwned;

use self::collect::{ReadOptions, collect, refuse_second};
pub use self::error::{BodyError, BodyErrorKind};
pub use self::limit::{BodyLimit, body_limit};
pub use self::multipart::{Multipart, Part};
pub use self::parsed::ParsedBody;
use crate::{Error, Request, Result};

/// How many fields a form may have.
const FIELDS: usize = 1000;

/// Reading the body.
///
/// Each reader reads the whole body and keeps it, decoded, until the request is done. A later reader, in a layer or a
/// route below, gets it again, within its own limit: a guard can read a field of a form that a route reads too. A body
/// that was read as a stream, with [`body_mut`](Request::body_mut) or as the parts of a
/// [`multipart`](Request::multipart), is not kept: a reader after that fails with status 500. After a reader, streams
/// and tower services see the body again if it had no `Content-Encoding`, and otherwise an empty one.
///
/// ```
/// use connect::{app, bail, guard, middleware, post, Form, Next, Request, Result};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Token {
///     _csrf: String,
/// }
///
/// #[middleware]
/// async fn check_token(req: &mut Request, next: Next) -> Result {
///     let token: Token = req.form().await?;
///     if token._csrf != "secret" {
///         bail!(403, "the form is too old: load the page again");
///     }
///     next.pass()
/// }
///
/// #[derive(Deserialize)]
/// struct Post {
///     text: String,
/// }
///
/// #[post("/posts")]
/// fn create(Form(post): Form<Post>) -> String {
///     post.text
/// }
///
/// let app = app![guard![check_token => create]];
/// ```
///
/// | | |
/// |---|---|
/// | limit | 102,400 bytes after decoding by default; [`body_limit`] and [`set_body_limit`](Request::set_body_limit) set it |
/// | `Content-Encoding` | gzip, deflate, br |
/// | `Expect: 100-continue` | the server asks the client for the body when a reader begins, and not if the reader refuses its length or type |
///
/// # Errors
/// All of them fail with a [`BodyError`], with the statuses of Express's body-parser (RFC 9110, section 15.5):
///
/// | status | if the body |
/// |---|---|
/// | 400 | is malformed, does not fit the type, ends early, or has another length than its `Content-Length` |
/// | 408 | arrives too slowly: see [`App::body_timeout`](crate::App::body_timeout) |
/// | 413 | is longer than the limit |
/// | 415 | has another type, or an unknown charset or encoding |
impl Request {
    /// Reads the body as bytes.
    ///
    /// ```
    /// # use connect::{http, Request};
    /// # #[tokio::main] async fn main() {
    /// let mut req = Request::from(http::Request::new("hello"));
    /// assert_eq!(req.bytes().await.unwrap(), "hello");
    /// assert_eq!(req.text().await.unwrap(), "hello");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for every reader, with a [`BodyError`].
    pub async fn bytes(&mut self) -> Result<Bytes> {
        refuse_second(self)?;
        self.collected().await
    }

    /// Reads the body as text, in the charset that `Content-Type` names, UTF-8 by default. A byte order mark is removed.
    ///
    /// ```
    /// # use connect::{http, Request};
    /// # #[tokio::main] async fn main() {
    /// let req = http::Request::post("/").header("content-type", "text/plain; charset=iso-8859-1");
    /// let mut req = Request::from(req.body(&b"h\xe9"[..]).unwrap());
    /// assert_eq!(req.text().await.unwrap(), "hé");
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for every reader, with a [`BodyError`]: 400 also if the body is not text in its charset.
    pub async fn text(&mut self) -> Result<String> {
        refuse_second(self)?;
        let encoding = charset::of(self, UTF_8)?;
        charset::decode(self.collected().await?, encoding).map_err(Error::from)
    }

    /// Reads the body as JSON into a `T`.
    ///
    /// `Content-Type` has to be `application/json`, or to end in `+json`: a page of another site can make a browser send
    /// other types without a preflight request. JSON may be nested 128 deep.
    ///
    /// ```
    /// use connect::{app, post, Request, Result};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// #[post("/users")]
    /// async fn add(req: &mut Request) -> Result<String> {
    ///     let user: User = req.json().await?;
    ///     Ok(format!("hello, {}", user.name))
    /// }
    ///
    /// let app = app![add];
    /// ```
    ///
    /// # Errors
    /// As for every reader, with a [`BodyError`]. If a value does not fit, the message names the field by its path, as in
    /// "`user.age` in the body: expected u8".
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        refuse_second(self)?;
        let encoding = json::charset_of(self)?;
        let bytes = self.collected().await?;
        json::read(bytes, encoding).map_err(Error::from)
    }

    /// Reads the body as a form into a `T`. A form may have 1000 fields.
    ///
    /// Names in brackets are nested, as with Express's `extended: true`:
    ///
    /// | in the form | in the type |
    /// |---|---|
    /// | `name=tj` | `name: String`, or anything with `FromStr` that serde reads |
    /// | `tag=a&tag=b`, `tag[]=a&tag[]=b`, `tag[0]=a&tag[1]=b` | `tag: Vec<String>`, also of a single `tag=a` |
    /// | `user[name]=tj&user[age]=7` | `user: User` |
    /// | `pets[0][name]=tobi` | `pets: Vec<Pet>` |
    /// | `pets[4711][name]=tobi` | `pets: HashMap<u32, Pet>` |
    ///
    /// They may be nested 32 deep. A number above 100, or above the number of the form's fields, is a name, and not an
    /// index.
    ///
    /// `Content-Type` has to be `application/x-www-form-urlencoded`; for forms with files there is
    /// [`multipart`](Request::multipart).
    ///
    /// ```
    /// use connect::{app, post, Request, Result};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Order {
    ///     dish: String,
    ///     #[serde(default)]
    ///     extra: Vec<String>,
    ///     user: User,
    /// }
    ///
    /// #[derive(Deserialize)]
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// /// Of `dish=soup&extra[]=salt&extra[]=bread&user[name]=tj`.
    /// #[post("/orders")]
    /// async fn order(req: &mut Request) -> Result<String> {
    ///     let Order { dish, extra, user } = req.form().await?;
    ///     Ok(format!("{dish} with {} for {}", extra.join(", "), user.name))
    /// }
    ///
    /// let app = app![order];
    /// ```
    ///
    /// # Errors
    /// As for every reader, with a [`BodyError`]: 413 also for more than 1000 fields.
    pub async fn form<T: DeserializeOwned>(&mut self) -> Result<T> {
        refuse_second(self)?;
        form_type(self)?;
        let bytes = self.collected().await?;
        fields::refuse_many(&bytes, FIELDS)?;
        nested::read(fields::text(&bytes)?)
    }

    async fn collected(&mut self) -> Result<Bytes> {
        let options = ReadOptions { limit: self.body_limit(), inflate: true };
        collect(self, options).await.map_err(Error::from)
    }
}

/// Checks that the body is a form, and in UTF-8.
fn form_type(req: &Request) -> Result<(), BodyError> {
    if req.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        let what = "expected a body of the type application/x-www-form-urlencoded";
        return Err(BodyError::new(BodyErrorKind::Type, what));
    }
    form_charset(req)
}

/// Checks that the form is in UTF-8: its percent-encoded bytes always are (WHATWG, URL, section 5.1).
fn form_charset(req: &Request) -> Result<(), BodyError> {
    let is_utf8 =
        |label: &str| ["utf-8", "utf8", "us-ascii"].iter().any(|name| label.eq_ignore_ascii_case(name));
    match req.charset() {
        Some(label) if !is_utf8(&label) => {
            Err(BodyError::new(BodyErrorKind::Charset, "a form has to be in UTF-8"))
        }
        _ => Ok(()),
    }
}
