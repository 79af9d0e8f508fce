//! What the compiler says where a request that may not be rewritten is.

/// What `set_url` and `set_method` ask of a [`Request`](crate::Request): nothing has it.
#[diagnostic::on_unimplemented(
    message = "only a layer that says so in its signature may set the URL or the method",
    label = "write `req: &mut Rewrite` in the function's signature; a layer written by hand implements `RewritingLayer`",
    note = "the compiler refuses routes that no request reaches, and a request that is rewritten may reach any"
)]
pub trait MayRewrite {
    /// Never called: there is none.
    fn never<T>(self) -> T;
}
