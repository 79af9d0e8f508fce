//! What a route may return.

use crate::error::IntoError;
use crate::{Done, Response, Result};

/// What a route may return: a [`Done`], a text to send, or a `Result` of one.
///
/// ```
/// use connect::{app, get};
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "Hello"
/// }
///
/// #[get("/square/:n")]
/// async fn square(n: u64) -> Result<String, std::num::TryFromIntError> {
///     let n = u32::try_from(n)?;
///     Ok(format!("{}", u64::from(n) * u64::from(n)))
/// }
///
/// let app = app![index, square];
/// ```
#[diagnostic::on_unimplemented(
    message = "a route cannot answer with `{Self}`",
    label = "not an answer",
    note = "a route returns `Result`, `&'static str`, `String` or a `Result` of one of these"
)]
pub trait Responder {
    /// Answers with it.
    ///
    /// # Errors
    /// What goes on the error track instead.
    fn respond(self, res: &mut Response) -> Result;
}

#[diagnostic::do_not_recommend]
impl Responder for Done {
    #[inline]
    fn respond(self, _: &mut Response) -> Result {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl Responder for &'static str {
    fn respond(self, res: &mut Response) -> Result {
        res.send(self)
    }
}

#[diagnostic::do_not_recommend]
impl Responder for String {
    fn respond(self, res: &mut Response) -> Result {
        res.send(self)
    }
}

impl<T: Responder, E: IntoError> Responder for Result<T, E> {
    #[inline]
    fn respond(self, res: &mut Response) -> Result {
        match self {
            Ok(answer) => answer.respond(res),
            Err(err) => Err(err.into_error()),
        }
    }
}
