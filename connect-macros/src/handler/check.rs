//! Holds a function's signature against its role.
//!
//! What a parameter *is* follows from its place, never from its type's name: an alias works. Names are looked at
//! only to say something better than rustc would, where a well-known type stands in the wrong place.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, Pat, PatType, ReturnType, Type};

use super::Role;
use super::parse::{Function, attributes_of, is_config};
use crate::errors::Errors;

/// A signature that fits its role.
pub(crate) struct Handler<'a> {
    pub(crate) role: Role,
    pub(crate) configs: Vec<Config<'a>>,
    /// The error of an error handler.
    pub(crate) err: Option<&'a PatType>,
    pub(crate) req: &'a PatType,
    pub(crate) res: &'a PatType,
    pub(crate) next: Option<&'a PatType>,
}

/// A `#[config]` parameter.
pub(crate) struct Config<'a> {
    pub(crate) param: &'a PatType,
    pub(crate) name: Ident,
}

pub(crate) fn check<'a>(role: Role, function: &'a Function, errors: &mut Errors) -> Option<Handler<'a>> {
    qualifiers(role, function, errors);
    return_type(role, function, errors);

    let mut configs = Vec::new();
    let mut params = Vec::new();
    for (i, param) in function.sig.inputs.iter().enumerate() {
        let config = attributes_of(param).iter().find(|attr| is_config(attr));
        let FnArg::Typed(typed) = param else {
            errors.at(
                param,
                format_args!(
                    "`{}` takes no `self`: put what it needs in `#[config]` parameters, or implement `Layer` for the type",
                    role.attribute()
                ),
            );
            return None;
        };
        if let Type::ImplTrait(ty) = &*typed.ty {
            errors.at(
                ty,
                format_args!(
                    "`{}` needs the type by name; for a generic layer implement `Layer` for a struct",
                    role.attribute()
                ),
            );
            return None;
        }
        match config {
            Some(attr) if !params.is_empty() => {
                errors.at(attr, "`#[config]` parameters come first, before the others");
                return None;
            }
            Some(_) => configs.push(Config { param: typed, name: name_of(typed, i) }),
            None => params.push(typed),
        }
    }
    match (role, &params[..]) {
        (Role::Middleware, &[req, res]) => {
            both(role, req, res, errors);
            Some(Handler { role, configs, err: None, req, res, next: None })
        }
        (Role::Middleware, &[req, res, next]) => {
            both(role, req, res, errors);
            third(role, next, errors);
            Some(Handler { role, configs, err: None, req, res, next: Some(next) })
        }
        (Role::ErrorHandler, &[err, req, res, next]) => {
            first(err, errors);
            both(role, req, res, errors);
            third(role, next, errors);
            Some(Handler { role, configs, err: Some(err), req, res, next: Some(next) })
        }
        (_, params) => {
            wrong_number(role, function, params, errors);
            None
        }
    }
}

fn qualifiers(role: Role, function: &Function, errors: &mut Errors) {
    let sig = &function.sig;
    let attribute = role.attribute();
    if let Some(token) = &sig.constness {
        errors.at(token, format_args!("`{attribute}` goes on a function that is not `const`"));
    }
    let unsafety = sig.to_token_stream().into_iter().find(|token| token.to_string() == "unsafe");
    if let Some(token) = unsafety {
        errors.at(token, format_args!("`{attribute}` goes on a safe function"));
    }
    if let Some(abi) = &sig.abi {
        errors.at(abi, format_args!("`{attribute}` goes on a Rust function, without `extern`"));
    }
    let generic = sig.generics.params.first();
    if let Some(param) = generic {
        let what = match param {
            GenericParam::Lifetime(_) => "lifetimes of its own: leave them out, they are inferred",
            _ => "generics: implement `Layer` for a generic struct",
        };
        errors.at(&sig.generics, format_args!("`{attribute}` takes no {what}"));
    } else if let Some(clause) = &sig.generics.where_clause {
        errors.at(clause, format_args!("`{attribute}` takes no generics, so there is nothing to bound"));
    }
}

fn return_type(role: Role, function: &Function, errors: &mut Errors) {
    if let ReturnType::Default = function.sig.output {
        errors.at(
            &function.sig.ident,
            format_args!(
                "`{}` needs a return type: write `-> Result` after the parameters",
                role.attribute()
            ),
        );
    }
}

/// `req` and `res`.
fn both(role: Role, req: &PatType, res: &PatType, errors: &mut Errors) {
    if known(req) == Some("Response") && known(res) == Some("Request") {
        errors.at(req, format_args!("`req` comes before `res`: write `{}`", role.signature()));
        return;
    }
    exclusive(role, "req", "Request", req, errors);
    exclusive(role, "res", "Response", res, errors);
}

/// A parameter that must be `&mut T`.
fn exclusive(role: Role, name: &str, ty: &str, param: &PatType, errors: &mut Errors) {
    let fits = match &*param.ty {
        Type::Reference(reference) => {
            reference.mutability.is_some() && known(param).is_none_or(|known| known == ty)
        }
        // Anything that is not recognised may be an alias; rustc compares it.
        _ => known(param).is_none(),
    };
    if !fits {
        errors.at(
            &param.ty,
            format_args!(
                "this parameter must be `{name}: &mut {ty}`, as `{}` takes `{}`",
                role.attribute(),
                role.signature()
            ),
        );
    }
}

/// `next`.
fn third(role: Role, param: &PatType, errors: &mut Errors) {
    let problem = match (&*param.ty, known(param)) {
        (Type::Path(path), Some("Next" | "Resume") | None) => match (role, known(param)) {
            (Role::Middleware, Some("Resume")) => {
                Some("`Resume` is an error handler's; a middleware takes `next: Next`".to_owned())
            }
            _ if path.path.segments.last().is_some_and(|last| !last.arguments.is_none()) => {
                Some("write `Next` without arguments: `next: Next`".to_owned())
            }
            _ => None,
        },
        _ => Some(format!(
            "this parameter must be `next: Next`, as `{}` takes `{}`",
            role.attribute(),
            role.signature()
        )),
    };
    if let Some(problem) = problem {
        errors.at(&param.ty, problem);
    }
}

/// `err`.
fn first(param: &PatType, errors: &mut Errors) {
    if let Type::Reference(_) = &*param.ty {
        errors.at(&param.ty, "an error handler owns its error: write `err: Error`, without `&`");
    } else if matches!(known(param), Some("Request" | "Response" | "Next" | "Resume")) {
        errors.at(
            &param.ty,
            format_args!(
                "this parameter must be the error: `#[error_handler]` takes `{}`",
                Role::ErrorHandler.signature()
            ),
        );
    }
}

fn wrong_number(role: Role, function: &Function, params: &[&PatType], errors: &mut Errors) {
    let n = params.len();
    let has = |name| params.iter().any(|param| known(param) == Some(name));
    let advice = match role {
        Role::Middleware if n == 4 => {
            "; four parameters are an error handler's: mark it `#[error_handler]`, or drop the first"
                .to_owned()
        }
        Role::ErrorHandler
            if n == 3 && !has("Error") && has("Request") && known(params[0]) == Some("Request") =>
        {
            "; three are a middleware's: put `err: Error` first, or mark it `#[middleware]`".to_owned()
        }
        Role::ErrorHandler if n == 3 && !has("Next") && !has("Resume") => {
            "; `next: Next` is missing at the end".to_owned()
        }
        _ => String::new(),
    };
    let span = match params {
        [] => function.sig.paren_token.span.join(),
        _ => span_of(params),
    };
    let signature = match role {
        Role::Middleware => {
            "(req: &mut Request, res: &mut Response, next: Next)`, the last one if it does not always answer"
        }
        Role::ErrorHandler => "(err: Error, req: &mut Request, res: &mut Response, next: Next)`",
    };
    let found = match n {
        0 => "none".to_owned(),
        n => n.to_string(),
    };
    errors.at_span(
        span,
        format_args!("`{}` takes `{signature}, and this function has {found}{advice}", role.attribute()),
    );
}

/// The span of all of them; on stable that of the first.
fn span_of(params: &[&PatType]) -> Span {
    let (first, last) = (params[0].span(), params[params.len() - 1].span());
    first.join(last).unwrap_or(first)
}

/// The last name in a parameter's type, if it is one of ours.
fn known(param: &PatType) -> Option<&'static str> {
    let ty = match &*param.ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    ["Request", "Response", "Next", "Resume", "Error"].into_iter().find(|name| last.ident == name)
}

/// The name under which the constructor takes a parameter.
fn name_of(param: &PatType, i: usize) -> Ident {
    match &*param.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
        pat => Ident::new(&format!("config{i}"), pat.span()),
    }
}
