//! Which parameter of a middleware or an error handler is what: the error, the request, the response, `next`.

use quote::ToTokens;
use syn::{GenericArgument, PatType, PathArguments, Type};

use crate::errors::Errors;
use crate::function::parse::Function;
use crate::function::role::Role;
use crate::function::types::{
    argument, is_extractor, is_plain_value, is_rewrite, known, rewrites, several, written,
};

/// The parameters that are neither values nor configuration. Only an error handler's error is required.
#[derive(Clone, Copy)]
pub(super) struct Params<'a> {
    pub(super) err: Option<&'a PatType>,
    pub(super) req: Option<&'a PatType>,
    pub(super) res: Option<&'a PatType>,
    pub(super) next: Option<&'a PatType>,
}

impl<'a> Params<'a> {
    /// All three, or the request and the response, are found by their positions, so that aliases of their types work; fewer
    /// by the names of their types.
    pub(super) fn of(role: Role, params: &[&'a PatType]) -> Option<Self> {
        let (err, rest) = match (role, params) {
            (Role::ErrorHandler, [first, ..]) if position(first).is_some() => return None,
            (Role::ErrorHandler, [err, rest @ ..]) => (Some(*err), rest),
            (Role::ErrorHandler, []) => return None,
            (_, rest) => (None, rest),
        };
        let mut found = Params { err, req: None, res: None, next: None };
        match *rest {
            _ if rest.iter().take(2).any(|param| is_owned(param)) => return None,
            [req, res, next] => {
                (found.req, found.res, found.next) = (Some(req), Some(res), Some(next));
            }
            [req, res] if position(req).unwrap_or(0) == 0 && position(res).unwrap_or(1) == 1 => {
                (found.req, found.res) = (Some(req), Some(res));
            }
            _ => {
                let mut from = 0;
                for param in rest {
                    let at = position(param).filter(|at| *at >= from)?;
                    [&mut found.req, &mut found.res, &mut found.next][at].replace(param);
                    from = at + 1;
                }
            }
        }
        Some(found)
    }

    /// The first parameter that is not what its position asks for, and what is wrong with it.
    pub(super) fn wrong(self, role: Role, function: &'a Function) -> Option<(&'a dyn ToTokens, String)> {
        let Params { err, req, res, next } = self;
        let named: Vec<(&PatType, &str)> =
            [(err, "Error"), (req, "Request"), (res, "Response"), (next, "Next")]
                .into_iter()
                .filter_map(|(param, name)| Some((param?, name)))
                .collect();
        let misplaced = |&(param, name): &(&PatType, &str)| {
            known(param).is_some_and(|known| known != name && known != "Resume")
        };
        let all_there =
            named.iter().all(|&(_, name)| named.iter().any(|&(param, _)| known(param) == Some(name)));
        if all_there && named.iter().any(misplaced) {
            return Some((
                &function.sig.inputs,
                format!("the parameters are in the wrong order: write `{}`", role.signature()),
            ));
        }
        let problems = [
            err.and_then(error_problem),
            req.and_then(|req| lent_problem(role, "req", "Request", req)),
            res.and_then(|res| lent_problem(role, "res", "Response", res)),
            next.and_then(|next| next_problem(role, next)),
        ];
        let params = [err, req, res, next];
        let (problem, param) =
            problems.into_iter().zip(params).find_map(|(problem, param)| Some((problem?, param?)))?;
        Some((&param.ty, problem))
    }
}

/// Whether a parameter is surely neither a request nor a response: an alias of a reference has a lifetime.
fn is_owned(param: &PatType) -> bool {
    let has_lifetime = |arguments: &PathArguments| {
        matches!(arguments, PathArguments::AngleBracketed(arguments)
            if arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_))))
    };
    position(param).is_none()
        && match &*param.ty {
            Type::Path(path) => path.path.segments.last().is_some_and(|last| !has_lifetime(&last.arguments)),
            Type::Tuple(_) | Type::Array(_) => true,
            _ => false,
        }
}

/// The position of a parameter among request, response and `next`, by the name of its type.
fn position(param: &PatType) -> Option<usize> {
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

/// What is wrong with `req` or `res`, which must be `&mut T`.
fn lent_problem(role: Role, name: &str, ty: &str, param: &PatType) -> Option<String> {
    if let Some((of, types)) = several(&param.ty) {
        return Some(format!("several values are a tuple: write `&mut {of}<({types})>`"));
    }
    if role == Role::ErrorHandler
        && let Some(value) = argument(&param.ty, "With").or_else(|| argument(&param.ty, "Rewrite"))
    {
        let value = written(value);
        return Some(format!(
            "an error may come from above the layer that provides it: take `Option<&{value}>` beside the request"
        ));
    }
    if is_rewrite(&param.ty) && !rewrites(param) {
        return Some(format!("`Rewrite` is taken by `&mut`: write `{name}: &mut Rewrite`"));
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

/// What is wrong with `next`.
fn next_problem(role: Role, param: &PatType) -> Option<String> {
    let Type::Path(path) = &*param.ty else { return Some(not_next(role)) };
    match known(param) {
        Some("Resume") if role == Role::Middleware => {
            Some("only an error handler takes `Resume`: write `next: Next`".to_owned())
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
                    "`{name}` takes the type of the value that the layer provides, or a tuple: write `next: {name}<User>` or \
                     `next: {name}<(User, Db)>`"
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

/// What is wrong with `err`.
fn error_problem(param: &PatType) -> Option<String> {
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

/// Reports parameters that a layer does not take, or takes in another order.
pub(super) fn report(role: Role, function: &Function, params: &[&PatType], errors: &mut Errors) {
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
    let strange = |param: &&&PatType| position(param).is_none() && !is(Some(param), "Error");
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
            let inner = written(inner);
            (format!("Option<{inner}>"), format!("Option<&{inner}>"))
        }
        None => {
            let ty = written(&param.ty);
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
            "only routes take extractors: read from `req`, such as `req.json().await?`".to_owned()
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
            "write `{binding}: {shared}` for a value that a layer above provides, or `#[config] {binding}: {ty}`, first, for an \
             argument of `{name}(..)`"
        ),
    };
    errors.at(param, message);
}
