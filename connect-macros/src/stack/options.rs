//! `#![strict, case_sensitive, merge_params, deny(unguarded = User)]` at the beginning of a stack.

use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{Ident, Token, Type, bracketed, parenthesized};

use super::Kind;
use crate::errors::Errors;

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) strict: bool,
    pub(crate) case_sensitive: bool,
    pub(crate) merge_params: bool,
    /// What guards the routes of the list, if it denies others.
    pub(crate) guard: Option<Type>,
}

/// One of them.
enum Setting {
    Name(Ident),
    Deny(Ident, Box<Type>),
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
            if ahead.peek(Paren) {
                break;
            }
            let _: Option<Token![,]> = ahead.parse()?;
        }
        for setting in Punctuated::<Setting, Token![,]>::parse_terminated_with(&inside, setting)? {
            match setting {
                Setting::Name(name) => options.named(kind, &name, errors),
                Setting::Deny(deny, _) if options.guard.is_some() => {
                    errors.at(
                        &deny,
                        "a list denies once: put a list with the other type around it, or into it",
                    );
                }
                Setting::Deny(_, guard) => options.guard = Some(*guard),
            }
        }
        // A comma after them reads well and says nothing.
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

fn setting(input: ParseStream<'_>) -> syn::Result<Setting> {
    const DENY: &str = "write what guards the routes: `#![deny(unguarded = User)]`";
    let name: Ident = input.parse()?;
    if name != "deny" {
        return Ok(Setting::Name(name));
    }
    if !input.peek(Paren) {
        return Err(syn::Error::new(name.span(), DENY));
    }
    let inside;
    parenthesized!(inside in input);
    match inside.parse::<Ident>() {
        Ok(lint) if lint == "unguarded" && inside.peek(Token![=]) => {}
        Ok(lint) => return Err(syn::Error::new(lint.span(), DENY)),
        Err(_) => return Err(syn::Error::new(name.span(), DENY)),
    }
    inside.parse::<Token![=]>()?;
    let guard: Type = inside.parse().map_err(|err| syn::Error::new(err.span(), DENY))?;
    if matches!(guard, Type::Tuple(_)) || !inside.is_empty() {
        return Err(syn::Error::new_spanned(
            guard,
            "a list denies by one type: put a list with the other type around it, or into it",
        ));
    }
    Ok(Setting::Deny(name, Box::new(guard)))
}

impl Options {
    fn named(&mut self, kind: Kind, name: &Ident, errors: &mut Errors) {
        match &*name.to_string() {
            "strict" => self.strict = true,
            "case_sensitive" => self.case_sensitive = true,
            "merge_params" if matches!(kind, Kind::Router) => self.merge_params = true,
            "merge_params" => errors.at(
                name,
                "`merge_params` is a router's: a `router!` sees the parameters outside of it only with it, \
                 a `stack!` always, an `app!` never",
            ),
            other => errors.at(
                name,
                format_args!(
                    "there is no option `{other}`: the options are `strict`, `case_sensitive`, `merge_params` and \
                     `deny(unguarded = User)`"
                ),
            ),
        }
    }
}
