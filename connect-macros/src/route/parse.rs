//! The arguments of a route's attribute: methods, pattern, the route's own stack.
//!
//! ```text
//! arguments := (METHOD ',')* "pattern" (',' (expr | 'needs' '=' type))* ','?
//! ```

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, LitStr, Token};

use super::Verb;
use crate::errors::Errors;
use crate::handler::values::Types;
use crate::pattern::{self, Parsed, Place};

pub(crate) struct Arguments {
    /// Nothing for all of them.
    pub(crate) methods: Option<Vec<String>>,
    pub(crate) pattern: Parsed,
    pub(crate) literal: LitStr,
    pub(crate) stack: Vec<Expr>,
    /// `needs = User`: what the route's own stack takes from the stack around it.
    pub(crate) needs: Types,
}

type Split = (Option<Vec<String>>, LitStr, Vec<Expr>, Types);

pub(crate) fn arguments(verb: Verb, tokens: TokenStream, errors: &mut Errors) -> Option<Arguments> {
    let parsed = |input: ParseStream<'_>| parse(verb, input);
    let (methods, literal, stack, needs) = match parsed.parse2(tokens) {
        Ok(parsed) => parsed,
        Err(err) => {
            errors.push(err);
            return None;
        }
    };
    let pattern = pattern::of_literal(&literal, Place::Route, errors)?;
    Some(Arguments { methods, pattern, literal, stack, needs })
}

fn parse(verb: Verb, input: ParseStream<'_>) -> syn::Result<Split> {
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
    let (mut stack, mut needs, mut says_needs) = (Vec::new(), Types::default(), None);
    while !input.is_empty() {
        if !input.peek(Token![,]) {
            return Err(input.error("write `,` between the path and the layers of the route's own stack"));
        }
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let name: Ident = input.parse()?;
            if name != "needs" {
                return Err(syn::Error::new(
                    name.span(),
                    format_args!(
                        "`{attribute}` knows no `{name}`, only `needs = User` or `needs = (User, Db)`"
                    ),
                ));
            }
            input.parse::<Token![=]>()?;
            needs = Types::of(&input.parse()?);
            says_needs = Some(name);
            continue;
        }
        stack.push(input.parse()?);
    }
    if let (Some(name), true) = (says_needs, stack.is_empty()) {
        return Err(syn::Error::new(
            name.span(),
            "`needs` is for a route with layers of its own; here the parameters of the function say it: `user: &User`",
        ));
    }
    Ok((methods, literal, stack, needs))
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
