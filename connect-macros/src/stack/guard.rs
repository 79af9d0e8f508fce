//! `guard!`: its grammar and its expansion.
//!
//! ```text
//! guard := options layer (',' layer)* '=>' list
//! ```

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::token::Bracket;
use syn::{Attribute, Expr, LitStr, Token};

use super::expand;
use super::options::{self, ListMacro, Options};
use super::parse::{self, Entry, What};
use crate::errors::Errors;

/// The layers before the arrow, and the routes after it.
#[derive(Default)]
struct Guard {
    options: Options,
    layers: Vec<Entry>,
    routes: Vec<Entry>,
}

pub(crate) fn guard(tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut guard = Guard::default();
    let parsed = |input: ParseStream<'_>| read(input, &mut guard, &mut errors);
    if let Err(err) = parsed.parse2(tokens) {
        errors.push(err);
    }
    let list = expand::guarded(&guard.options, &guard.layers, &guard.routes);
    match errors.finish() {
        Ok(()) => list,
        Err(report) => quote!({ #report #list }),
    }
}

const FORM: &str = "write the guard, `=>`, and the routes: `guard![require_user => new, create]`";

fn read(input: ParseStream<'_>, guard: &mut Guard, errors: &mut Errors) -> syn::Result<()> {
    guard.options = options::parse(ListMacro::Stack, input, errors)?;
    if let Some(denies) = guard.options.guard.take() {
        guard.options.denies.clear();
        errors.at(
            denies,
            "put `deny` into the list around the guard: what the guard provides counts for its routes",
        );
    }
    loop {
        if input.is_empty() {
            return Err(syn::Error::new(Span::call_site(), FORM));
        }
        if input.peek(Token![#]) {
            let attr = input.call(Attribute::parse_outer);
            return Err(match attr.as_deref() {
                Ok([attr, ..]) => syn::Error::new_spanned(
                    attr,
                    "only layers go before `=>`: write `#[cfg(..)]` before the whole `guard![..]`",
                ),
                _ => input.error("options come first: write `guard![#![strict] require_user => new]`"),
            });
        }
        if input.peek(LitStr) {
            return Err(input.error(
                "a path goes before `guard!`: write `\"/path\" => guard![require_user => new, create]`",
            ));
        }
        if input.peek(Token![=>]) {
            return Err(input.error("the guard is missing here: write `guard![require_user => new, create]`"));
        }
        if input.peek(Bracket) {
            return Err(
                input.error("write the layers of the guard without brackets: `guard![a, b => route]`")
            );
        }
        let layer: Expr = input.parse()?;
        guard.layers.push(Entry { cfgs: Vec::new(), path: None, what: What::Layer(Box::new(layer)) });
        if input.peek(Token![=>]) {
            break;
        }
        if !input.peek(Token![,]) {
            let missing = "a `,` or `=>` is missing here: write `guard![require_user => new, create]`";
            return Err(if input.is_empty() {
                syn::Error::new(Span::call_site(), FORM)
            } else {
                input.error(missing)
            });
        }
        input.parse::<Token![,]>()?;
    }
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(
            arrow,
            "the routes are missing after this: write `guard![require_user => new, create]`",
        ));
    }
    parse::entries(input, &mut guard.routes, errors)
}
