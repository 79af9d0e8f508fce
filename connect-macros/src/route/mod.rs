//! `#[get("/user/:id")]` and the other attributes of routes.

mod check;
mod expand;
mod params;
mod parse;

pub(crate) use self::parse::RouteAttribute;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::function;
use crate::function::role::Role;

pub(crate) fn attribute(attribute: RouteAttribute, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let role = Role::Route(attribute.text());
    function::attribute(role, item, Errors::default(), |function, errors| {
        let arguments = parse::arguments(attribute, arguments, errors)?;
        let route = check::check(role, arguments, function, errors)?;
        errors.is_empty().then(|| expand::route(function, route))
    })
}
