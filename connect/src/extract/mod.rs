//! What a route's function can take of a request besides the parameters of its pattern.

mod body;
mod head;
#[cfg(feature = "headers")]
mod typed_header;

pub use self::body::{Form, Json};
pub use self::head::{Peer, Query};
#[cfg(feature = "headers")]
pub use self::typed_header::TypedHeader;

use serde::de::DeserializeOwned;

use crate::error::IntoError;
use crate::{Request, Result};

/// What a route's parameter can be made of: an extractor.
///
/// A parameter whose name is in the route's pattern is a part of the path. Any other one that is owned is an
/// extractor, and may be a pattern, `Json(user): Json<User>`. They are made in the order of the parameters, after
/// those of the path and before the function is called; the first that fails is the error of the route.
///
/// | extractor | what it is |
/// |---|---|
/// | [`Query<T>`](Query) | the query string as a `T` |
/// | [`Json<T>`](Json), [`Form<T>`](Form) | the body as a `T` |
/// | `String`, [`Bytes`](bytes::Bytes), `Vec<u8>` | the whole body |
/// | [`Body`](crate::Body) | the body as it comes |
/// | [`HeaderMap`](http::HeaderMap), [`Method`](http::Method), [`Uri`](http::Uri), [`Version`](http::Version) | a copy of a part of the head |
/// | [`CookieJar`](cookie::CookieJar) | the cookies |
/// | `TypedHeader<H>` | a header as a type of the `headers` crate, with the feature `headers` |
/// | [`Multipart`](crate::Multipart) | the parts of a form with files, as they come |
/// | [`Peer`] | the address of the other end |
/// | `WebSocketUpgrade` | a request for a WebSocket, with the feature `websocket` |
/// | `Option<E>` | `None` if there is [nothing](FromRequest::is_absent) to make an `E` of |
/// | `Result<E, E::Rejection>` | to look after what is wrong oneself |
///
/// Of two parameters that read the body the second is a compile error: take it as one, and `req: &mut Request` beside it for more.
///
/// ```
/// use connect::{app, post, Json, Query, Result};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct NewUser {
///     name: String,
/// }
///
/// #[derive(Deserialize)]
/// struct Options {
///     #[serde(default)]
///     dry_run: bool,
/// }
///
/// #[post("/team/:team/users")]
/// async fn create(team: &str, Query(options): Query<Options>, Json(user): Json<NewUser>) -> String {
///     format!("{} joins {team}{}", user.name, if options.dry_run { ", or would" } else { "" })
/// }
///
/// let app = app![create];
/// ```
///
/// One of your own:
///
/// ```
/// use connect::{app, get, Error, FromRequest, ReadsHead, Request, Result};
///
/// struct ApiKey(String);
///
/// impl FromRequest for ApiKey {
///     type Reads = ReadsHead;
///     type Rejection = Error;
///
///     async fn from_request(req: &mut Request) -> Result<Self, Error> {
///         let key = req.header("x-api-key").ok_or_else(|| Error::new(401, "an API key is needed"))?;
///         Ok(ApiKey(key.to_owned()))
///     }
/// }
///
/// #[get("/")]
/// fn index(key: ApiKey) -> String {
///     format!("{} bytes of key", key.0.len())
/// }
///
/// let app = app![index];
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extractor",
    label = "not in the route's pattern, and not an extractor",
    note = "a value that a layer above provides is shared: take `&T`, or `Option<&T>`",
    note = "extractors are `Query<T>`, `Json<T>`, `Form<T>`, `String`, `Bytes`, `Multipart`, `Body`, `HeaderMap`, `WebSocketUpgrade`, `Option` and `Result` of one, and what implements `FromRequest`"
)]
pub trait FromRequest: Sized + Send {
    /// What it reads: [`ReadsHead`], or [`ReadsBody`] if it reads the body as well.
    type Reads;

    /// Why there is none.
    type Rejection: IntoError + Send;

    /// Makes it.
    ///
    /// # Errors
    /// If the request has no such thing, or not as it should be.
    fn from_request(req: &mut Request) -> impl Future<Output = Result<Self, Self::Rejection>> + Send;

    /// Whether the request has nothing to make it of: then an `Option` of it is `None`, and nothing is made. What is
    /// there and wrong is still an error.
    fn is_absent(req: &Request) -> bool {
        let _ = req;
        false
    }
}

/// An extractor that leaves the body alone.
#[derive(Debug)]
pub struct ReadsHead;

/// An extractor that reads the body.
#[derive(Debug)]
pub struct ReadsBody;

/// What [`Json`], [`Form`] and [`Query`] can hold.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a request: it does not implement `serde::Deserialize`",
    label = "write `#[derive(serde::Deserialize)]` above `{Self}`, without a lifetime in it"
)]
pub trait Readable: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Readable for T {}

/// What parameters have read with one more of them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "two parameters of a route cannot both read the body",
    label = "reads the body, as a parameter before it does",
    note = "take one of them, and `req: &mut Request` beside it: `req.bytes().await?` finds what was read"
)]
pub trait After<Before> {
    /// All of it.
    type Out;
}

#[diagnostic::do_not_recommend]
impl<Before> After<Before> for ReadsHead {
    type Out = Before;
}

#[diagnostic::do_not_recommend]
impl After<ReadsHead> for ReadsBody {
    type Out = ReadsBody;
}

/// Stands for what no parameter has read: with a second implementation the compiler does not take the first for the
/// only answer, and says what is wrong in the words above.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nothing;

#[diagnostic::do_not_recommend]
impl After<Nothing> for ReadsBody {
    type Out = ReadsBody;
}

#[diagnostic::do_not_recommend]
impl<E: FromRequest> FromRequest for Option<E> {
    type Reads = E::Reads;
    type Rejection = E::Rejection;

    async fn from_request(req: &mut Request) -> Result<Self, E::Rejection> {
        if E::is_absent(req) { Ok(None) } else { E::from_request(req).await.map(Some) }
    }
}

#[diagnostic::do_not_recommend]
impl<E: FromRequest> FromRequest for Result<E, E::Rejection> {
    type Reads = E::Reads;
    type Rejection = std::convert::Infallible;

    async fn from_request(req: &mut Request) -> Result<Self, Self::Rejection> {
        Ok(E::from_request(req).await)
    }
}
