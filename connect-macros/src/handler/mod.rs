//! `#[middleware]` and `#[error_handler]`.

mod arguments;
mod awaits;
mod check;
mod ends;
mod expand;
mod inner;
mod params;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::function;
use crate::function::role::Role;

pub(crate) fn attribute(role: Role, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let facts = arguments::parse(role, arguments, &mut errors);
    function::attribute(role, item, errors, |function, errors| {
        let handler = check::check(role, function, errors)?;
        errors.is_empty().then(|| expand::layer(function, &handler, facts.as_ref()))
    })
}
