//! `#![strict, case_sensitive, merge_params]` at the beginning of a stack.

use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, Token, bracketed};

use super::Kind;
use crate::errors::Errors;

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) strict: bool,
    pub(crate) case_sensitive: bool,
    pub(crate) merge_params: bool,
}

pub(super) fn parse(kind: Kind, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Options> {
    let mut options = Options::default();
    while input.peek(Token![#]) && input.peek2(Token![!]) {
        input.parse::<Token![#]>()?;
        input.parse::<Token![!]>()?;
        let inside;
        bracketed!(inside in input);
        let ahead = inside.fork();
        while let Ok(name) = ahead.parse::<Ident>() {
            if ahead.peek(Token![=]) {
                return Err(
                    ahead.error(format_args!("an option has no value: write `#![{name}]`, or leave it out"))
                );
            }
            let _: Option<Token![,]> = ahead.parse()?;
        }
        for name in Punctuated::<Ident, Token![,]>::parse_terminated(&inside)? {
            match &*name.to_string() {
                "strict" => options.strict = true,
                "case_sensitive" => options.case_sensitive = true,
                "merge_params" if matches!(kind, Kind::Router) => options.merge_params = true,
                "merge_params" => errors.at(
                    &name,
                    "`merge_params` is a router's: a `router!` sees the parameters outside of it only with it, \
                     a `stack!` always, an `app!` never",
                ),
                other => errors.at(
                    &name,
                    format_args!(
                        "there is no option `{other}`: the options are `strict`, `case_sensitive` and `merge_params`"
                    ),
                ),
            }
        }
        // A comma after them reads well and says nothing.
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}
