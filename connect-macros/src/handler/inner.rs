//! The user's function as an inner function of the generated method, and the call of it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PatType, PathArguments, Type};

use super::check::Handler;
use crate::function::config::{Config, is_cloned, without_config};
use crate::function::expand::{allowed, with_track};
use crate::function::mount;
use crate::function::parse::Function;
use crate::function::types::name_span;
use crate::function::values::{Types, Value};
use crate::paths::private;

/// The user's function, as written but for what the attribute adds to the type of `next`.
pub(super) fn inner_function(
    function: &Function,
    handler: &Handler<'_>,
    generics: &TokenStream,
    track: &TokenStream,
) -> TokenStream {
    let (attrs, name, output, body) =
        (&function.inner, &function.sig.ident, &function.sig.output, &function.body);
    let (asyncness, token) = (&function.sig.asyncness, &function.sig.fn_token);
    let configs = handler.configs.iter().map(|config| without_config(config.param));
    let next = handler.next.map(|next| match &handler.declares.provides {
        types if types.is_empty() => with_track(next, track),
        types => next_giving(next, types, track),
    });
    let err = handler.err.into_iter();
    let req = handler.req.map(|req| view(req, &handler.with, function.sig.ident.span()).param);
    let lent = req.into_iter().chain(handler.res.cloned());
    let values = handler.values.iter().map(|(param, _)| mount::without_attribute(param));
    let allowed = allowed(function);
    quote! {
        #allowed
        #(#attrs)*
        #asyncness #token #name #generics (#(#configs,)* #(#err,)* #(#lent,)* #(#values,)* #next) #output #body
    }
}

/// `With<(User, Db)>` as the inner function takes it: with a marker in place of the tuple, which implements `Holds` for each
/// of the types.
pub(super) struct View {
    pub(super) items: TokenStream,
    /// The user's parameter, with the marker.
    param: PatType,
}

pub(super) fn view(param: &PatType, needs: &Types, span: Span) -> View {
    let mut param = param.clone();
    if !needs.is_tuple {
        return View { items: TokenStream::new(), param };
    }
    let marker = syn::Ident::new("__Needs", span);
    if let Type::Reference(reference) = &mut *param.ty
        && let Type::Path(path) = &mut *reference.elem
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        && let Some(argument) = arguments.args.first_mut()
    {
        *argument = GenericArgument::Type(syn::parse_quote!(#marker));
    }
    let holds = private("Holds", span);
    let types = &needs.all;
    let items = quote_spanned! {span=>
        struct #marker;
        #(impl #holds<#types> for #marker {})*
    };
    View { items, param }
}

/// `next: Next<User>` as the inner function takes it: with a second type argument, which the attribute adds.
fn next_giving(param: &PatType, provides: &Types, track: &TokenStream) -> TokenStream {
    let (attrs, pat) = (&param.attrs, &param.pat);
    let span = param.ty.span();
    let mut ty = param.ty.clone();
    let [gives, form] =
        ["Gives", if provides.is_tuple { "Tuple" } else { "Single" }].map(|name| private(name, span));
    if let Type::Path(path) = &mut *ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        arguments.args.push(GenericArgument::Type(syn::parse_quote!(#gives<#form, #track>)));
    }
    quote_spanned!(span=> #(#attrs)* #pat: #ty)
}

/// `name(config, err, req, res, next)`. Each argument carries the span of its parameter's type, where rustc then
/// points if they do not fit.
pub(super) fn call(
    function: &Function,
    handler: &Handler<'_>,
    mixed: Span,
    err: Option<&Ident>,
) -> TokenStream {
    let name = &function.sig.ident;
    let at = |param: &PatType| Span::mixed_site().located_at(name_span(&param.ty));
    let configs = handler.configs.iter().map(|config @ Config { name, param }| match is_cloned(config) {
        true => quote_spanned!(at(param)=> ::core::clone::Clone::clone(&self.#name)),
        false => quote_spanned!(mixed=> &self.#name),
    });
    let err = err.into_iter();
    let next = handler.next.map(|_| Ident::new("__connect_next", mixed));
    let req = handler.req.map(|param| request(function, handler, at(param)));
    let res = handler.res.map(|res| Ident::new("__connect_res", at(res)).to_token_stream());
    let lent = req.into_iter().chain(res);
    let (mut before, mut values) = (Vec::new(), Vec::new());
    let from = Ident::new("__connect_req", mixed);
    for (i, (param, kind)) in handler.values.iter().enumerate() {
        let value = Ident::new(&format!("__connect_v{i}"), mixed);
        match kind {
            Value::Optional(ty) => {
                let shared = private("maybe_shared", at(param));
                before.push(quote_spanned!(at(param)=> let #value = #shared::<#ty>(#from);));
                values.push(quote_spanned!(at(param)=> #value.as_deref()));
            }
            Value::Mount(name) => {
                before.push(mount::read(&param.ty, name, &value, &from.to_token_stream(), at(param)));
                values.push(quote_spanned!(at(param)=> #value));
            }
            Value::Required(ty) => {
                let shared = private("provided_shared", at(param));
                before.push(quote_spanned!(at(param)=> let #value = #shared::<#ty>(#from)?;));
                values.push(quote_spanned!(at(param)=> &*#value));
            }
        }
    }
    let call = quote_spanned!(mixed=> #name(#(#configs,)* #(#err,)* #(#lent,)* #(#values,)* #next));
    if before.is_empty() {
        return call;
    }
    let awaited = function.sig.asyncness.map(|_| quote_spanned!(mixed=> .await));
    quote_spanned!(mixed=> { #(#before)* #call #awaited })
}

/// The request as the inner function takes it.
fn request(function: &Function, handler: &Handler<'_>, at: Span) -> TokenStream {
    let mut req = Ident::new("__connect_req", at).to_token_stream();
    let checked_before = function.sig.asyncness.is_some() && handler.values.is_empty();
    if !handler.with.is_empty() && !checked_before {
        let (with, all) = (private("with", at), handler.with.tuple());
        req = quote_spanned!(at=> #with::<_, #all>(#req)?);
    }
    if handler.declares.rewrites {
        let rewrite = if handler.with.is_empty() { "rewritable" } else { "rewritable_with" };
        let rewrite = private(rewrite, at);
        req = quote_spanned!(at=> #rewrite(#req));
    }
    req
}
