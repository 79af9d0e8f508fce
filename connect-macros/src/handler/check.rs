//! Holds a function's signature against its role.
//!
//! What a parameter *is* follows from its place, never from its type's name: an alias works. Names are looked at
//! only to say something better than rustc would, where a well-known type stands in the wrong place.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, GenericArgument, Pat, PatType, PathArguments, Type};

use super::Role;
use super::parse::{Function, attributes_of, is_config};
use super::qualifiers::qualifiers;
use super::returns::{is_plain_value, return_type};
use super::values::{Access, Declares, Types, Wanted, argument, is_rewrite, rewrites, twice, wanted};
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
    /// Values that it takes beside the request: `user: &User`, `user: Option<&User>`.
    pub(crate) values: Vec<(&'a PatType, Wanted<'a>)>,
    /// What `With<..>` says is in the request.
    pub(crate) with: Types,
    pub(crate) declares: Declares,
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
        if let Some(cfg) = attributes_of(param).iter().find(|attr| attr.path().is_ident("cfg")) {
            errors.at(cfg, "`#[cfg]` does not work on a parameter here: put it on two functions");
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
    let mut values = Vec::new();
    params.retain(|param: &&PatType| match wanted(param) {
        Some(Wanted::Maybe(ty)) => {
            values.push((*param, Wanted::Maybe(ty)));
            false
        }
        Some(Wanted::Needed(ty)) if role == Role::Middleware && is_value(param) => {
            values.push((*param, Wanted::Needed(ty)));
            false
        }
        _ => true,
    });
    if role == Role::ErrorHandler {
        // The first is the error.
        if let Some((param, ty)) = params.iter().skip(1).find_map(|param| match wanted(param) {
            Some(Wanted::Needed(ty)) if known(param).is_none() => Some((*param, ty)),
            _ => None,
        }) {
            let ty = ty.to_token_stream().to_string().replace(' ', "");
            errors.at(
                &param.ty,
                format_args!(
                    "an error may come from above the layer that provides it: write `Option<&{ty}>`"
                ),
            );
            return None;
        }
    }
    let (err, rest) = match (role, &params[..]) {
        (Role::ErrorHandler, [err, rest @ ..]) => (Some(*err), rest),
        (_, rest) => (None, rest),
    };
    let (req, res, next) = match *rest {
        [req, res] if role == Role::Middleware && known(res) != Some("Next") => (req, res, None),
        [req, res, next] => (req, res, Some(next)),
        _ => {
            wrong_number(role, function, &params, errors);
            return None;
        }
    };
    if let Some((tokens, problem)) = wrong_place(role, function, err, req, res, next) {
        errors.at(tokens, problem);
    }
    let mut declares = declares(role, req, next);
    twice(&declares.needs, errors);
    twice(&declares.provides, errors);
    let with = declares.needs.clone();
    for (param, wanted) in &values {
        if let Wanted::Needed(ty) = wanted
            && !declares.needs.add(ty)
        {
            errors.at(param, "the function takes this already: leave one of the two out");
        }
    }
    Some(Handler { role, configs, err, req, res, next, values, with, declares })
}

/// Whether a shared reference is to a value, and not a request or a response that was meant to be taken by `&mut`.
fn is_value(param: &PatType) -> bool {
    known(param).is_none() && argument(&param.ty, "With").is_none()
}

/// What the parameters of a layer say about needs and provides.
fn declares(role: Role, req: &PatType, next: Option<&PatType>) -> Declares {
    let needs = ["With", "Rewrite"].iter().find_map(|name| argument(&req.ty, name));
    // An error handler that does not resume has nobody to provide to.
    let way_on = if role == Role::ErrorHandler { "Resume" } else { "Next" };
    let provides = next.and_then(|next| argument(&next.ty, way_on));
    let resumes = role == Role::ErrorHandler && next.is_some_and(|next| known(next) == Some("Resume"));
    Declares {
        needs: needs.map(Types::of).unwrap_or_default(),
        provides: provides.map(Types::of).unwrap_or_default(),
        resumes,
        rewrites: rewrites(req),
        access: Access::Private,
    }
}

/// The same for a function with a fault, so that nothing is missed below it as well.
pub(crate) fn declares_of(role: Role, function: &Function) -> Declares {
    let params = function.sig.inputs.iter().filter_map(|param| match param {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let next = params.clone().find(|param| matches!(known(param), Some("Next" | "Resume")));
    match params.clone().next() {
        Some(first) if role == Role::Middleware => {
            let mut declares = declares(role, first, next);
            for param in params.filter(|param| is_value(param)) {
                if let Some(Wanted::Needed(ty)) = wanted(param) {
                    declares.needs.add(ty);
                }
            }
            declares
        }
        Some(first) => Declares { needs: Types::default(), ..declares(role, first, next) },
        None => Declares::default(),
    }
}

/// What is wrong with the first parameter that is not what its place asks for.
fn wrong_place<'a>(
    role: Role,
    function: &'a Function,
    err: Option<&'a PatType>,
    req: &'a PatType,
    res: &'a PatType,
    next: Option<&'a PatType>,
) -> Option<(&'a dyn ToTokens, String)> {
    let places: Vec<(&PatType, &str)> =
        [(err, "Error"), (Some(req), "Request"), (Some(res), "Response"), (next, "Next")]
            .into_iter()
            .filter_map(|(param, name)| Some((param?, name)))
            .collect();
    let misplaced = |&(param, name): &(&PatType, &str)| {
        known(param).is_some_and(|known| known != name && known != "Resume")
    };
    let all_there =
        places.iter().all(|&(_, name)| places.iter().any(|&(param, _)| known(param) == Some(name)));
    if all_there && places.iter().any(misplaced) {
        return Some((
            &function.sig.inputs,
            format!("the parameters are in the wrong order: write `{}`", role.signature()),
        ));
    }
    let problems = [
        err.and_then(error_taken),
        exclusive(role, "req", "Request", req),
        exclusive(role, "res", "Response", res),
        next.and_then(|next| way_on(role, next)),
    ];
    let params = [err, Some(req), Some(res), next];
    let (problem, param) =
        problems.into_iter().zip(params).find_map(|(problem, param)| Some((problem?, param?)))?;
    Some((&param.ty, problem))
}

/// `req` and `res`, which must be `&mut T`.
fn exclusive(role: Role, name: &str, ty: &str, param: &PatType) -> Option<String> {
    if is_rewrite(&param.ty) && !rewrites(param) {
        return Some(format!("the request is lent to change it: write `{name}: &mut Rewrite`"));
    }
    let fits = match &*param.ty {
        Type::Reference(reference) => {
            reference.mutability.is_some()
                && known(param).is_none_or(|known| known == ty)
                && !is_plain_value(&reference.elem)
                && (role == Role::Middleware
                    || ["With", "Rewrite"].iter().all(|name| argument(&param.ty, name).is_none()))
        }
        // Anything that is not recognised may be an alias; rustc compares it.
        ty => known(param).is_none() && !is_plain_value(ty),
    };
    let (attribute, signature) = (role.attribute(), role.signature());
    (!fits)
        .then(|| format!("this parameter must be `{name}: &mut {ty}`, as `{attribute}` takes `{signature}`"))
}

/// `next`.
fn way_on(role: Role, param: &PatType) -> Option<String> {
    let Type::Path(path) = &*param.ty else { return Some(not_next(role)) };
    match known(param) {
        Some("Resume") if role == Role::Middleware => {
            Some("`Resume` is an error handler's; a middleware takes `next: Next`".to_owned())
        }
        None if is_plain_value(&param.ty) => Some(not_next(role)),
        Some("Next" | "Resume") | None => {
            let last = path.path.segments.last().map(|last| &last.arguments);
            let name = known(param).unwrap_or("Next");
            if last.is_none_or(PathArguments::is_none) {
                return None;
            }
            let provides = argument(&param.ty, name);
            match (role, name) {
                (Role::ErrorHandler, "Next") => Some(
                    "an error handler that does not resume provides nothing: write `next: Next`, or \
                     `next: Resume<..>` to resume with a value"
                        .to_owned(),
                ),
                _ if provides.is_none() => Some(format!(
                    "write `next: {name}`, or what the layer provides: `next: {name}<User>`, `next: {name}<(User, Db)>`"
                )),
                _ => None,
            }
        }
        Some(_) => Some(not_next(role)),
    }
}

fn not_next(role: Role) -> String {
    format!("this parameter must be `next: Next`, as `{}` takes `{}`", role.attribute(), role.signature())
}

/// `err`.
fn error_taken(param: &PatType) -> Option<String> {
    match (&*param.ty, known(param)) {
        (_, Some("Request" | "Response" | "Next" | "Resume")) => Some(format!(
            "this parameter must be the error: `#[error_handler]` takes `{}`",
            Role::ErrorHandler.signature()
        )),
        (Type::Reference(_), _) => {
            Some("an error handler owns its error: write `err: Error`, without `&`".to_owned())
        }
        _ => None,
    }
}

fn wrong_number(role: Role, function: &Function, params: &[&PatType], errors: &mut Errors) {
    let name = &function.sig.ident;
    let first = params.first().and_then(|param| known(param));
    let has = |name| params.iter().any(|param| known(param) == Some(name));
    // What stands before the parameters that we know can only have been meant for the constructor.
    let expected_first = if role == Role::ErrorHandler { "Error" } else { "Request" };
    let position = params.iter().position(|param| known(param) == Some(expected_first));
    if let Some(position @ 1..) = position
        && first != Some("Error")
    {
        let param = params[position - 1];
        if is_extractor(&param.ty) {
            errors.at(
                param,
                format_args!(
                    "extractors are for routes: `{}` reads from `req`, such as `req.json().await?`",
                    role.attribute()
                ),
            );
        } else {
            errors.at(
                param,
                format_args!("mark this parameter `#[config]` to make it an argument of `{name}(..)`"),
            );
        }
        return;
    }
    let attribute = role.attribute();
    let signature = role.signature();
    let or_two = match role {
        Role::Middleware => ", without `next` if it always answers",
        Role::ErrorHandler | Role::Route(_) => "",
    };
    if params.len() > 3 && first != Some("Error") || params.len() > 4 {
        let extra = params.iter().find(|param| known(param).is_none()).or(params.last());
        errors.at(
            extra,
            format_args!(
                "`{attribute}` takes `{signature}`{or_two}: leave this parameter out, or mark it `#[config]` and put it first"
            ),
        );
        return;
    }
    let missing: Vec<_> = EXPECTED
        .iter()
        .filter(|(name, _)| match *name {
            "Error" => role == Role::ErrorHandler && first != Some("Error"),
            "Next" => role == Role::ErrorHandler && !has("Next") && !has("Resume"),
            name => !has(name),
        })
        .map(|(_, missing)| format!("`{missing}`"))
        .collect();
    let advice = match (role, &missing[..]) {
        (Role::Middleware, _) if first == Some("Error") => {
            "with an error it is an error handler: mark it `#[error_handler]`, or drop the first parameter"
                .to_owned()
        }
        (Role::ErrorHandler, _) if first == Some("Request") => {
            "without an error it is a middleware: put `err: Error` first, or mark it `#[middleware]`"
                .to_owned()
        }
        (_, []) => format!("this function has {} of them", params.len()),
        (_, [one]) => format!("{one} is missing"),
        (_, [before @ .., last]) => format!("{} and {last} are missing", before.join(", ")),
    };
    let message = format!("`{attribute}` takes `{signature}`{or_two}; {advice}");
    match params {
        [err, ..] if role == Role::Middleware && first == Some("Error") => errors.at(err, message),
        [] => errors.at_span(function.sig.paren_token.span.join(), message),
        _ => errors.at(&function.sig.inputs, message),
    }
}

/// The parameters of a layer.
const EXPECTED: [(&str, &str); 4] = [
    ("Error", "err: Error"),
    ("Request", "req: &mut Request"),
    ("Response", "res: &mut Response"),
    ("Next", "next: Next"),
];

/// The last name in a parameter's type, if it is one of ours.
pub(crate) fn known(param: &PatType) -> Option<&'static str> {
    let ty = match &*param.ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident == "Rewrite" {
        return Some("Request");
    }
    ["Request", "Response", "Next", "Resume", "Error"].into_iter().find(|name| last.ident == name)
}

/// Whether a type is one of the library's extractors, by its name.
pub(crate) fn is_extractor(ty: &Type) -> bool {
    const NAMES: [&str; 11] = [
        "Query",
        "Json",
        "Form",
        "Multipart",
        "Bytes",
        "Body",
        "HeaderMap",
        "Method",
        "Uri",
        "Version",
        "Peer",
    ];
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| {
        NAMES.iter().any(|name| last.ident == name)
            || matches!(&last.arguments, PathArguments::AngleBracketed(inner)
                if matches!(inner.args.first(), Some(GenericArgument::Type(inner)) if is_extractor(inner)))
    })
}

/// The name under which the constructor takes a parameter.
pub(crate) fn name_of(param: &PatType, i: usize) -> Ident {
    match &*param.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
        pat => Ident::new(&format!("config{i}"), pat.span()),
    }
}
