//! What a type in a signature says by its name.
//!
//! Names decide only where no position does, and for messages that are better than rustc's: a type may be an alias.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{GenericArgument, PatType, PathArguments, PathSegment, Type};

/// The type behind a reference, or the type itself.
pub(crate) fn referent(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    }
}

/// The last segment of a type's path: `With<User>` of `connect::With<User>`, and of a reference to it.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match referent(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The last name in a parameter's type, if it is one of the library's; for `Rewrite` it is `Request`.
pub(crate) fn known(param: &PatType) -> Option<&'static str> {
    let last = last_segment(&param.ty)?;
    if last.ident == "Rewrite" {
        return Some("Request");
    }
    ["Request", "Response", "Next", "Resume", "Error"].into_iter().find(|name| last.ident == name)
}

/// Whether a type is one of the library's extractors, or an `Option` or a `Result` of one.
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

/// `T` of `name<T>`, where `name` is the last of a path: of `With<User>`, and of `&mut With<User>`.
pub(crate) fn argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let last = last_segment(ty).filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// The name and the types of `With<User, Db>`, which should have a tuple.
pub(crate) fn several(ty: &Type) -> Option<(&'static str, String)> {
    let last = last_segment(ty)?;
    let name = ["With", "Rewrite"].into_iter().find(|name| last.ident == name)?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() > 1 => {
            Some((name, arguments.args.to_token_stream().to_string().replace(" ,", ",")))
        }
        _ => None,
    }
}

/// Whether a parameter is a request that may be rewritten, `&mut Rewrite`.
pub(crate) fn rewrites(param: &PatType) -> bool {
    matches!(&*param.ty, Type::Reference(reference) if reference.mutability.is_some())
        && is_rewrite(&param.ty)
}

/// Whether a type is a `Rewrite`, or a reference to one.
pub(crate) fn is_rewrite(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| last.ident == "Rewrite")
}

/// Numbers, `bool` and `char`.
pub(crate) const PRIMITIVES: [&str; 16] = [
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64",
];

/// Whether a type is surely no alias: a reference, a tuple, or one with a name of the prelude.
pub(crate) fn is_plain_value(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let is = |name: &&str| path.path.segments[0].ident == **name;
            path.path.segments.len() == 1
                && (PRIMITIVES.iter().any(is) || ["String", "Option", "Vec", "Box", "Self"].iter().any(is))
        }
        Type::Reference(_) | Type::Tuple(_) | Type::Array(_) | Type::Never(_) | Type::ImplTrait(_) => true,
        _ => false,
    }
}

pub(crate) fn same(a: &Type, b: &Type) -> bool {
    a.to_token_stream().to_string() == b.to_token_stream().to_string()
}

/// Whether a type borrows, as far as it can be seen.
pub(crate) fn borrows(ty: &Type) -> bool {
    ty.to_token_stream().to_string().contains(['&', '\''])
}

/// A type as messages show it.
pub(crate) fn written(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// The span of the type's name, if it has one: of the `String` in `&mut String`.
pub(crate) fn name_span(ty: &Type) -> Span {
    match ty {
        Type::Reference(reference) => name_span(&reference.elem),
        Type::Path(path) => path.path.segments.last().map_or_else(|| ty.span(), |last| last.ident.span()),
        ty => ty.span(),
    }
}
