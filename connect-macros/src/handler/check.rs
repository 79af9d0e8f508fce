//! Checks the signature of a middleware or an error handler.
//!
//! What a parameter is follows from its position, so that an alias of its type works. The names of types serve for messages
//! that are better than rustc's, and where parameters are left out.

use syn::{GenericArgument, PatType, PathArguments, ReturnType, Type};

use super::ends;
use super::params::{self, Params};
use crate::errors::Errors;
use crate::function::check::{parameters, qualifiers};
use crate::function::config::Config;
use crate::function::declares::{Declares, declares};
use crate::function::mount;
use crate::function::parse::Function;
use crate::function::role::Role;
use crate::function::types::{argument, is_plain_value, known, written};
use crate::function::values::{self, Types, Value, is_value, value_of};

/// A checked signature.
pub(crate) struct Handler<'a> {
    pub(crate) role: Role,
    pub(crate) configs: Vec<Config<'a>>,
    /// The error of an error handler.
    pub(crate) err: Option<&'a PatType>,
    pub(crate) req: Option<&'a PatType>,
    pub(crate) res: Option<&'a PatType>,
    pub(crate) next: Option<&'a PatType>,
    /// The parameters that take values: `user: &User`, `user: Option<&User>`, `#[mount] id: u64`.
    pub(crate) values: Vec<(&'a PatType, Value<'a>)>,
    /// The types of `With<..>`.
    pub(crate) with: Types,
    pub(crate) declares: Declares,
}

pub(crate) fn check<'a>(role: Role, function: &'a Function, errors: &mut Errors) -> Option<Handler<'a>> {
    qualifiers(role, function, errors);
    return_type(role, function, errors);

    let (configs, others) = parameters(role, function, errors)?;
    let (mut params, mut values) = (Vec::new(), Vec::new());
    for param in others {
        match mount::name(param, errors) {
            Some(name) => values.push((param, Value::Mount(name))),
            None => params.push(param),
        }
    }
    params.retain(|param: &&PatType| match value_of(param) {
        Some(Value::Optional(ty)) => {
            values.push((*param, Value::Optional(ty)));
            false
        }
        Some(Value::Required(ty)) if role == Role::Middleware && is_value(param) => {
            values.push((*param, Value::Required(ty)));
            false
        }
        _ => true,
    });
    if role == Role::ErrorHandler {
        // The first is the error.
        if let Some((param, ty)) = params.iter().skip(1).find_map(|param| match value_of(param) {
            Some(Value::Required(ty)) if known(param).is_none() => Some((*param, ty)),
            _ => None,
        }) {
            let ty = written(ty);
            errors.at(
                &param.ty,
                format_args!(
                    "an error may come from above the layer that provides it: write `Option<&{ty}>`"
                ),
            );
            return None;
        }
    }
    let Some(found) = Params::of(role, &params) else {
        params::report(role, function, &params, errors);
        return None;
    };
    if let Some((tokens, problem)) = found.wrong(role, function) {
        errors.at(tokens, problem);
    }
    let Params { err, req, res, next } = found;
    if !matches!(function.sig.output, ReturnType::Default) {
        ends::without_response(role, function, [req, res], errors);
    }
    let mut declares = declares(role, req, next);
    values::tuple(&declares.needs, errors);
    values::tuple(&declares.provides, errors);
    for ty in &declares.provides.all {
        if argument(ty, "Option").is_some() {
            errors.at(
                ty,
                "`Option<&T>` in a layer below finds a `T`, and not an `Option<T>`: provide a type of your own, \
                 `struct Visitor(Option<User>);`",
            );
        }
    }
    let with = declares.needs.clone();
    for (param, value) in &values {
        if let Value::Required(ty) = value
            && !declares.needs.add(ty)
        {
            errors.at(param, "the function takes this already: leave one of the two out");
        }
    }
    Some(Handler { role, configs, err, req, res, next, values, with, declares })
}

fn return_type(role: Role, function: &Function, errors: &mut Errors) {
    match &function.sig.output {
        ReturnType::Default => errors.at(
            &function.sig.ident,
            format_args!(
                "`{}` needs a return type: write `-> Result` after the parameters",
                role.attribute()
            ),
        ),
        ReturnType::Type(_, ty) if is_result_of_nothing(ty) || is_plain_value(ty) => {
            errors.at(ty, "a layer returns proof that it answered or handed on: write `-> Result`");
        }
        ReturnType::Type(..) => {}
    }
}

/// Whether a type is `Result<()>`, or one of something else that is surely not `Done`.
fn is_result_of_nothing(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    let first = arguments.args.first();
    last.ident == "Result" && matches!(first, Some(GenericArgument::Type(ty)) if is_plain_value(ty))
}
