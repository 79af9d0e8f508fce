//! Responses that a route can return.

mod head;
mod html;
mod redirect;

pub use self::html::Html;
pub use self::redirect::Redirect;

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use crate::error::IntoError;
use crate::extract::Json;
use crate::{Body, Done, Error, Response, Result};

/// The types that [`Json`] can send.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as JSON: it does not implement `serde::Serialize`",
    label = "write `#[derive(serde::Serialize)]` above `{Self}`"
)]
pub trait Writable: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Writable for T {}

/// A type that a route can return: a response.
///
/// | returned | response |
/// |---|---|
/// | `&'static str`, `String`, `Box<str>`, `Cow<'static, str>` | text, as `text/plain; charset=utf-8` |
/// | [`Bytes`], `Vec<u8>`, `&'static [u8]` | bytes, as `application/octet-stream` |
/// | [`Html<T>`](Html) | HTML |
/// | [`Json<T>`](Json) | JSON |
/// | [`Body`] | a body without a content type, such as a stream |
/// | [`Events<S>`](crate::Events) | server-sent events |
/// | [`StatusCode`](http::StatusCode) | an empty body with the status |
/// | [`Redirect`] | a redirect |
/// | `SwitchingProtocols` | the response that opens a WebSocket, with the feature `websocket` |
/// | `()` | an empty body |
/// | `(status, T)` | the response of `T` with a [`StatusCode`](http::StatusCode) |
/// | `(headers, T)`, `(status, headers, T)` | the same with headers: a [`HeaderMap`](http::HeaderMap), or pairs `[("name", "value")]` |
/// | `Option<T>` | an error with status 404 if it is `None` |
/// | `Result<T, E>` | an error goes to the next error handler |
/// | [`Response`] | a response as it is, for example from [`into_response`](Responder::into_response) |
/// | [`Result`](crate::Result), [`Done`] | the response that the route has made with `res` or `next` |
///
/// A content type that was set before is kept, and so are all other headers.
///
/// Returned text is plain text, so a browser shows markup as text. For HTML return [`Html`], in which values from
/// clients have to be escaped. Only text that [`res.send`](Response::send) sends is HTML by default, as in Express.
///
/// ```
/// use connect::{app, get, post, Html, Json, Responder, Redirect, Result};
/// use connect::http::StatusCode;
/// use serde_json::{json, Value};
///
/// #[get("/")]
/// fn index() -> Html<&'static str> {
///     Html("<h1>Hello</h1>")
/// }
///
/// #[post("/users")]
/// async fn create() -> (StatusCode, Json<Value>) {
///     (StatusCode::CREATED, Json(json!({ "id": 1 })))
/// }
///
/// #[get("/square/:n")]
/// async fn square(n: u64) -> Result<String, std::num::TryFromIntError> {
///     let n = u32::try_from(n)?;
///     Ok(format!("{}", u64::from(n) * u64::from(n)))
/// }
///
/// #[get("/old")]
/// fn old() -> Redirect {
///     Redirect::permanent("/")
/// }
///
/// let app = app![index, create, square, old];
/// ```
///
/// A response of your own:
///
/// ```
/// use connect::{app, get, Responder, Response, Result};
///
/// struct Csv(Vec<[u32; 2]>);
///
/// impl Responder for Csv {
///     fn respond(self, res: &mut Response) -> Result {
///         let lines: String = self.0.iter().map(|[a, b]| format!("{a},{b}\n")).collect();
///         res.set("content-type", "text/csv").send(lines)
///     }
/// }
///
/// #[get("/data.csv")]
/// fn data() -> Csv {
///     Csv(vec![[1, 2], [3, 4]])
/// }
///
/// let app = app![data];
/// ```
#[diagnostic::on_unimplemented(
    message = "a route cannot return `{Self}`",
    label = "not a response",
    note = "responses are `&'static str`, `String`, `Bytes`, `Html<T>`, `Json<T>`, `StatusCode`, `Redirect`, `(StatusCode, T)`, `Option` of one, `Result` of one, and what implements `Responder`",
    note = "the error of a `Result` is a `connect::Error`, or implements `std::error::Error`; of branches with different types each \
            ends with `.into_response()`, and the function returns a `Response`"
)]
pub trait Responder {
    /// Answers with this value.
    ///
    /// # Errors
    /// The error that goes on the error track instead.
    fn respond(self, res: &mut Response) -> Result;

    /// Converts the value into a [`Response`], for a function that returns one of several types. If that fails, the
    /// route that returns the response fails with the error.
    ///
    /// ```
    /// use connect::{app, get, Html, Json, Request, Responder, Response};
    ///
    /// #[get("/things")]
    /// fn things(req: &Request) -> Response {
    ///     if req.accepts(&["html", "json"]) == Some("json") {
    ///         Json(["anvil"]).into_response()
    ///     } else {
    ///         Html("<li>anvil").into_response()
    ///     }
    /// }
    ///
    /// let app = app![things];
    /// ```
    fn into_response(self) -> Response
    where
        Self: Sized,
    {
        let mut res = Response::new();
        if let Err(err) = self.respond(&mut res) {
            res.fails(err);
        }
        res
    }
}

/// Its status is used unless it is 200, which keeps the status that was set before. Its headers replace those of the
/// same name, but a content type that was set before is kept, and cookies and `Vary` are added.
#[diagnostic::do_not_recommend]
impl Responder for Response {
    fn respond(self, res: &mut Response) -> Result {
        res.become_like(self)
    }

    fn into_response(self) -> Response {
        self
    }
}

#[diagnostic::do_not_recommend]
impl Responder for Done {
    #[inline]
    fn respond(self, _: &mut Response) -> Result {
        Ok(self)
    }
}

macro_rules! sent {
    ($($ty:ty: $this:ident, $res:ident => $sent:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Responder for $ty {
            #[inline]
            fn respond(self, $res: &mut Response) -> Result {
                let $this = self;
                $sent
            }
        }
    )* };
}
sent! {
    &'static str: this, res => res.send_plain(this);
    String: this, res => res.send_plain(this);
    Box<str>: this, res => res.send_plain(String::from(this));
    Bytes: this, res => res.send(this);
    Vec<u8>: this, res => res.send(this);
    &'static [u8]: this, res => res.send(this);
    Body: this, res => res.end(this);
}

#[diagnostic::do_not_recommend]
impl Responder for () {
    fn respond(self, res: &mut Response) -> Result {
        res.end(Body::empty())
    }
}

#[diagnostic::do_not_recommend]
impl Responder for Cow<'static, str> {
    fn respond(self, res: &mut Response) -> Result {
        match self {
            Cow::Borrowed(text) => res.send_plain(text),
            Cow::Owned(text) => res.send_plain(text),
        }
    }
}

// Without `do_not_recommend`, because what fails is the type inside.
impl<T: Writable> Responder for Json<T> {
    fn respond(self, res: &mut Response) -> Result {
        res.json(self.0)
    }
}

/// `None` is an error with status 404.
#[diagnostic::do_not_recommend]
impl<T: Responder> Responder for Option<T> {
    fn respond(self, res: &mut Response) -> Result {
        match self {
            Some(answer) => answer.respond(res),
            None => Err(Error::new(404, "Not Found")),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Responder, E: IntoError> Responder for Result<T, E> {
    #[inline]
    fn respond(self, res: &mut Response) -> Result {
        match self {
            Ok(answer) => answer.respond(res),
            Err(err) => Err(err.into_error()),
        }
    }
}
