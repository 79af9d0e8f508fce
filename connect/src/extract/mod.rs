//! Extractors: what a route's function can take besides the parameters of its pattern.

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

/// A type that a route can take as a parameter: an extractor.
///
/// A parameter whose name is in the route's pattern is a part of the path. Any other owned parameter is an extractor,
/// and may be a pattern, `Json(user): Json<User>`. Extractors run in the order of the parameters, after those of the
/// path and before the function is called. The first that fails is the error of the route.
///
/// | extractor | what it is |
/// |---|---|
/// | [`Query<T>`](Query) | the query string as a `T` |
/// | [`Json<T>`](Json), [`Form<T>`](Form) | the body as a `T` |
/// | `String`, [`Bytes`](bytes::Bytes), `Vec<u8>` | the whole body |
/// | [`Body`](crate::Body) | the body as a stream |
/// | [`HeaderMap`](http::HeaderMap), [`Method`](http::Method), [`Uri`](http::Uri), [`Version`](http::Version) | a copy of a part of the head |
/// | [`CookieJar`](cookie::CookieJar) | the cookies |
/// | `TypedHeader<H>` | a header as a type of the `headers` crate, with the feature `headers` |
/// | [`Shutdown`](crate::Shutdown) | the graceful shutdown of the server |
/// | [`Multipart`](crate::Multipart) | the parts of a form with files, as they arrive |
/// | [`Peer`] | the address of the other end of the connection |
/// | `WebSocketUpgrade` | a request for a WebSocket, with the feature `websocket` |
/// | `Option<E>` | `None` if the request has [nothing](FromRequest::is_absent) to extract |
/// | `Result<E, E::Rejection>` | the extractor's error, to handle it in the route |
///
/// Only one parameter may read the body, which the compiler checks. To read it again, take `req: &mut Request` as well.
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
/// An extractor of your own:
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
    note = "extractors are `Query<T>`, `Json<T>`, `Form<T>`, `String`, `Bytes`, `Multipart`, `Body`, `HeaderMap`, `Shutdown`, `WebSocketUpgrade`, `Option` and `Result` of one, and what implements `FromRequest`"
)]
pub trait FromRequest: Sized + Send {
    /// What the extractor reads: [`ReadsHead`], or [`ReadsBody`] if it also reads the body.
    type Reads;

    /// The error if extracting fails.
    type Rejection: IntoError + Send;

    /// Extracts the value from the request.
    ///
    /// # Errors
    /// If the request lacks the value, or has an invalid one.
    fn from_request(req: &mut Request) -> impl Future<Output = Result<Self, Self::Rejection>> + Send;

    /// Returns whether the request has nothing to extract: then an `Option` of it is `None`. An invalid value is still
    /// an error.
    fn is_absent(req: &Request) -> bool {
        let _ = req;
        false
    }
}

/// Marks an extractor that does not read the body.
#[derive(Debug)]
pub struct ReadsHead;

/// Marks an extractor that reads the body.
#[derive(Debug)]
pub struct ReadsBody;

/// The types that [`Json`], [`Form`] and [`Query`] can extract.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a request: it does not implement `serde::Deserialize`",
    label = "write `#[derive(serde::Deserialize)]` above `{Self}`, without a lifetime in it"
)]
pub trait Readable: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Readable for T {}

/// What the parameters have read, after one more of them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "two parameters of a route cannot both read the body",
    label = "reads the body, as a parameter before it does",
    note = "take one of them, and `req: &mut Request` beside it: `req.bytes().await?` finds what was read"
)]
pub trait After<Before> {
    /// What they have read together.
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

/// Never used: only with a second implementation does the compiler report the message above, instead of inferring the
/// only one.
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
