//! `#[middleware]` and `#[error_handler]`.

mod arguments;
pub(crate) mod check;
pub(crate) mod config;
mod ends;
pub(crate) mod expand;
pub(crate) mod in_place;
pub(crate) mod mounted;
pub(crate) mod parse;
mod places;
pub(crate) mod qualifiers;
mod returns;
pub(crate) mod stand_in;
pub(crate) mod values;

use proc_macro2::TokenStream;
use quote::quote;

use self::parse::Function;
use crate::errors::Errors;

/// Which attribute stands on the function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Middleware,
    ErrorHandler,
    /// The attribute is a route's: `#[get]`.
    Route(&'static str),
}

impl Role {
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Role::Middleware => "#[middleware]",
            Role::ErrorHandler => "#[error_handler]",
            Role::Route(attribute) => attribute,
        }
    }

    /// The parameters, as a message shows them.
    fn signature(self) -> &'static str {
        match self {
            Role::Middleware => "(req: &mut Request, res: &mut Response, next: Next)",
            Role::ErrorHandler => "(err: Error, req: &mut Request, res: &mut Response, next: Next)",
            Role::Route(_) => "(id: u64, req: &mut Request, res: &mut Response, next: Next)",
        }
    }
}

pub(crate) fn attribute(role: Role, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let facts = arguments::parse(role, arguments, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(err) => {
            errors.push(parse::not_a_function(role, &item, err));
            // There is no name to make a stand-in for; the item may well be what something else refers to.
            return match errors.finish() {
                Ok(()) => item,
                Err(report) => quote!(#report #item),
            };
        }
    };
    let handler = check::check(role, &function, &mut errors);
    match (errors.finish(), handler) {
        (Ok(()), Some(handler)) => expand::layer(&function, &handler, facts.as_ref()),
        (Ok(()), None) => unreachable!("a check that fails says why"),
        (Err(report), _) => {
            let stand_in = stand_in::stand_in(role, &function);
            quote!(#report #stand_in)
        }
    }
}
