//! What the attributes on functions share, those of middleware, error handlers and routes.

pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod declares;
pub(crate) mod expand;
pub(crate) mod mount;
pub(crate) mod parse;
pub(crate) mod role;
mod stand_in;
pub(crate) mod types;
pub(crate) mod values;

use proc_macro2::TokenStream;
use quote::quote;

use self::parse::Function;
use self::role::Role;
use crate::errors::Errors;

/// Expands an attribute. `expand` checks the function, and gives no code if it adds an error.
pub(crate) fn attribute(
    role: Role,
    item: TokenStream,
    mut errors: Errors,
    expand: impl FnOnce(&Function, &mut Errors) -> Option<TokenStream>,
) -> TokenStream {
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(err) => {
            errors.push(parse::not_a_function(role, &item, err));
            // There is no name for a stand-in, and other code may refer to the item.
            return match errors.finish() {
                Ok(()) => item,
                Err(report) => quote!(#report #item),
            };
        }
    };
    let code = expand(&function, &mut errors);
    match (errors.finish(), code) {
        (Ok(()), Some(code)) => code,
        (Ok(()), None) => unreachable!("a check that fails adds an error"),
        (Err(report), _) => {
            let stand_in = stand_in::stand_in(role, &function);
            quote!(#report #stand_in)
        }
    }
}
