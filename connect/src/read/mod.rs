//! The readers of a request's body.

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

use self::collect::{How, collect, refuse_second};
pub use self::error::{BodyError, BodyErrorKind};
pub use self::limit::{BodyLimit, body_limit};
pub use self::multipart::{Multipart, Part};
pub use self::parsed::ParsedBody;
use crate::{Error, Request, Result};

/// How many fields a form may have.
const FIELDS: usize = 1000;

/// The readers of the body.
///
/// Each reads the whole body, which is kept, decoded, until the request is done: a later reader finds it again, in a layer or a
/// route below, within its own limit. So a guard can look at a field of a form that a route reads, too. What was read as a stream,
/// by [`body_mut`](Request::body_mut) or the parts of a [`multipart`](Request::multipart), is gone: a reader behind that fails
/// with status 500. For streams, and for services of tower, a body that was read whole is there again if it had no
/// `Content-Encoding`, and empty otherwise.
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
/// | limit | 102,400 bytes, counted decoded; [`body_limit`], [`set_body_limit`](Request::set_body_limit) |
/// | `Content-Encoding` | gzip, deflate, br |
/// | `Expect: 100-continue` | the client is asked for the body when a reader wants it, and not if it is refused by its length or type |
///
/// # Errors
/// All of them fail with a [`BodyError`]: 400 for a body that is malformed, does not fit, ends early or has another
/// length than it says; 408 if the client sends nothing for too long; 413 beyond the limit; 415 for another
/// type, charset or encoding than is known (Express, row 200, and RFC 9110, section 15.5).
impl Request {
    /// The body as bytes.
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

    /// The body as text, from the charset that `Content-Type` names, or else from UTF-8. A byte order mark is left
    /// out.
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
    /// As for every reader, with a [`BodyError`]; what is not text in its charset is a 400.
    pub async fn text(&mut self) -> Result<String> {
        refuse_second(self)?;
        let encoding = charset::of(self, UTF_8)?;
        charset::decode(self.collected().await?, encoding).map_err(Error::from)
    }

    /// The body as JSON, read into a type of one's own.
    ///
    /// `Content-Type` has to be `application/json`, or to end in `+json`: a page of another site can make a browser
    /// send other types without asking first. JSON may be nested 128 deep.
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
    /// As for every reader, with a [`BodyError`]. What does not fit is told by its place, as in "`user.age` in the
    /// body: expected u8".
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        refuse_second(self)?;
        let encoding = json::charset_of(self)?;
        let bytes = self.collected().await?;
        json::read(bytes, encoding).map_err(Error::from)
    }

    /// The body as a form, read into a type of one's own. A form may have 1000 fields.
    ///
    /// Names in brackets are nested, as Express's `extended: true` has it:
    ///
    /// | in the form | in the type |
    /// |---|---|
    /// | `name=tj` | `name: String`, or anything with `FromStr` that serde reads |
    /// | `tag=a&tag=b`, `tag[]=a&tag[]=b`, `tag[0]=a&tag[1]=b` | `tag: Vec<String>`, also of a single `tag=a` |
    /// | `user[name]=tj&user[age]=7` | `user: User` |
    /// | `pets[0][name]=tobi` | `pets: Vec<Pet>` |
    /// | `pets[4711][name]=tobi` | `pets: HashMap<u32, Pet>` |
    ///
    /// They may be nested 32 deep, and a number above 100, or above that of the form's fields, is a name and no place in a
    /// list.
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
    /// As for every reader, with a [`BodyError`]; more fields are a 413.
    pub async fn form<T: DeserializeOwned>(&mut self) -> Result<T> {
        refuse_second(self)?;
        form_type(self)?;
        let bytes = self.collected().await?;
        fields::refuse_many(&bytes, FIELDS)?;
        nested::read(fields::text(&bytes)?)
    }

    async fn collected(&mut self) -> Result<Bytes> {
        let how = How { limit: self.body_limit(), inflate: true };
        collect(self, how).await.map_err(Error::from)
    }
}

/// Whether the body is a form in a charset that forms have.
fn form_type(req: &Request) -> Result<(), BodyError> {
    if req.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        let what = "expected a body of the type application/x-www-form-urlencoded";
        return Err(BodyError::new(BodyErrorKind::Type, what));
    }
    form_charset(req)
}

/// Whether the body is in the charset that forms have: what is behind the percent signs is UTF-8 (WHATWG, URL,
/// section 5.1).
fn form_charset(req: &Request) -> Result<(), BodyError> {
    let is_utf8 =
        |label: &str| ["utf-8", "utf8", "us-ascii"].iter().any(|name| label.eq_ignore_ascii_case(name));
    match req.charset() {
        Some(label) if !is_utf8(&label) => {
            Err(BodyError::new(BodyErrorKind::Charset, "the charset of a form is UTF-8"))
        }
        _ => Ok(()),
    }
}
