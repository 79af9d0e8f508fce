//! What takes the place of a function with an error, so that the rest of the program gets no further errors.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, ReturnType, Type};

use super::check::is_another;
use super::config::{Stored, stored};
use super::declares::declares_of;
use super::parse::{Function, attributes_of, is_config};
use super::role::Role;
use super::types::{referent, several};
use crate::paths::private;

/// A function that makes a layer of the same kind, which does nothing.
pub(crate) fn stand_in(role: Role, function: &Function) -> TokenStream {
    let name = &function.sig.ident;
    let span = name.span();
    let (outer, vis) = (&function.outer, &function.vis);
    let params = function.sig.inputs.iter().enumerate().filter_map(|(i, param)| match param {
        FnArg::Typed(typed) if attributes_of(param).iter().any(is_config) => {
            let name = Ident::new(&format!("_config{i}"), span);
            let ty = match stored(typed) {
                Stored::Text(_) => quote!(impl ::core::convert::Into<::std::string::String>),
                Stored::Value(ty) => quote!(#ty),
            };
            Some(quote!(#name: #ty))
        }
        _ => None,
    });
    // The types of the signature count as used, or the user would be told to remove their imports.
    let types = function.sig.inputs.iter().filter_map(|param| match param {
        FnArg::Typed(typed) if several(&typed.ty).is_some() => Some(without_arguments(&typed.ty)),
        FnArg::Typed(typed) if stands_alone(&typed.ty) => Some((*typed.ty).clone()),
        _ => None,
    });
    let returned = match &function.sig.output {
        ReturnType::Type(_, ty) if matches!(**ty, Type::Path(_)) && !stands_alone(ty) => {
            Some(without_arguments(ty))
        }
        _ => None,
    };
    let types = types.chain(returned);
    let (generics, bounds) = (&function.sig.generics, &function.sig.generics.where_clause);
    let output = Some(&function.sig.output).filter(stands_alone);
    // So do those of a second attribute, which is refused.
    let others = function.inner.iter().filter(|attr| is_another(attr)).map(|attr| {
        let path = attr.path();
        quote!(#[allow(unused_imports)] use #path as _;)
    });
    let uses = quote!(#(#others)* fn __uses #generics (#(_: #types),*) #output #bounds { loop {} });
    let (make, made) = match role {
        Role::Middleware | Role::Route(_) => ("one", "One"),
        Role::ErrorHandler => ("handler", "Handler"),
    };
    let [make, made, bound] = [make, made, "Layer"].map(|name| private(name, span));
    let declares = declares_of(role, function);
    let returns = declares.returns(quote_spanned!(span=> #made<impl #bound>), span);
    let value = declares.value(quote_spanned!(span=> #make(__Layer)), span);
    quote_spanned! {span=>
        #(#outer)*
        #[allow(dead_code)]
        #vis fn #name(#(#params),*) -> #returns {
            #uses
            struct __Layer;
            impl #bound for __Layer {}
            #value
        }
    }
}

/// `With<()>` of `&mut With<User, Db>`, which rustc would report as well.
fn without_arguments(ty: &Type) -> Type {
    let mut ty = referent(ty).clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
    {
        last.arguments = syn::PathArguments::AngleBracketed(syn::parse_quote!(<()>));
    }
    ty
}

/// Whether a type means the same in the signature of an inner function.
fn stands_alone(ty: &impl ToTokens) -> bool {
    fn all(tokens: TokenStream) -> bool {
        tokens.into_iter().all(|token| match token {
            TokenTree::Ident(name) => name != "Self" && name != "_" && name != "impl",
            TokenTree::Group(group) => all(group.stream()),
            _ => true,
        })
    }
    all(ty.to_token_stream())
}
