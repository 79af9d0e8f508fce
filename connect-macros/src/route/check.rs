//! Holds a route's function against its pattern.
//!
//! The request, the response and `next` are known by their types, in any order, and a parameter of the pattern by its
//! name. What is lent is a value that a layer provides, and what is owned an extractor.

use quote::ToTokens;
use syn::{FnArg, GenericArgument, Pat, PatType, PathArguments, ReturnType, Type};

use super::parse::Arguments;
use crate::errors::Errors;
use crate::handler::Role;
use crate::handler::check::{is_extractor, known};
use crate::handler::config::{Config, name_of};
use crate::handler::mounted;
use crate::handler::parse::{Function, attributes_of, is_config};
use crate::handler::qualifiers::qualifiers;
use crate::handler::values::{Access, Types, Wanted, argument, is_rewrite, twice, wanted};
use crate::pattern::{Kind, Name};

/// A route whose function fits its pattern.
pub(crate) struct Route<'a> {
    pub(crate) arguments: Arguments,
    pub(crate) configs: Vec<Config<'a>>,
    /// In the order of the function.
    pub(crate) params: Vec<Param<'a>>,
    /// What its function needs.
    pub(crate) needs: Types,
    /// What its function takes if it is there, `Option<&User>`.
    pub(crate) maybe: Vec<Type>,
    /// The parameters of mounts that its function takes, in their order.
    pub(crate) mounts: Vec<String>,
}

/// A parameter of the function.
pub(crate) struct Param<'a> {
    pub(crate) param: &'a PatType,
    pub(crate) what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    RequestMut,
    Request,
    Response,
    Next,
    /// The pattern's parameter with this index.
    Path(usize, Kind),
    /// A parameter of a mount.
    Mount,
    /// A value that a layer above provides, `&User`.
    Needed,
    /// A value that one may provide, `Option<&User>`.
    Maybe,
    /// What an extractor makes of the request, `Json<User>`.
    Extracted,
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
            "a response is sent when the values that it would borrow from are gone: return a `String`, or what is `&'static`",
        );
    }
    let mut configs = Vec::new();
    let mut mounts = Vec::new();
    let mut params: Vec<Param<'a>> = Vec::new();
    let mut sound = true;
    for (i, param) in function.sig.inputs.iter().enumerate() {
        let FnArg::Typed(typed) = param else {
            errors.at(
                param,
                format_args!(
                    "`{}` takes no `self`: put what it needs in `#[config]` parameters",
                    role.attribute()
                ),
            );
            return None;
        };
        if let Some(cfg) = attributes_of(param).iter().find(|attr| attr.path().is_ident("cfg")) {
            errors.at(cfg, "`#[cfg]` does not work on a parameter here: put it on two functions");
            return None;
        }
        if let Some(attr) = attributes_of(param).iter().find(|attr| is_config(attr)) {
            if !params.is_empty() {
                errors.at(attr, "`#[config]` parameters come first, before the others");
                return None;
            }
            if let Type::ImplTrait(ty) = &*typed.ty {
                errors.at(ty, format_args!("`{}` needs the type by name", role.attribute()));
                return None;
            }
            configs.push(Config { param: typed, name: name_of(typed, i) });
            continue;
        }
        if let Some(name) = mounted::name(typed, errors) {
            if arguments.pattern.names.iter().any(|own| own.text == name) {
                errors.at(typed, "this is a parameter of the route's own pattern: leave `#[mount]` out");
                sound = false;
            }
            mounts.push(name);
            params.push(Param { param: typed, what: What::Mount });
            continue;
        }
        match what(typed, &arguments.pattern.names) {
            Ok(what) if params.iter().any(|other| same(other.what, what)) => {
                errors.at(typed, "the function takes this already: leave one of the two out");
                sound = false;
            }
            Ok(what) => params.push(Param { param: typed, what }),
            Err(problem) => {
                let problem = problem.unwrap_or_else(|| no_partner(typed, &arguments, function));
                errors.at(typed, problem);
                sound = false;
            }
        }
    }
    // What nobody takes may be what a faulty parameter was meant for: that would be a second error for one mistake.
    if !sound {
        return None;
    }
    match misspelt(&arguments, &params) {
        Some(param) => errors.at(param, no_partner(param, &arguments, function)),
        None => nobody_takes(&arguments, function, &params, errors),
    }
    if let Some(stream) = stream_that_borrows(function) {
        errors.at(
            stream,
            "this stream may borrow from the parameters, and goes on when they are gone: write `impl Stream<Item = Event> + use<>`, \
             and clone what it needs",
        );
    }
    let mut needs = Types::default();
    let mut maybe = Vec::new();
    for Param { param, what } in &params {
        match (what, wanted(param)) {
            (What::Needed, Some(Wanted::Needed(ty))) => _ = needs.add(ty),
            (What::Maybe, Some(Wanted::Maybe(ty))) => maybe.push(ty.clone()),
            _ => {}
        }
    }
    twice(&arguments.needs, errors);
    if let Access::Guarded(types) = &arguments.access {
        twice(types, errors);
    }
    Some(Route { arguments, configs, params, needs, maybe, mounts })
}

fn same(a: What, b: What) -> bool {
    if matches!(a, What::Mount | What::Needed | What::Maybe | What::Extracted) {
        return false;
    }
    a == b || matches!((a, b), (What::RequestMut | What::Request, What::RequestMut | What::Request))
}

/// What a parameter is; or what is wrong with it, if it is not that it has no partner.
fn what(param: &PatType, names: &[Name]) -> Result<What, Option<String>> {
    let by = match &*param.ty {
        Type::Reference(reference) if reference.mutability.is_some() => Some(true),
        Type::Reference(_) => Some(false),
        _ => None,
    };
    match (known(param), by) {
        (Some("Request"), _) if let Some(needed) = argument(&param.ty, "Rewrite") => {
            return Err(Some(takes_value(needed)));
        }
        (Some("Request"), Some(true)) => return Ok(What::RequestMut),
        (Some("Request"), Some(false) | None) if is_rewrite(&param.ty) => {
            return Err(Some("write `&mut Rewrite`, or `&Request` to read it".to_owned()));
        }
        (Some("Request"), Some(false)) => return Ok(What::Request),
        (Some("Request"), None) => {
            return Err(Some("the request is lent: write `&mut Request` or `&Request`".to_owned()));
        }
        (Some("Response"), Some(true)) => return Ok(What::Response),
        (Some("Response"), _) => return Err(Some("the response is lent: write `&mut Response`".to_owned())),
        (Some("Next"), None) => {
            let bare = matches!(&*param.ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.arguments.is_none()));
            return if bare {
                Ok(What::Next)
            } else {
                Err(Some("write `Next` without arguments".to_owned()))
            };
        }
        (Some("Next"), _) => return Err(Some("`next` is owned: write `next: Next`".to_owned())),
        (Some("Resume"), _) => {
            return Err(Some("`Resume` is an error handler's; a route takes `next: Next`".to_owned()));
        }
        _ => {}
    }
    if let Type::ImplTrait(_) = &*param.ty {
        return Err(Some("a route needs the type by name, such as `id: u64`".to_owned()));
    }
    let name = name(param);
    if let Some(index) = name.as_deref().and_then(|name| partner(name, names)) {
        return Ok(What::Path(index, names[index].kind));
    }
    match (wanted(param), &*param.ty) {
        (Some(Wanted::Needed(ty)), _) if is_extractor(ty) => {
            Err(Some("an extractor is owned: write its type without `&`".to_owned()))
        }
        (Some(Wanted::Needed(_)), _) => Ok(What::Needed),
        (Some(Wanted::Maybe(_)), _) => Ok(What::Maybe),
        (None, ty) if let Some(needed) = argument(ty, "With") => Err(Some(takes_value(needed))),
        (None, Type::Reference(reference)) if matches!(*reference.elem, Type::TraitObject(_)) => {
            Err(Some(format!(
                "a value is found by its own type: provide a `Box` or an `Arc` of it, and write `&Box<{0}>` or `&Arc<{0}>`",
                reference.elem.to_token_stream()
            )))
        }
        (None, Type::Reference(reference)) if reference.mutability.is_some() => Err(Some(
            "what a layer provides is shared by those below: write `&`, and put what changes behind a lock"
                .to_owned(),
        )),
        _ if known(param) == Some("Error") => {
            Err(Some("no error gets to a route: take it in a function with `#[error_handler]`".to_owned()))
        }
        (None, ty) if is_of_paths(ty) => Err(name.is_none().then(|| {
            let known: Vec<_> = names.iter().map(|known| format!("`{}`", binding(&known.text))).collect();
            let advice = match &known[..] {
                [] => "and it has none: leave this one out".to_owned(),
                known => format!("write {}", known.join(" or ")),
            };
            format!("a route's parameter is the one of the pattern that has its name: {advice}")
        })),
        _ => Ok(What::Extracted),
    }
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

fn takes_value(needed: &Type) -> String {
    let ty = needed.to_token_stream().to_string().replace(' ', "");
    format!("a route takes a provided value itself: write `value: &{ty}` beside the request")
}

/// Whether a type is made of parts of a path, and no extractor: text that is lent, numbers, and lists of them.
fn is_of_paths(ty: &Type) -> bool {
    const NAMES: [&str; 16] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64",
    ];
    match ty {
        Type::Reference(_) | Type::Tuple(_) | Type::Array(_) | Type::Slice(_) => true,
        Type::Path(path) if NAMES.iter().any(|name| path.path.is_ident(name)) => true,
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return false };
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
            let Some(GenericArgument::Type(inner)) = arguments.args.first() else { return false };
            // `Vec<u8>` is the body.
            let bytes = last.ident == "Vec" && matches!(inner, Type::Path(path) if path.path.is_ident("u8"));
            ["Option", "Vec", "Result"].iter().any(|name| last.ident == name) && !bytes && is_of_paths(inner)
        }
        _ => false,
    }
}

/// The pattern's parameter that goes to a parameter of this name, which may have a `_` in front.
fn partner(name: &str, names: &[Name]) -> Option<usize> {
    let called = |name: &str| names.iter().position(|known| binding(&known.text) == name);
    called(name).or_else(|| called(name.strip_prefix('_')?))
}

/// The name of the parameter that takes one of the pattern: where that is quoted, with `_` for what cannot be in
/// an identifier.
fn binding(name: &str) -> String {
    name.chars().map(|c| if c == '_' || unicode_ident::is_xid_continue(c) { c } else { '_' }).collect()
}

fn name(param: &PatType) -> Option<String> {
    use syn::ext::IdentExt;
    match &*param.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.unraw().to_string()),
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
            FnArg::Typed(other) if !other.attrs.iter().any(is_config) => what(other, &pattern.names).ok(),
            _ => None,
        })
        .filter_map(|what| match what {
            What::Path(index, _) => Some(index),
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
        [one] => format!("did you mean `{}`?", binding(&one.text)),
        ref many => {
            let names: Vec<_> = many.iter().map(|known| format!("`{}`", binding(&known.text))).collect();
            format!("free are {}", names.join(", "))
        }
    };
    format!("the pattern `{}` has no `:{name}` for the parameter `{name}`: {advice}", pattern.text)
}

/// A parameter that is taken for an extractor, and looks like one of the pattern's that no parameter takes.
fn misspelt<'a>(arguments: &Arguments, params: &[Param<'a>]) -> Option<&'a PatType> {
    let lends = |what| matches!(what, What::Request | What::RequestMut);
    let taken = params.iter().filter(|param| matches!(param.what, What::Path(..))).count();
    if taken == arguments.pattern.names.len() || params.iter().any(|param| lends(param.what)) {
        return None;
    }
    let found = params.iter().find(|Param { param, what }| {
        *what == What::Extracted && name(param).is_some() && !is_extractor(&param.ty)
    });
    found.map(|found| found.param)
}

/// A parameter of the pattern that no parameter takes, in a route where nobody can read it in another way.
fn nobody_takes(arguments: &Arguments, function: &Function, params: &[Param<'_>], errors: &mut Errors) {
    // The layers of its own stack may, as one that loads what the path names.
    if !arguments.stack.is_empty() {
        return;
    }
    if params.iter().any(|param| matches!(param.what, What::Request | What::RequestMut)) {
        return;
    }
    let taken =
        |index: usize| params.iter().any(|param| matches!(param.what, What::Path(i, _) if i == index));
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

/// Whether a type says that it borrows.
pub(crate) fn borrows(ty: &Type) -> bool {
    ty.to_token_stream().to_string().contains(['&', '\''])
}
