//! The arguments of `#[middleware]` and `#[error_handler]`: `facts = Type`.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Token, Type};

use crate::errors::Errors;
use crate::function::role::Role;

/// The type that states the layer's facts.
pub(super) fn parse(role: Role, arguments: TokenStream, errors: &mut Errors) -> Option<Type> {
    if arguments.is_empty() {
        return None;
    }
    match facts.parse2(arguments.clone()) {
        Ok(ty) => Some(ty),
        Err(_) => {
            errors.at(
                &arguments,
                format_args!(
                    "`{}` takes no argument but `facts = Type`; a path goes into the list, `app![\"/path\" => {}]`",
                    role.attribute(),
                    if role == Role::ErrorHandler { "on_error" } else { "logger" }
                ),
            );
            None
        }
    }
}

fn facts(input: ParseStream<'_>) -> syn::Result<Type> {
    let name: Ident = input.parse()?;
    if name != "facts" {
        return Err(syn::Error::new(name.span(), ""));
    }
    input.parse::<Token![=]>()?;
    let ty = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    Ok(ty)
}
