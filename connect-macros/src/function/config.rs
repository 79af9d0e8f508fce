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

/// The user's own parameter: without what only the constructor's may have.
pub(crate) fn without_config(param: &PatType) -> PatType {
    let mut param = param.clone();
    param.attrs.retain(|attr: &Attribute| !is_config(attr) && !attr.path().is_ident("doc"));
    param
}

/// Whether the body gets a clone of a `#[config]` parameter, and not a reference to it.
pub(crate) fn is_cloned(Config { param, .. }: &Config<'_>) -> bool {
    !matches!(&*param.ty, Type::Reference(reference) if reference.lifetime.is_none())
}

/// How the layer keeps what a `#[config]` parameter stands for.
pub(super) enum Kept<'a> {
    /// As itself; the body borrows it, if it is written `&T`, or gets a clone.
    Value(&'a Type),
    /// `&str`: as a `String`, from anything that can become one.
    Text(Span),
}

pub(super) fn kept(param: &PatType) -> Kept<'_> {
    match &*param.ty {
        Type::Reference(reference) if reference.lifetime.is_none() => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => Kept::Text(path.span()),
            elem => Kept::Value(elem),
        },
        ty => Kept::Value(ty),
    }
}

pub(crate) fn field(Config { name, param }: &Config<'_>) -> TokenStream {
    match kept(param) {
        Kept::Text(span) => quote_spanned!(span=> #name: ::std::string::String),
        Kept::Value(ty) => quote!(#name: #ty),
    }
}

/// What a field is made of.
pub(crate) fn value(Config { name, param }: &Config<'_>, mixed: Span) -> TokenStream {
    match kept(param) {
        Kept::Text(_) => quote_spanned!(mixed=> #name: ::core::convert::Into::into(#name)),
        Kept::Value(_) => quote!(#name),
    }
}

/// A parameter of the constructor.
pub(crate) fn argument(Config { name, param }: &Config<'_>) -> TokenStream {
    match kept(param) {
        Kept::Text(span) => quote_spanned!(span=> #name: impl ::core::convert::Into<::std::string::String>),
        Kept::Value(ty) => quote!(#name: #ty),
    }
}
