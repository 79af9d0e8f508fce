//! The compiler's message for a request that may not be rewritten.

/// The bound of `set_url` and `set_method` of a [`Request`](crate::Request). No type implements it.
#[diagnostic::on_unimplemented(
    message = "only a layer with `&mut Rewrite` in its signature may set the URL or the method",
    label = "write `req: &mut Rewrite` in the function's signature; a layer written by hand implements `RewritingLayer`",
    note = "the compiler refuses routes that no request reaches, and a request that is rewritten may reach any"
)]
pub trait MayRewrite {
    /// Never called, as no type implements the trait.
    fn never<T>(self) -> T;
}
