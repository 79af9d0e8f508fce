//! Extractors that read the body.

use std::convert::Infallible;

use bytes::Bytes;
use http::header;
use http_body::Body as _;

use super::{FromRequest, Readable, ReadsBody};
use crate::{Body, Error, Multipart, Request, Result};

/// The body as a `T`, from JSON; as a response, a value as JSON.
///
/// # Errors
/// As for [`req.json()`](Request::json): 400 if the body is not JSON or does not fit `T`, 413 if it is too long, 415 if
/// it has another content type.
///
/// ```
/// use connect::{app, post, Json};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct User {
///     name: String,
/// }
///
/// #[post("/users")]
/// fn create(Json(user): Json<User>) -> Json<User> {
///     Json(User { name: user.name.to_uppercase() })
/// }
///
/// let app = app![create];
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// The body as a `T`, from a form, where names in brackets are nested: `user[name]`, `tags[]`, `pets[0][name]`.
///
/// # Errors
/// As for [`req.form()`](Request::form).
///
/// ```
/// use connect::{app, post, Form};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Login {
///     name: String,
/// }
///
/// #[post("/login")]
/// fn login(Form(login): Form<Login>) -> String {
///     format!("Hello, {}", login.name)
/// }
///
/// let app = app![login];
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

/// Whether there is neither a body nor a `Content-Type`.
fn no_body(req: &Request) -> bool {
    let kept = req.body().as_kept().is_some_and(|kept| !kept.is_empty());
    req.body().is_end_stream() && !kept && !req.headers().contains_key(header::CONTENT_TYPE)
}

// Without `do_not_recommend`, because what fails is the type inside.
impl<T: Readable + Send> FromRequest for Json<T> {
    type Reads = ReadsBody;
    type Rejection = Error;

    async fn from_request(req: &mut Request) -> Result<Self> {
        req.json().await.map(Json)
    }

    fn is_absent(req: &Request) -> bool {
        no_body(req)
    }
}

impl<T: Readable + Send> FromRequest for Form<T> {
    type Reads = ReadsBody;
    type Rejection = Error;

    async fn from_request(req: &mut Request) -> Result<Self> {
        req.form().await.map(Form)
    }

    fn is_absent(req: &Request) -> bool {
        no_body(req)
    }
}

macro_rules! readers {
    ($($ty:ty: $req:ident => $value:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl FromRequest for $ty {
            type Reads = ReadsBody;
            type Rejection = Error;

            async fn from_request($req: &mut Request) -> Result<Self> {
                $value
            }

            fn is_absent(req: &Request) -> bool {
                no_body(req)
            }
        }
    )* };
}
readers! {
    Bytes: req => req.bytes().await;
    Vec<u8>: req => req.bytes().await.map(Into::into);
    String: req => req.text().await;
    Multipart: req => req.multipart();
}

#[diagnostic::do_not_recommend]
impl FromRequest for Body {
    type Reads = ReadsBody;
    type Rejection = Infallible;

    async fn from_request(req: &mut Request) -> Result<Self, Infallible> {
        Ok(req.take_body())
    }

    fn is_absent(req: &Request) -> bool {
        no_body(req)
    }
}
