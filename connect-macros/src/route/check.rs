//! Checks a route's function against its pattern.

use quote::ToTokens;
use syn::{FnArg, GenericArgument, PatType, PathArguments, ReturnType, Type};

use super::params::{Param, Source, binding, bindings, name, same, source};
use super::parse::Arguments;
use crate::errors::Errors;
use crate::function::check::{parameters, qualifiers};
use crate::function::config::Config;
use crate::function::declares::Access;
use crate::function::mount;
use crate::function::parse::{Function, is_config};
use crate::function::role::Role;
use crate::function::types::{argument, borrows, is_extractor};
use crate::function::values::{self, Types, Value, value_of};
use crate::pattern::{Kind, Name};

/// A checked route.
pub(crate) struct Route<'a> {
    pub(crate) arguments: Arguments,
    pub(crate) configs: Vec<Config<'a>>,
    /// In their order in the function.
    pub(crate) params: Vec<Param<'a>>,
    /// The values that its function takes, `&User`.
    pub(crate) needs: Types,
    /// The values that its function takes if a layer has provided them, `Option<&User>`.
    pub(crate) optional: Vec<Type>,
    /// The parameters of mounts that its function takes, in their order.
    pub(crate) mounts: Vec<String>,
}

pub(crate) fn check<'a>(
    role: Role,
    arguments: Arguments,
    function: &'a Function,
    errors: &mut Errors,
) -> Option<Route<'a>> {
    qualifiers(role, function, errors);
    if matches!(function.sig.output, ReturnType::Default) {
        errors.at(
            &function.sig.ident,
            format_args!(
                "`{}` needs a return type: write `-> Result`, or what the route answers with, `-> String`",
                role.attribute()
            ),
        );
    }
    if let ReturnType::Type(_, ty) = &function.sig.output
        && let Some(borrowed) = borrowed(ty)
    {
        errors.at(
            borrowed,
            "a response is sent after the function has returned, so it cannot borrow: return a `String`, or what is `&'static`",
        );
    }
    let (configs, others) = parameters(role, function, errors)?;
    let (mut mounts, mut params) = (Vec::new(), Vec::<Param<'a>>::new());
    let mut sound = true;
    for param in others {
        if let Some(name) = mount::name(param, errors) {
            if arguments.pattern.names.iter().any(|own| own.text == name) {
                errors.at(param, "this is a parameter of the route's own pattern: leave `#[mount]` out");
                sound = false;
            }
            mounts.push(name);
            params.push(Param { param, source: Source::Mount });
            continue;
        }
        match source(param, &arguments.pattern.names) {
            Ok(source) if params.iter().any(|other| same(other.source, source)) => {
                errors.at(param, "the function takes this already: leave one of the two out");
                sound = false;
            }
            Ok(source) => params.push(Param { param, source }),
            Err(problem) => {
                let problem = problem.unwrap_or_else(|| no_partner(param, &arguments, function));
                errors.at(param, problem);
                sound = false;
            }
        }
    }
    // A parameter of the pattern that none takes may be what a wrong one was meant for: that would be a second error for one
    // mistake.
    if !sound {
        return None;
    }
    match misspelt(&arguments, &params) {
        Some(param) => errors.at(param, no_partner(param, &arguments, function)),
        None => report_untaken(&arguments, function, &params, errors),
    }
    if let Some(stream) = stream_that_borrows(function) {
        errors.at(
            stream,
            "this stream may borrow from the parameters, and outlives them: write `impl Stream<Item = Event> + use<>`, \
             and clone what it needs",
        );
    }
    let mut needs = Types::default();
    let mut optional = Vec::new();
    for Param { param, source } in &params {
        match (source, value_of(param)) {
            (Source::Required, Some(Value::Required(ty))) => _ = needs.add(ty),
            (Source::Optional, Some(Value::Optional(ty))) => optional.push(ty.clone()),
            _ => {}
        }
    }
    values::tuple(&arguments.needs, errors);
    if let Access::Guarded(types) = &arguments.access {
        values::tuple(types, errors);
    }
    Some(Route { arguments, configs, params, needs, optional, mounts })
}

/// The reference without a lifetime in what a route returns, such as the `&str` of `Html<&str>`.
fn borrowed(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Reference(reference) if reference.lifetime.is_none() => Some(ty),
        Type::Reference(reference) => borrowed(&reference.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(borrowed),
        Type::Path(path) => {
            let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => borrowed(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

fn no_partner(param: &PatType, arguments: &Arguments, function: &Function) -> String {
    let (name, pattern) = (name(param).unwrap_or_default(), &arguments.pattern);
    let taken: Vec<usize> = function
        .sig
        .inputs
        .iter()
        .filter_map(|other| match other {
            FnArg::Typed(other) if !other.attrs.iter().any(is_config) => source(other, &pattern.names).ok(),
            _ => None,
        })
        .filter_map(|source| match source {
            Source::Path(index, _) => Some(index),
            _ => None,
        })
        .collect();
    let free: Vec<&Name> = pattern
        .names
        .iter()
        .enumerate()
        .filter_map(|(index, known)| (!taken.contains(&index)).then_some(known))
        .collect();
    let foreign = [format!("{{{name}}}"), format!("<{name}>")];
    let advice = match free[..] {
        _ if let Some(foreign) = foreign.iter().find(|foreign| pattern.text.contains(*foreign)) => {
            format!("write `:{name}` in place of `{foreign}`")
        }
        [] => "add it to the pattern, or take `req: &Request`".to_owned(),
        ref names => format!("did you mean {}?", bindings(names.iter().copied())),
    };
    format!("the pattern `{}` has no `:{name}` for the parameter `{name}`: {advice}", pattern.text)
}

/// A parameter that counts as an extractor, and is probably meant for one of the pattern's that no parameter takes.
fn misspelt<'a>(arguments: &Arguments, params: &[Param<'a>]) -> Option<&'a PatType> {
    let lends = |source| matches!(source, Source::Request | Source::RequestMut);
    let taken = params.iter().filter(|param| matches!(param.source, Source::Path(..))).count();
    if taken == arguments.pattern.names.len() || params.iter().any(|param| lends(param.source)) {
        return None;
    }
    let found = params.iter().find(|Param { param, source }| {
        *source == Source::Extracted && name(param).is_some() && !is_extractor(&param.ty)
    });
    found.map(|found| found.param)
}

/// Reports a parameter of the pattern that the function does not take, and cannot read in another way.
fn report_untaken(arguments: &Arguments, function: &Function, params: &[Param<'_>], errors: &mut Errors) {
    // The layers of its own stack may read it.
    if !arguments.stack.is_empty() {
        return;
    }
    if params.iter().any(|param| matches!(param.source, Source::Request | Source::RequestMut)) {
        return;
    }
    let taken =
        |index: usize| params.iter().any(|param| matches!(param.source, Source::Path(i, _) if i == index));
    for (index, name) in arguments.pattern.names.iter().enumerate() {
        if !taken(index) {
            let (text, function) = (&name.text, &function.sig.ident);
            let (sign, ty) = match name.kind {
                Kind::Required => (':', "&str"),
                Kind::Optional => (':', "Option<&str>"),
                Kind::Splat { .. } => ('*', "Vec<&str>"),
            };
            errors.at(
                &arguments.literal,
                format_args!(
                    "the pattern `{pattern}` has `{sign}{text}`, and `{function}` no parameter `{name}`: add \
                     `{name}: {ty}`, or take `req: &Request` and read `req.param(\"{text}\")`",
                    pattern = arguments.pattern.text,
                    name = binding(text),
                ),
            );
            return;
        }
    }
}

/// The `impl Stream` in a route's `Events<impl Stream>`, which takes in the lifetimes of all parameters unless it says `use<>`
/// (since edition 2024).
fn stream_that_borrows(function: &Function) -> Option<&Type> {
    let ReturnType::Type(_, ty) = &function.sig.output else { return None };
    let stream = argument(ty, "Events").filter(|ty| matches!(ty, Type::ImplTrait(_)))?;
    let says = |tokens: String, what: &str| tokens.split([' ', '<']).any(|word| word == what);
    let lends = function.sig.inputs.iter().any(|param| match param {
        FnArg::Typed(param) => !param.attrs.iter().any(is_config) && borrows(&param.ty),
        FnArg::Receiver(_) => false,
    });
    (lends && !says(stream.to_token_stream().to_string(), "use")).then_some(stream)
}
