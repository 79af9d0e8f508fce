//! The arguments of a route's attribute: methods, pattern, the route's own stack.
//!
//! ```text
//! arguments := (METHOD ',')* "pattern" (',' expr)* ','?
//! ```

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, LitStr, Token};

use super::Verb;
use crate::errors::Errors;
use crate::pattern::{self, Parsed, Place};

pub(crate) struct Arguments {
    /// Nothing for all of them.
    pub(crate) methods: Option<Vec<String>>,
    pub(crate) pattern: Parsed,
    pub(crate) literal: LitStr,
    pub(crate) stack: Vec<Expr>,
}

pub(crate) fn arguments(verb: Verb, tokens: TokenStream, errors: &mut Errors) -> Option<Arguments> {
    let parsed = |input: ParseStream<'_>| parse(verb, input);
    let (methods, literal, stack) = match parsed.parse2(tokens) {
        Ok(parsed) => parsed,
        Err(err) => {
            errors.push(err);
            return None;
        }
    };
    let pattern = pattern::of_literal(&literal, Place::Route, errors)?;
    Some(Arguments { methods, pattern, literal, stack })
}

fn parse(verb: Verb, input: ParseStream<'_>) -> syn::Result<(Option<Vec<String>>, LitStr, Vec<Expr>)> {
    let attribute = verb.attribute();
    let methods = match verb {
        Verb::One(_, method) => Some(vec![method.to_owned()]),
        Verb::All => None,
        Verb::Listed => Some(methods(input)?),
    };
    let example = match verb {
        Verb::Listed => "#[route(GET, POST, \"/path\")]".to_owned(),
        _ => attribute.replace(']', "(\"/path\")]"),
    };
    if input.is_empty() {
        return Err(syn::Error::new(
            Span::call_site(),
            format_args!("`{attribute}` needs a path: write `{example}`"),
        ));
    }
    if !input.peek(LitStr) {
        return Err(input.error(format_args!("the path of a route is a string literal: write `{example}`")));
    }
    let literal = input.parse()?;
    let mut stack = Vec::new();
    while !input.is_empty() {
        if !input.peek(Token![,]) {
            return Err(input.error("write `,` between the path and the layers of the route's own stack"));
        }
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        stack.push(input.parse()?);
    }
    Ok((methods, literal, stack))
}

fn methods(input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    let mut methods = Vec::new();
    while input.peek(Ident) {
        let name: Ident = input.parse()?;
        let upper = name.to_string().to_uppercase();
        if name != upper {
            return Err(syn::Error::new(
                name.span(),
                format_args!("methods are in upper case: write `{upper}`"),
            ));
        }
        methods.push(upper);
        if input.is_empty() {
            break;
        }
        if !input.peek(Token![,]) {
            return Err(input.error("write `,` after a method"));
        }
        input.parse::<Token![,]>()?;
    }
    if methods.is_empty() {
        return Err(input.error("name the methods first: write `#[route(GET, POST, \"/path\")]`"));
    }
    Ok(methods)
}
