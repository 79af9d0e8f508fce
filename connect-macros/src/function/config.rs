//! `#[config]` parameters: arguments of the function that makes a layer, and its fields.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Pat, PatType, Type};

use super::parse::is_config;

/// A `#[config]` parameter.
pub(crate) struct Config<'a> {
    pub(crate) param: &'a PatType,
    pub(crate) name: Ident,
}

/// The name under which the constructor takes a parameter.
pub(crate) fn name_of(param: &PatType, i: usize) -> Ident {
    match &*param.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
        pat => Ident::new(&format!("config{i}"), pat.span()),
    }
}

/// The parameter of the inner function, without the attributes that only the constructor's may have.
pub(crate) fn without_config(param: &PatType) -> PatType {
    let mut param = param.clone();
    param.attrs.retain(|attr: &Attribute| !is_config(attr) && !attr.path().is_ident("doc"));
    param
}

/// Whether the body gets a clone of a `#[config]` parameter, and not a reference to it.
pub(crate) fn is_cloned(Config { param, .. }: &Config<'_>) -> bool {
    !matches!(&*param.ty, Type::Reference(reference) if reference.lifetime.is_none())
}

/// How the layer stores the value of a `#[config]` parameter.
pub(super) enum Stored<'a> {
    /// As its own type. The body gets a reference, if the parameter is `&T`, or a clone.
    Value(&'a Type),
    /// As a `String`, for `&str`.
    Text(Span),
}

pub(super) fn stored(param: &PatType) -> Stored<'_> {
    match &*param.ty {
        Type::Reference(reference) if reference.lifetime.is_none() => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => Stored::Text(path.span()),
            elem => Stored::Value(elem),
        },
        ty => Stored::Value(ty),
    }
}

pub(crate) fn field(Config { name, param }: &Config<'_>) -> TokenStream {
    match stored(param) {
        Stored::Text(span) => quote_spanned!(span=> #name: ::std::string::String),
        Stored::Value(ty) => quote!(#name: #ty),
    }
}

/// The initializer of the field.
pub(crate) fn value(Config { name, param }: &Config<'_>, mixed: Span) -> TokenStream {
    match stored(param) {
        Stored::Text(_) => quote_spanned!(mixed=> #name: ::core::convert::Into::into(#name)),
        Stored::Value(_) => quote!(#name),
    }
}

/// A parameter of the constructor.
pub(crate) fn argument(Config { name, param }: &Config<'_>) -> TokenStream {
    match stored(param) {
        Stored::Text(span) => quote_spanned!(span=> #name: impl ::core::convert::Into<::std::string::String>),
        Stored::Value(ty) => quote!(#name: #ty),
    }
}
