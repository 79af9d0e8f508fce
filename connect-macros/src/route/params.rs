//! Which parameter of a route is what.
//!
//! The request, the response and `next` are recognised by their types, in any order, and a parameter of the pattern by its
//! name. Other references are values that layers provide, and other owned types are extractors.

use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{GenericArgument, Pat, PatType, PathArguments, Type};

use crate::function::types::{PRIMITIVES, argument, is_extractor, is_rewrite, known, written};
use crate::function::values::{Value, value_of};
use crate::pattern::{Kind, Name};

/// A parameter of the function.
pub(crate) struct Param<'a> {
    pub(crate) param: &'a PatType,
    pub(crate) source: Source,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    RequestMut,
    Request,
    Response,
    Next,
    /// The pattern's parameter with this index.
    Path(usize, Kind),
    /// A parameter of a mount.
    Mount,
    /// A value that a layer above provides, `&User`.
    Required,
    /// A value that one may provide, `Option<&User>`.
    Optional,
    /// What an extractor makes of the request, `Json<User>`.
    Extracted,
}

pub(super) fn same(a: Source, b: Source) -> bool {
    if matches!(a, Source::Mount | Source::Required | Source::Optional | Source::Extracted) {
        return false;
    }
    a == b || matches!((a, b), (Source::RequestMut | Source::Request, Source::RequestMut | Source::Request))
}

/// What a parameter is; or what is wrong with it, if it is not that it has no partner.
pub(super) fn source(param: &PatType, names: &[Name]) -> Result<Source, Option<String>> {
    let by = match &*param.ty {
        Type::Reference(reference) if reference.mutability.is_some() => Some(true),
        Type::Reference(_) => Some(false),
        _ => None,
    };
    match (known(param), by) {
        (Some("Request"), _) if let Some(needed) = argument(&param.ty, "Rewrite") => {
            return Err(Some(takes_value(needed)));
        }
        (Some("Request"), Some(true)) => return Ok(Source::RequestMut),
        (Some("Request"), Some(false) | None) if is_rewrite(&param.ty) => {
            return Err(Some(
                "`Rewrite` is taken by `&mut`: write `&mut Rewrite`, or `&Request` to read it".to_owned(),
            ));
        }
        (Some("Request"), Some(false)) => return Ok(Source::Request),
        (Some("Request"), None) => {
            return Err(Some("the request is lent: write `&mut Request` or `&Request`".to_owned()));
        }
        (Some("Response"), Some(true)) => return Ok(Source::Response),
        (Some("Response"), _) => return Err(Some("the response is lent: write `&mut Response`".to_owned())),
        (Some("Next"), None) => {
            let bare = matches!(&*param.ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.arguments.is_none()));
            return if bare {
                Ok(Source::Next)
            } else {
                Err(Some("a route provides no values: write `Next` without arguments".to_owned()))
            };
        }
        (Some("Next"), _) => return Err(Some("`next` is owned: write `next: Next`".to_owned())),
        (Some("Resume"), _) => {
            return Err(Some("only an error handler takes `Resume`: write `next: Next`".to_owned()));
        }
        _ => {}
    }
    if let Type::ImplTrait(_) = &*param.ty {
        return Err(Some("a route takes no `impl Trait`: name the type, such as `id: u64`".to_owned()));
    }
    let name = name(param);
    if let Some(index) = name.as_deref().and_then(|name| partner(name, names)) {
        return Ok(Source::Path(index, names[index].kind));
    }
    match (value_of(param), &*param.ty) {
        (Some(Value::Required(ty)), _) if is_extractor(ty) => {
            Err(Some("an extractor is owned: write its type without `&`".to_owned()))
        }
        (Some(Value::Required(_)), _) => Ok(Source::Required),
        (Some(Value::Optional(_)), _) => Ok(Source::Optional),
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
        (None, ty) if is_of_paths(ty) => Err(name.is_none().then(|| match names {
            [] => "this type is for a parameter of the pattern, which has none: leave it out".to_owned(),
            names => {
                let names = bindings(names);
                format!("a parameter of the pattern is found by its name, and this has none: write {names}")
            }
        })),
        _ => Ok(Source::Extracted),
    }
}

fn takes_value(needed: &Type) -> String {
    format!("a route takes a provided value itself: write `value: &{}` beside the request", written(needed))
}

/// Whether a type is made of parts of a path, and no extractor: text that is lent, numbers, and lists of them.
fn is_of_paths(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) | Type::Tuple(_) | Type::Array(_) | Type::Slice(_) => true,
        Type::Path(path) if PRIMITIVES.iter().any(|name| path.path.is_ident(name)) => true,
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
pub(super) fn binding(name: &str) -> String {
    name.chars().map(|c| if c == '_' || unicode_ident::is_xid_continue(c) { c } else { '_' }).collect()
}

/// The names of the parameters that take these, as a message lists them.
pub(super) fn bindings<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    let names = names.into_iter().map(|name| format!("`{}`", binding(&name.text)));
    names.collect::<Vec<_>>().join(" or ")
}

pub(super) fn name(param: &PatType) -> Option<String> {
    match &*param.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => Some(pat.ident.unraw().to_string()),
        _ => None,
    }
}
