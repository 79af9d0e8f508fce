//! Holds a function's signature against its role.
//!
//! What a parameter *is* follows from its place, never from its type's name: an alias works. Names are looked at
//! only to say something better than rustc would, where a well-known type stands in the wrong place.

use quote::ToTokens;
use syn::{FnArg, GenericArgument, PatType, PathArguments, ReturnType, Type};

use super::Role;
use super::config::{Config, name_of};
use super::parse::{Function, attributes_of, is_config};
use super::places::{self, Places};
use super::qualifiers::qualifiers;
use super::returns::return_type;
use super::values::{Access, Declares, Types, Wanted, argument, rewrites, twice, wanted};
use super::{ends, mounted};
use crate::errors::Errors;

/// A signature that fits its role.
pub(crate) struct Handler<'a> {
    pub(crate) role: Role,
    pub(crate) configs: Vec<Config<'a>>,
    /// The error of an error handler.
    pub(crate) err: Option<&'a PatType>,
    pub(crate) req: Option<&'a PatType>,
    pub(crate) res: Option<&'a PatType>,
    pub(crate) next: Option<&'a PatType>,
    /// Values that it takes beside the request: `user: &User`, `user: Option<&User>`.
    pub(crate) values: Vec<(&'a PatType, Wanted<'a>)>,
    /// What `With<..>` says is in the request.
    pub(crate) with: Types,
    pub(crate) declares: Declares,
}

pub(crate) fn check<'a>(role: Role, function: &'a Function, errors: &mut Errors) -> Option<Handler<'a>> {
    qualifiers(role, function, errors);
    return_type(role, function, errors);

    let mut configs = Vec::new();
    let mut params = Vec::new();
    let mut values = Vec::new();
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
            None => match mounted::name(typed, errors) {
                Some(name) => values.push((typed, Wanted::Mount(name))),
                None => params.push(typed),
            },
        }
    }
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
    let Some(places) = Places::of(role, &params) else {
        places::wrong_number(role, function, &params, errors);
        return None;
    };
    if let Some((tokens, problem)) = places.wrong(role, function) {
        errors.at(tokens, problem);
    }
    let Places { err, req, res, next } = places;
    if !matches!(function.sig.output, ReturnType::Default) {
        ends::without_answer(role, function, [req, res], errors);
    }
    let mut declares = declares(role, req, next);
    twice(&declares.needs, errors);
    twice(&declares.provides, errors);
    for ty in &declares.provides.all {
        if argument(ty, "Option").is_some() {
            errors.at(ty, "below, `Option<&T>` asks whether a `T` was provided, and would not find this: make it a type of your own, \
                           `struct Visitor(Option<User>);`");
        }
    }
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

/// Whether a shared reference is to a value, and not a request or a response that was meant to be taken by `&mut`:
/// `&payment::Request` is one.
fn is_value(param: &PatType) -> bool {
    let is_elsewhere = match &*param.ty {
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) => {
                path.path.segments.len() > 1
                    && path.path.segments.first().is_some_and(|first| first.ident != "connect")
            }
            _ => false,
        },
        _ => false,
    };
    is_elsewhere || known(param).is_none() && argument(&param.ty, "With").is_none()
}

/// What the parameters of a layer say about needs and provides.
fn declares(role: Role, req: Option<&PatType>, next: Option<&PatType>) -> Declares {
    let needs = req.and_then(|req| ["With", "Rewrite"].iter().find_map(|name| argument(&req.ty, name)));
    // An error handler that does not resume has nobody to provide to.
    let way_on = if role == Role::ErrorHandler { "Resume" } else { "Next" };
    let provides = next.and_then(|next| argument(&next.ty, way_on));
    let resumes = role == Role::ErrorHandler && next.is_some_and(|next| known(next) == Some("Resume"));
    Declares {
        needs: needs.map(Types::of).unwrap_or_default(),
        provides: provides.map(Types::of).unwrap_or_default(),
        resumes,
        rewrites: req.is_some_and(rewrites),
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
            let mut declares = declares(role, Some(first), next);
            for param in params.filter(|param| is_value(param)) {
                if let Some(Wanted::Needed(ty)) = wanted(param) {
                    declares.needs.add(ty);
                }
            }
            declares
        }
        Some(first) => Declares { needs: Types::default(), ..declares(role, Some(first), next) },
        None => Declares::default(),
    }
}

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
