//! Typed headers.

use headers::{Header, HeaderMapExt};

use super::{FromRequest, ReadsHead};
use crate::{Error, Request, Result};

/// A header as a type of the [headers](https://docs.rs/headers) crate; with the feature `headers`.
///
/// # Errors
/// With status 400 if the header is missing or invalid. `Option<TypedHeader<H>>` is `None` if it is missing.
///
/// ```
/// use connect::headers::UserAgent;
/// use connect::{app, get, TypedHeader};
///
/// #[get("/")]
/// fn index(TypedHeader(agent): TypedHeader<UserAgent>) -> String {
///     agent.to_string()
/// }
///
/// let app = app![index];
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypedHeader<H>(pub H);

#[diagnostic::do_not_recommend]
impl<H: Header + Send> FromRequest for TypedHeader<H> {
    type Reads = ReadsHead;
    type Rejection = Error;

    async fn from_request(req: &mut Request) -> Result<Self> {
        match req.headers().typed_try_get() {
            Ok(Some(header)) => Ok(TypedHeader(header)),
            Ok(None) => Err(Error::new(400, format!("the header `{}` is missing", H::name()))),
            Err(err) => {
                Err(Error::new(400, format!("the header `{}` is invalid", H::name())).with_source(err))
            }
        }
    }

    fn is_absent(req: &Request) -> bool {
        !req.headers().contains_key(H::name())
    }
}
