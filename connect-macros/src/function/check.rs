//! The rules for functions with any of the attributes.

use proc_macro2::{Group, Ident, TokenTree};
use quote::ToTokens;
use syn::{FnArg, GenericParam, PatType, Type};

use super::config::{Config, name_of};
use super::parse::{Function, is_config};
use super::role::Role;
use crate::errors::Errors;

/// Reports other attributes, qualifiers, generics, a missing body, and an `.await` in a plain `fn`.
pub(crate) fn qualifiers(role: Role, function: &Function, errors: &mut Errors) {
    let sig = &function.sig;
    let attribute = role.attribute();
    if let Some(other) = function.inner.iter().find(|attr| is_another(attr)) {
        let is_layer = ["middleware", "error_handler"].iter().any(|name| ends_with(other.path(), name));
        let advice = match role {
            Role::Route(_) if !is_layer => {
                "for several methods write `#[route(GET, POST, \"/path\")]`, for several paths a function each"
            }
            _ => "leave one of them out",
        };
        errors.at(
            other,
            format_args!("`{attribute}` is on this function already, and it can only be one layer: {advice}"),
        );
    }
    if sig.asyncness.is_none()
        && let Some(token) = lone_await(&function.body)
    {
        let name = &sig.ident;
        errors.at(token, format_args!("a plain `fn` cannot `.await`: write `async fn {name}`"));
    }
    if let Some(semicolon) = &function.semicolon {
        errors.at(
            semicolon,
            format_args!("`{attribute}` goes on a function with a body: write it here, `{{ .. }}`"),
        );
    }
    if let Some(token) = &sig.constness {
        errors.at(
            token,
            format_args!("`{attribute}` goes on a function that is not `const`: leave the `const` out"),
        );
    }
    let unsafety = sig.to_token_stream().into_iter().find(|token| token.to_string() == "unsafe");
    if let Some(token) = unsafety {
        errors.at(token, format_args!("`{attribute}` goes on a safe function: leave the `unsafe` out"));
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, format_args!("`{attribute}` goes on a Rust function: leave the `extern` out"));
    }
    let generic = sig.generics.params.first();
    if let Some(param) = generic {
        let what = match param {
            GenericParam::Lifetime(_) => "lifetimes of its own: leave them out, they are inferred",
            _ if matches!(role, Role::Route(_)) => "generics: name the types, in a route for each",
            _ => "generics: implement `Layer` for a generic struct",
        };
        errors.at(&sig.generics, format_args!("`{attribute}` takes no {what}"));
    } else if let Some(clause) = &sig.generics.where_clause {
        errors.at(
            clause,
            format_args!(
                "`{attribute}` takes no generics, so there is nothing to bound: leave the `where` out"
            ),
        );
    }
}

/// Splits the parameters into those with `#[config]`, which come first, and the others. With an error there are none.
pub(crate) fn parameters<'a>(
    role: Role,
    function: &'a Function,
    errors: &mut Errors,
) -> Option<(Vec<Config<'a>>, Vec<&'a PatType>)> {
    let attribute = role.attribute();
    let is_route = matches!(role, Role::Route(_));
    let (mut configs, mut others) = (Vec::new(), Vec::new());
    for (i, param) in function.sig.inputs.iter().enumerate() {
        let FnArg::Typed(typed) = param else {
            let or = if is_route { "" } else { ", or implement `Layer` for the type" };
            errors.at(
                param,
                format_args!(
                    "`{attribute}` takes no `self`: put what it needs in `#[config]` parameters{or}"
                ),
            );
            return None;
        };
        let config = typed.attrs.iter().find(|attr| is_config(attr));
        if let Type::ImplTrait(ty) = &*typed.ty
            && (config.is_some() || !is_route)
        {
            let or = if is_route { "" } else { ", or implement `Layer` for a generic struct" };
            errors.at(ty, format_args!("`{attribute}` takes no `impl Trait`: name the type{or}"));
            return None;
        }
        if let Some(cfg) = typed.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
            errors.at(cfg, "`#[cfg]` does not work on a parameter here: put it on two functions");
            return None;
        }
        match config {
            Some(attr) if !others.is_empty() => {
                errors.at(attr, "`#[config]` parameters come first: put this one before the others");
                return None;
            }
            Some(_) => configs.push(Config { param: typed, name: name_of(typed, i) }),
            None => others.push(typed),
        }
    }
    Some((configs, others))
}

/// An `.await` that no `async` is around, as far as it can be seen: rustc would report it, and the type of `next` as well.
fn lone_await(body: &Group) -> Option<Ident> {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let is = |token: &TokenTree, text: &str| token.to_string() == text;
    if tokens.iter().any(|token| is(token, "async")) {
        return None;
    }
    tokens.iter().enumerate().find_map(|(i, token)| {
        let before = i.checked_sub(1).map(|before| &tokens[before]);
        match token {
            TokenTree::Ident(name) if name == "await" => {
                before.filter(|before| is(before, ".")).map(|_| name.clone())
            }
            // What a macro makes of its tokens is not known.
            TokenTree::Group(_) if before.is_some_and(|before| is(before, "!")) => None,
            TokenTree::Group(inside) => lone_await(inside),
            _ => None,
        }
    })
}

/// Whether an attribute is another one of the library's. Other crates have a `#[trace]`, too: a route's has a path in it.
pub(crate) fn is_another(attr: &syn::Attribute) -> bool {
    const VERBS: [&str; 11] =
        ["get", "post", "put", "delete", "patch", "head", "options", "trace", "connect", "all", "route"];
    let path = attr.path();
    let short = path.segments.len() == 1 || path.segments[0].ident == "connect";
    let named = |names: &[&str]| short && names.iter().any(|name| ends_with(path, name));
    let has_path = match &attr.meta {
        syn::Meta::List(list) => {
            list.tokens.clone().into_iter().any(|token| token.to_string().starts_with("\"/"))
        }
        _ => false,
    };
    named(&["middleware", "error_handler"]) || has_path && named(&VERBS)
}

fn ends_with(path: &syn::Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}
