//! `#![strict, case_sensitive, merge_params, deny(unguarded = User), allow(name_of_law)]` at the beginning of a stack.

use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{Ident, Token, Type, bracketed, parenthesized};

use crate::errors::Errors;

/// Which macro has the list.
#[derive(Clone, Copy)]
pub(crate) enum ListMacro {
    App,
    Router,
    Stack,
}

impl ListMacro {
    pub(super) fn function(self) -> &'static str {
        match self {
            ListMacro::App => "app",
            ListMacro::Router => "router",
            ListMacro::Stack => "stack",
        }
    }
}

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) strict: bool,
    pub(crate) case_sensitive: bool,
    pub(crate) merge_params: bool,
    /// The type of `deny(unguarded = ..)`, which the type of the list states.
    pub(crate) guard: Option<Type>,
    /// The types that its routes have to be guarded by.
    pub(crate) denies: Vec<Type>,
    /// The laws that may be broken in it.
    pub(crate) allows: Vec<Ident>,
    /// These stand at the beginning of a list around it.
    pub(crate) inherited: bool,
}

pub(super) fn parse(
    list_macro: ListMacro,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Options> {
    let mut options = Options::default();
    while input.peek(Token![#]) && input.peek2(Token![!]) {
        input.parse::<Token![#]>()?;
        input.parse::<Token![!]>()?;
        let inside;
        bracketed!(inside in input);
        while !inside.is_empty() {
            option(list_macro, &inside, &mut options, errors)?;
            if !inside.is_empty() {
                inside.parse::<Token![,]>()?;
            }
        }
        // A comma after the options is allowed.
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
    }
    options.denies.extend(options.guard.clone());
    Ok(options)
}

const ALLOW: &str = "write the law that the list may break: `#![allow(name_of_law)]`";
const DENY: &str = "write what guards the routes: `#![deny(unguarded = User)]`";

fn option(
    list_macro: ListMacro,
    input: ParseStream<'_>,
    options: &mut Options,
    errors: &mut Errors,
) -> syn::Result<()> {
    let name: Ident = input.parse()?;
    let is_deny = name == "deny";
    let is_allow = name == "allow";
    if input.peek(Token![=]) {
        return Err(match () {
            () if is_deny || name == "unguarded" => syn::Error::new(name.span(), DENY),
            () if is_allow => syn::Error::new(name.span(), ALLOW),
            () => input.error(format_args!("an option has no value: write `#![{name}]`, or leave it out")),
        });
    }
    if !input.peek(Paren) {
        match () {
            () if is_deny => errors.at(&name, DENY),
            () if is_allow => errors.at(&name, ALLOW),
            () => options.named(list_macro, &name, errors),
        }
        return Ok(());
    }
    let inside;
    parenthesized!(inside in input);
    if is_allow {
        let laws = Punctuated::<Ident, Token![,]>::parse_terminated(&inside)
            .map_err(|err| syn::Error::new(err.span(), ALLOW))?;
        if laws.is_empty() {
            errors.at(&name, ALLOW);
        }
        options.allows.extend(laws);
        return Ok(());
    }
    if !is_deny {
        inside.parse::<proc_macro2::TokenStream>()?;
        options.named(list_macro, &name, errors);
        return Ok(());
    }
    let Ok(lint) = inside.parse::<Ident>() else {
        return Err(syn::Error::new(name.span(), DENY));
    };
    if inside.parse::<Token![=]>().is_err() {
        return Err(syn::Error::new(lint.span(), DENY));
    }
    let guard: Type = inside.parse().map_err(|err| syn::Error::new(err.span(), DENY))?;
    inside.parse::<Option<Token![,]>>()?;
    if lint != "unguarded" {
        errors.at(&lint, DENY);
    }
    if matches!(guard, Type::Tuple(_)) || !inside.is_empty() {
        errors.at(
            &guard,
            "`deny` takes one type: put a list that denies by the other type around this one, or into it",
        );
    }
    if options.guard.is_some() {
        errors.at(
            &name,
            "a list has one `deny`: put a list that denies by the other type around this one, or into it",
        );
        return Ok(());
    }
    options.guard = Some(guard);
    match inside.is_empty() {
        true => Ok(()),
        // The tokens after the type have been reported.
        false => inside.parse::<proc_macro2::TokenStream>().map(drop),
    }
}

impl Options {
    fn named(&mut self, list_macro: ListMacro, name: &Ident, errors: &mut Errors) {
        match &*name.to_string() {
            "strict" => self.strict = true,
            "case_sensitive" => self.case_sensitive = true,
            "merge_params" if matches!(list_macro, ListMacro::Router) => self.merge_params = true,
            "merge_params" => errors.at(
                name,
                "`merge_params` is for `router!`, so leave it out: a `stack!` always sees the parameters of the mounts around it, \
                 and an `app!` never",
            ),
            other => errors.at(
                name,
                format_args!(
                    "there is no option `{other}`: the options are `strict`, `case_sensitive`, `merge_params`, \
                     `deny(unguarded = User)` and `allow(name_of_law)`"
                ),
            ),
        }
    }
}
