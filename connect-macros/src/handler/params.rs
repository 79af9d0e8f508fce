//! Which parameter of a middleware or an error handler is what: the error, the request, the response, `next`.

use quote::ToTokens;
use syn::{GenericArgument, PatType, PathArguments, Type};

use super::Role;
use super::check::{is_extractor, known};
use super::parse::Function;
use super::returns::is_plain_value;
use super::values::{argument, is_rewrite, rewrites};
use crate::errors::Errors;

/// The parameters of a layer beside values and configuration. Only an error handler's error has to be there.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) err: Option<&'a PatType>,
    pub(super) req: Option<&'a PatType>,
    pub(super) res: Option<&'a PatType>,
    pub(super) next: Option<&'a PatType>,
}

impl<'a> Places<'a> {
    /// Of all three, or of the request and the response, by their places, so that an alias works; of fewer by the names of
    /// their types.
    pub(super) fn of(role: Role, params: &[&'a PatType]) -> Option<Self> {
        let (err, rest) = match (role, params) {
            (Role::ErrorHandler, [first, ..]) if place(first).is_some() => return None,
            (Role::ErrorHandler, [err, rest @ ..]) => (Some(*err), rest),
            (Role::ErrorHandler, []) => return None,
            (_, rest) => (None, rest),
        };
        let mut places = Places { err, req: None, res: None, next: None };
        match *rest {
            _ if rest.iter().take(2).any(|param| is_owned(param)) => return None,
            [req, res, next] => {
                (places.req, places.res, places.next) = (Some(req), Some(res), Some(next));
            }
            [req, res] if place(req).unwrap_or(0) == 0 && place(res).unwrap_or(1) == 1 => {
                (places.req, places.res) = (Some(req), Some(res));
            }
            _ => {
                let mut from = 0;
                for param in rest {
                    let at = place(param).filter(|at| *at >= from)?;
                    [&mut places.req, &mut places.res, &mut places.next][at].replace(param);
                    from = at + 1;
                }
            }
        }
        Some(places)
    }

    /// What is wrong with the first parameter that is not what its place asks for.
    pub(super) fn wrong(self, role: Role, function: &'a Function) -> Option<(&'a dyn ToTokens, String)> {
        let Places { err, req, res, next } = self;
        let places: Vec<(&PatType, &str)> =
            [(err, "Error"), (req, "Request"), (res, "Response"), (next, "Next")]
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
            req.and_then(|req| exclusive(role, "req", "Request", req)),
            res.and_then(|res| exclusive(role, "res", "Response", res)),
            next.and_then(|next| way_on(role, next)),
        ];
        let params = [err, req, res, next];
        let (problem, param) =
            problems.into_iter().zip(params).find_map(|(problem, param)| Some((problem?, param?)))?;
        Some((&param.ty, problem))
    }
}

/// The types in `With<User, Db>`, which should be a tuple.
pub(super) fn several(ty: &Type) -> Option<(&'static str, String)> {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let name = ["With", "Rewrite"].into_iter().find(|name| last.ident == name)?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() > 1 => {
            Some((name, arguments.args.to_token_stream().to_string().replace(" ,", ",")))
        }
        _ => None,
    }
}

/// Whether a parameter can be no request and no response, by whatever name: an alias of a reference has a lifetime.
fn is_owned(param: &PatType) -> bool {
    let has_lifetime = |arguments: &PathArguments| {
        matches!(arguments, PathArguments::AngleBracketed(arguments)
            if arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_))))
    };
    place(param).is_none()
        && match &*param.ty {
            Type::Path(path) => path.path.segments.last().is_some_and(|last| !has_lifetime(&last.arguments)),
            Type::Tuple(_) | Type::Array(_) => true,
            _ => false,
        }
}

/// The place of a parameter by the name of its type: among request, response and `next`.
fn place(param: &PatType) -> Option<usize> {
    if argument(&param.ty, "With").is_some() || several(&param.ty).is_some() {
        return Some(0);
    }
    match known(param)? {
        "Request" => Some(0),
        "Response" => Some(1),
        "Next" | "Resume" => Some(2),
        _ => None,
    }
}

/// `req` and `res`, which must be `&mut T`.
fn exclusive(role: Role, name: &str, ty: &str, param: &PatType) -> Option<String> {
    if let Some((of, types)) = several(&param.ty) {
        return Some(format!("several values are a tuple: write `&mut {of}<({types})>`"));
    }
    if role == Role::ErrorHandler
        && let Some(value) = argument(&param.ty, "With").or_else(|| argument(&param.ty, "Rewrite"))
    {
        let value = value.to_token_stream().to_string().replace(' ', "");
        return Some(format!(
            "an error may come from above the layer that provides it: take `Option<&{value}>` beside the request"
        ));
    }
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

/// The error for parameters that are none of a layer's, or in another order.
pub(super) fn wrong_number(role: Role, function: &Function, params: &[&PatType], errors: &mut Errors) {
    let (attribute, name) = (role.attribute(), &function.sig.ident);
    let first = params.first().copied();
    let is = |param: Option<&PatType>, name| param.and_then(known) == Some(name);
    match (role, first) {
        (Role::Middleware, Some(err)) if is(first, "Error") => {
            let advice = "with an error it is an error handler: mark it `#[error_handler]`, or drop the first parameter";
            return errors.at(err, format_args!("`{attribute}` takes `{}`; {advice}", role.signature()));
        }
        (Role::ErrorHandler, None) => {
            let missing = format!("`{attribute}` takes an error first: write `err: Error`");
            return errors.at_span(function.sig.paren_token.span.join(), missing);
        }
        (Role::ErrorHandler, Some(_)) if params.iter().all(|param| !is(Some(param), "Error")) => {
            let advice =
                "without an error it is a middleware: put `err: Error` first, or mark it `#[middleware]`";
            let message = format!("`{attribute}` takes `{}`; {advice}", role.signature());
            return errors.at(&function.sig.inputs, message);
        }
        _ => {}
    }
    let strange = |param: &&&PatType| place(param).is_none() && !is(Some(param), "Error");
    let Some(param) = params.iter().find(strange) else {
        return errors.at(
            &function.sig.inputs,
            format_args!(
                "the parameters are in the wrong order, or one is there twice: write those of `{}` that are needed",
                role.signature()
            ),
        );
    };
    let (ty, shared) = match argument(&param.ty, "Option") {
        Some(inner) => {
            let inner = inner.to_token_stream().to_string().replace(' ', "");
            (format!("Option<{inner}>"), format!("Option<&{inner}>"))
        }
        None => {
            let ty = param.ty.to_token_stream().to_string().replace(' ', "");
            let shared = match role {
                Role::ErrorHandler => format!("Option<&{ty}>"),
                _ => format!("&{ty}"),
            };
            (ty, shared)
        }
    };
    let binding = param.pat.to_token_stream();
    let is_first = first.is_some_and(|first| std::ptr::eq(first, *param));
    let message = match &*param.ty {
        ty if is_extractor(ty) => {
            format!("extractors are for routes: `{attribute}` reads from `req`, such as `req.json().await?`")
        }
        _ if is_first => {
            format!("mark this parameter `#[config]` to make it an argument of `{name}(..)`")
        }
        Type::Reference(reference) if reference.mutability.is_some() => {
            "what a layer provides is shared by those below: write `&`, and put what changes behind a lock"
                .to_owned()
        }
        ty if argument(ty, "Option").is_none() && is_plain_value(ty) => {
            format!(
                "mark this parameter `#[config]`, and put it first, to make it an argument of `{name}(..)`"
            )
        }
        _ => format!(
            "for a value that a layer above provides write `{binding}: {shared}`, and for an argument of `{name}(..)` \
             `#[config] {binding}: {ty}`, first"
        ),
    };
    errors.at(param, message);
}
