//! Writes the constructor function that takes the place of the user's function, with everything else inside.
//!
//! ```text
//! /// Docs.
//! pub fn logger() -> One<impl Layer> {
//!     struct __Layer;
//!     impl Layer for __Layer {
//!         fn run<__Rest: Rest>(&self, req, res, next: Next<(), __Rest>) -> impl Future<Output = Result> + Send {
//!             async fn logger<__Rest: Rest>(req: .., res: .., next: Next<(), __Rest>) -> Result { .. }
//!             logger(req, res, next)
//!         }
//!     }
//!     one(__Layer)
//! }
//! ```
//!
//! Names that the generated code binds begin with `__connect_`: a user's function named `req` is an item beside
//! them, and items are not hygienic.
//!
//! A function and nothing else: its name can be shadowed by a local, and no type comes into the user's module.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Pat, PatType, Type};

use super::awaits::{Awaits, awaits};
use super::check::Handler;
use super::inner::{call, inner_function, view};
use crate::function::config::{argument, field, is_cloned, value};
use crate::function::expand::braces_of;
use crate::function::parse::Function;
use crate::function::role::Role;
use crate::function::types::name_span;
use crate::function::values::Value;
use crate::paths::private;

pub(crate) fn layer(function: &Function, handler: &Handler<'_>, facts: Option<&Type>) -> TokenStream {
    let name = &function.sig.ident;
    // rustc reports errors in generated code at the function's name. Names that the generated code binds are not visible to
    // the user's code.
    let span = name.span();
    let mixed = Span::mixed_site().located_at(span);
    let is_async = function.sig.asyncness.is_some();

    let (make, made, bound) = match (handler.role, is_async) {
        (_, false) => ("step", "Step", "PlainLayer"),
        (Role::ErrorHandler, true) => ("handler", "Handler", "Layer"),
        (_, true) => ("one", "One", "Layer"),
    };
    let [make, made, bound] = [make, made, bound].map(|name| private(name, span));
    let method = match handler.role {
        Role::Middleware | Role::Route(_) => run(function, handler, mixed),
        Role::ErrorHandler => recover(function, handler, mixed),
    };
    let text = name.to_string();
    let fields: Vec<_> = handler.configs.iter().map(|config| field(config)).collect();
    let values = handler.configs.iter().map(|config| value(config, mixed));
    let params = handler.configs.iter().map(argument);
    let [info, part_type] = ["LayerInfo", "LayerPart"].map(|name| private(name, mixed));
    let part = match (handler.role, handler.declares.resumes) {
        (Role::ErrorHandler, true) => "Resumes",
        (Role::ErrorHandler, false) => "ErrorHandler",
        // A body that calls a `next` that it does not take gets an error for that, and the layers below it none.
        _ if handler.next.is_none() && !calls_next(function.body.stream()) => "Answers",
        _ => "Middleware",
    };
    let part = Ident::new(part, mixed);
    let provides = !handler.declares.provides.is_empty();
    let rewrites = handler.declares.rewrites;
    let mounts = handler.values.iter().filter_map(|(_, value)| match value {
        Value::Mount(name) => Some(name),
        _ => None,
    });
    let value = handler.declares.value(quote_spanned!(mixed=> #make(__Layer { #(#values),* })), mixed);
    // A type of its own: if the user's states no facts, that is the only error.
    let (value, stating) = match facts {
        Some(facts) => {
            let [stated, of, states] = ["stated", "Facts", "StatesFacts"].map(|name| private(name, mixed));
            let at = Span::mixed_site().located_at(facts.span());
            let wanted = private("StatesFacts", at);
            let stating = quote_spanned! {mixed=>
                struct __Facts;
                #[diagnostic::do_not_recommend]
                impl #states for __Facts {
                    const FACTS: #of = <#facts as #wanted>::FACTS;
                }
            };
            (quote_spanned!(mixed=> #stated::<_, __Facts>(#value)), Some(stating))
        }
        None => (value, None),
    };
    let inside = quote_spanned! {mixed=>
        #stating
        struct __Layer { #(#fields),* }
        impl #bound for __Layer {
            #method
            const INFO: #info = #info {
                name: #text, file: ::core::file!(), line: ::core::line!(), part: #part_type::#part,
                provides: #provides, rewrites: #rewrites, mounts: &[#(#mounts),*],
            };
        }
        #value
    };
    let body = braces_of(function, inside);
    let (outer, vis, token) = (&function.outer, &function.vis, &function.sig.fn_token);
    let returns = handler.declares.returns(quote_spanned!(span=> #made<impl #bound>), span);
    let returns = match facts {
        Some(_) => {
            let [stated, states] = ["Stated", "StatesFacts"].map(|name| private(name, span));
            quote_spanned!(span=> #stated<#returns, impl #states>)
        }
        None => returns,
    };
    quote! {
        #(#outer)*
        #vis #token #name(#(#params),*) -> #returns #body
    }
}

/// Whether the body calls a method of `next`.
fn calls_next(body: TokenStream) -> bool {
    const METHODS: [&str; 7] = ["pass", "run", "fail", "route", "router", "with", "boxed"];
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let is_ident = |at: usize, names: &[&str]| matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if names.iter().any(|name| ident == name));
    let is_dot =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == '.');
    (0..tokens.len()).any(|at| match &tokens[at] {
        TokenTree::Group(group) => calls_next(group.stream()),
        _ => {
            is_ident(at, &["next"])
                && is_dot(at + 1)
                && is_ident(at + 2, &METHODS)
                && !at.checked_sub(1).is_some_and(is_dot)
        }
    })
}

/// The method of a middleware: `Layer::run`, or that of `PlainLayer`.
fn run(function: &Function, handler: &Handler<'_>, mixed: Span) -> TokenStream {
    let span = function.sig.ident.span();
    let [request, response, next, result] =
        ["Request", "Response", "Next", "Result"].map(|name| private(name, mixed));
    let is_async = function.sig.asyncness.is_some();
    let hidden = Ident::new("__Rest", span);
    let (generics, track) = if is_async {
        let rest = private("Rest", span);
        (quote_spanned!(span=> <#hidden: #rest>), hidden.to_token_stream())
    } else {
        (TokenStream::new(), private("PlainFn", span))
    };
    let none = TokenStream::new();
    let of_user = if handler.next.is_some() { &generics } else { &none };
    let user = inner_function(function, handler, of_user, &track);
    let items = handler.req.map(|req| view(req, &handler.with, span).items);
    let mut call = call(function, handler, mixed, None);
    if is_async && !handler.values.is_empty() {
        call = quote_spanned!(mixed=> async move #call);
    } else if is_async && !handler.with.is_empty() {
        let with = private("with_or_fail", mixed);
        let all = handler.with.tuple();
        call = quote_spanned!(mixed=> #with::<_, #all, _>(__connect_req, move |__connect_req| #call));
    }
    if is_async && handler.configs.iter().any(is_cloned) {
        let inert = private("inert", mixed);
        call = quote_spanned!(mixed=> #inert(move || #call));
    }
    let next_value = match handler.next {
        None => quote_spanned!(mixed=> let _ = __connect_next;),
        Some(_) if !is_async => TokenStream::new(),
        Some(next) => match awaits_of(function, next) {
            Awaits::InPlace => TokenStream::new(),
            Awaits::Wrapped => exchange("apart", mixed),
            Awaits::Unknown => exchange("type_erased", mixed),
        },
    };
    let giving = giving("giving", handler);
    let returns = returns(function, result);
    quote_spanned! {mixed=>
        #[inline]
        fn run #generics (&self, __connect_req: &mut #request, __connect_res: &mut #response, __connect_next: #next<(), #track>) -> #returns {
            #items
            #user
            #next_value
            #giving
            #call
        }
    }
}

/// How a function awaits the future of what follows.
fn awaits_of(function: &Function, next: &PatType) -> Awaits {
    match &*next.pat {
        Pat::Ident(name) => awaits(&function.inner, &name.ident, function.body.to_token_stream()),
        Pat::Wild(_) => Awaits::InPlace,
        _ => Awaits::Unknown,
    }
}

/// Replaces the layer's `next` by what a function of the library makes of it.
fn exchange(by: &str, mixed: Span) -> TokenStream {
    let by = private(by, mixed);
    quote_spanned!(mixed=> let __connect_next = #by(__connect_next);)
}

/// Gives the `next` of a layer that provides values the request that they are for.
fn giving(by: &str, handler: &Handler<'_>) -> Option<TokenStream> {
    let next = handler.next.filter(|_| !handler.declares.provides.is_empty())?;
    let at = Span::mixed_site().located_at(name_span(&next.ty));
    let by = private(by, at);
    Some(quote_spanned!(at=> let __connect_next = #by(__connect_next, __connect_req);))
}

/// The return type of the method: a future for an `async fn`.
fn returns(function: &Function, result: TokenStream) -> TokenStream {
    let span = function.sig.ident.span();
    match function.sig.asyncness {
        Some(_) => {
            quote_spanned!(span=> impl ::core::future::Future<Output = #result> + ::core::marker::Send)
        }
        None => quote_spanned!(span=> #result),
    }
}

/// The method of an error handler: `recover`, or `catch` with `next: Resume`.
fn recover(function: &Function, handler: &Handler<'_>, mixed: Span) -> TokenStream {
    let span = function.sig.ident.span();
    let [request, response, result, error] =
        ["Request", "Response", "Result", "Error"].map(|name| private(name, mixed));
    let (method, next, attribute) = if handler.declares.resumes {
        let attribute = private("Attribute", mixed);
        (
            quote_spanned!(mixed=> catch),
            private("Resume", mixed),
            Some(quote_spanned!(mixed=> , _: #attribute)),
        )
    } else {
        let [next, track] = ["Next", "ErrorHandler"].map(|name| private(name, mixed));
        (quote_spanned!(mixed=> recover), quote_spanned!(mixed=> #next<(), #track>), None)
    };
    let is_async = function.sig.asyncness.is_some();
    let user = inner_function(function, handler, &TokenStream::new(), &private("ErrorHandler", span));
    let taken = handler.err.map(|err| &err.ty);
    let from_error = taken.map(|ty| {
        let trait_ = private("FromError", ty.span());
        quote_spanned!(ty.span()=> <#ty as #trait_>::from_error)
    });
    let err = Ident::new("__connect_err", mixed);
    let call = call(function, handler, mixed, Some(&err));
    // With values the call is a block, which awaits inside.
    let awaited = (is_async && handler.values.is_empty()).then(|| quote_spanned!(span=> .await));
    let giving = giving("resume_giving", handler);
    let decide = quote_spanned! {mixed=>
        match #from_error(__connect_err) {
            ::core::result::Result::Ok(__connect_err) => {
                #giving
                #call #awaited
            }
            ::core::result::Result::Err(__connect_err) => __connect_next.fail(__connect_err),
        }
    };
    let decide = if is_async { quote_spanned!(mixed=> async move { #decide }) } else { decide };
    let returns = returns(function, result);
    quote_spanned! {mixed=>
        fn #method(&self, __connect_err: #error, __connect_req: &mut #request, __connect_res: &mut #response, __connect_next: #next #attribute) -> #returns {
            #user
            #decide
        }
    }
}
