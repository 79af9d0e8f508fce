//! Code that the expansions of all attributes share.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, PatType, Type};

use super::parse::Function;
use super::types::argument;

/// Allows clippy's lints on long signatures, which declare what a layer takes: a type alias would hide that.
pub(crate) fn allowed(function: &Function) -> Option<TokenStream> {
    const PARAMETERS: usize = 7;
    const TYPES: usize = 4;
    let inputs = &function.sig.inputs;
    let tuple = |param: &FnArg| match param {
        FnArg::Typed(param) => ["Next", "Resume", "With", "Rewrite"].iter().any(|name| {
            argument(&param.ty, name)
                .is_some_and(|ty| matches!(ty, Type::Tuple(tuple) if tuple.elems.len() > TYPES))
        }),
        FnArg::Receiver(_) => false,
    };
    let needed = inputs.len() > PARAMETERS || inputs.iter().any(tuple);
    needed.then(|| quote!(#[allow(clippy::too_many_arguments, clippy::type_complexity)]))
}

/// `next: Next` becomes `next: Next<(), Track>`.
pub(crate) fn with_track(param: &PatType, track: &TokenStream) -> TokenStream {
    let (attrs, pat, ty) = (&param.attrs, &param.pat, &param.ty);
    quote_spanned!(ty.span()=> #(#attrs)* #pat: #ty<(), #track>)
}

/// The generated body in the user's own braces: rustc applies no lints to an item that is generated, and decides that by its
/// first and last token.
pub(crate) fn braces_of(function: &Function, inside: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, inside);
    group.set_span(function.body.span());
    group
}
