//! Turns a POST to `?_method=put` into a PUT, since HTML forms send only GET and POST: the package `method-override`.

use connect::http::Method;
use connect::{Next, Result, Rewrite, middleware};
use serde::Deserialize;

#[derive(Deserialize)]
struct Override {
    #[serde(rename = "_method")]
    method: Option<String>,
}

/// Sets the method that the query names, if it is one.
#[middleware]
pub(crate) fn method_override(req: &mut Rewrite, next: Next) -> Result {
    if req.method() == Method::POST
        && let Some(method) = req.query::<Override>()?.method
        && let Ok(method) = method.to_uppercase().parse()
    {
        req.set_method(method);
    }
    next.pass()
}
