//! `#[get("/user/:id")]` and its kin.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::handler::Role;
use crate::handler::parse::{Function, not_a_function};
use crate::handler::stand_in::stand_in;

/// The methods that an attribute stands for.
#[derive(Clone, Copy)]
pub(crate) enum Verb {
    /// The attribute, the method.
    One(&'static str, &'static str),
    /// `#[all]`.
    All,
    /// `#[route(GET, POST, ..)]`.
    Listed,
}

impl Verb {
    fn attribute(self) -> &'static str {
        match self {
            Verb::One(attribute, _) => attribute,
            Verb::All => "#[all]",
            Verb::Listed => "#[route]",
        }
    }
}

pub(crate) fn attribute(verb: Verb, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let role = Role::Route(verb.attribute());
    let mut errors = Errors::default();
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(err) => {
            errors.push(not_a_function(role, &item, err));
            return match errors.finish() {
                Ok(()) => item,
                Err(report) => quote!(#report #item),
            };
        }
    };
    let arguments = parse::arguments(verb, arguments, &mut errors);
    let route = arguments.and_then(|arguments| check::check(role, arguments, &function, &mut errors));
    match (errors.finish(), route) {
        (Ok(()), Some(route)) => expand::route(&function, route),
        (Ok(()), None) => unreachable!("a check that fails says why"),
        (Err(report), _) => {
            let stand_in = stand_in(role, &function);
            quote!(#report #stand_in)
        }
    }
}
