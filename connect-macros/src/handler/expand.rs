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

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Pat, PatType, Type};

use super::Role;
use super::check::Handler;
use super::config::{Config, argument, field, is_cloned, value, without_config};
use super::in_place::{Awaits, awaits};
use super::mounted;
use super::parse::Function;
use super::values::{Wanted, next_giving, view};
use crate::paths::private;

pub(crate) fn layer(function: &Function, handler: &Handler<'_>, facts: Option<&Type>) -> TokenStream {
    let name = &function.sig.ident;
    // Where rustc speaks of what is generated, it shall point at the function's name; names that the generated
    // code binds are not to be seen by the user's.
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
        // One whose body calls a `next` that it does not take gets an error for that, and none for what stands below it.
        _ if handler.next.is_none() && !calls_next(function.body.stream()) => "Answers",
        _ => "Middleware",
    };
    let part = Ident::new(part, mixed);
    let provides = !handler.declares.provides.is_empty();
    let rewrites = handler.declares.rewrites;
    let mounts = handler.values.iter().filter_map(|(_, wanted)| match wanted {
        Wanted::Mount(name) => Some(name),
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

/// Whether the body calls a method of a `next` that it may not have.
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

/// The method of a middleware.
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
    let user = user_function(function, handler, of_user, &track);
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
            Awaits::Anyhow => exchange("type_erased", mixed),
        },
    };
    let gives = gives("giving", handler);
    let returns = if is_async {
        quote_spanned!(span=> impl ::core::future::Future<Output = #result> + ::core::marker::Send)
    } else {
        quote_spanned!(span=> #result)
    };
    quote_spanned! {mixed=>
        #[inline]
        fn run #generics (&self, __connect_req: &mut #request, __connect_res: &mut #response, __connect_next: #next<(), #track>) -> #returns {
            #items
            #user
            #next_value
            #gives
            #call
        }
    }
}

/// How a function awaits the future of what follows.
fn awaits_of(function: &Function, next: &PatType) -> Awaits {
    match &*next.pat {
        Pat::Ident(name) => awaits(&function.inner, &name.ident, function.body.to_token_stream()),
        Pat::Wild(_) => Awaits::InPlace,
        _ => Awaits::Anyhow,
    }
}

/// Puts another `next` in the place of the one that the layer was given.
fn exchange(by: &str, mixed: Span) -> TokenStream {
    let by = private(by, mixed);
    quote_spanned!(mixed=> let __connect_next = #by(__connect_next);)
}

/// Tells the `next` of a layer that provides for which request it does.
fn gives(by: &str, handler: &Handler<'_>) -> Option<TokenStream> {
    let next = handler.next.filter(|_| !handler.declares.provides.is_empty())?;
    let at = Span::mixed_site().located_at(heart(&next.ty));
    let by = private(by, at);
    Some(quote_spanned!(at=> let __connect_next = #by(__connect_next, __connect_req);))
}

/// What the method of an `async fn` returns.
fn future_of(function: &Function, result: &TokenStream) -> TokenStream {
    let span = function.sig.ident.span();
    quote_spanned!(span=> impl ::core::future::Future<Output = #result> + ::core::marker::Send)
}

/// The method of an error handler.
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
    let user = user_function(function, handler, &TokenStream::new(), &private("ErrorHandler", span));
    let taken = handler.err.map(|err| &err.ty);
    let from_error = taken.map(|ty| {
        let trait_ = private("FromError", ty.span());
        quote_spanned!(ty.span()=> <#ty as #trait_>::from_error)
    });
    let err = Ident::new("__connect_err", mixed);
    let call = call(function, handler, mixed, Some(&err));
    // With values in front the call is a block, and waits in there.
    let awaited = (is_async && handler.values.is_empty()).then(|| quote_spanned!(span=> .await));
    let gives = gives("resume_giving", handler);
    let decide = quote_spanned! {mixed=>
        match #from_error(__connect_err) {
            ::core::result::Result::Ok(__connect_err) => {
                #gives
                #call #awaited
            }
            ::core::result::Result::Err(__connect_err) => __connect_next.fail(__connect_err),
        }
    };
    let (returns, decide) = if is_async {
        (future_of(function, &result), quote_spanned!(mixed=> async move { #decide }))
    } else {
        (quote_spanned!(span=> #result), decide)
    };
    quote_spanned! {mixed=>
        fn #method(&self, __connect_err: #error, __connect_req: &mut #request, __connect_res: &mut #response, __connect_next: #next #attribute) -> #returns {
            #user
            #decide
        }
    }
}

/// The user's function, as written but for what the attribute adds to the type of `next`.
fn user_function(
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
    let values = handler.values.iter().map(|(param, _)| mounted::without_attribute(param));
    let allowed = allowed(function);
    quote! {
        #allowed
        #(#attrs)*
        #asyncness #token #name #generics (#(#configs,)* #(#err,)* #(#lent,)* #(#values,)* #next) #output #body
    }
}

/// What clippy says of long signatures, which these are made for: a type alias would hide what they declare.
pub(crate) fn allowed(function: &Function) -> Option<TokenStream> {
    const PARAMETERS: usize = 7;
    const TYPES: usize = 4;
    let inputs = &function.sig.inputs;
    let tuple = |param: &FnArg| match param {
        FnArg::Typed(param) => ["Next", "Resume", "With", "Rewrite"].iter().any(|name| {
            super::values::argument(&param.ty, name)
                .is_some_and(|ty| matches!(ty, Type::Tuple(tuple) if tuple.elems.len() > TYPES))
        }),
        FnArg::Receiver(_) => false,
    };
    let needed = inputs.len() > PARAMETERS || inputs.iter().any(tuple);
    needed.then(|| quote!(#[allow(clippy::too_many_arguments, clippy::type_complexity)]))
}

/// `name(config, err, req, res, next)`. Each argument carries the span of its parameter's type, where rustc then
/// points if they do not fit.
fn call(function: &Function, handler: &Handler<'_>, mixed: Span, err: Option<&Ident>) -> TokenStream {
    let name = &function.sig.ident;
    let at = |param: &PatType| Span::mixed_site().located_at(heart(&param.ty));
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
    for (i, (param, wanted)) in handler.values.iter().enumerate() {
        let value = Ident::new(&format!("__connect_v{i}"), mixed);
        match wanted {
            Wanted::Maybe(ty) => {
                let shared = private("maybe_shared", at(param));
                before.push(quote_spanned!(at(param)=> let #value = #shared::<#ty>(#from);));
                values.push(quote_spanned!(at(param)=> #value.as_deref()));
            }
            Wanted::Mount(name) => {
                before.push(mounted::read(&param.ty, name, &value, &from.to_token_stream(), at(param)));
                values.push(quote_spanned!(at(param)=> #value));
            }
            Wanted::Needed(ty) => {
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

/// The request as the user's function takes it.
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

/// The type's name, if it has one: of `&mut String`, the `String`.
pub(crate) fn heart(ty: &Type) -> Span {
    match ty {
        Type::Reference(reference) => heart(&reference.elem),
        Type::Path(path) => path.path.segments.last().map_or_else(|| ty.span(), |last| last.ident.span()),
        ty => ty.span(),
    }
}

/// `next: Next` becomes `next: Next<(), Track>`.
fn with_track(param: &PatType, track: &TokenStream) -> TokenStream {
    let (attrs, pat, ty) = (&param.attrs, &param.pat, &param.ty);
    quote_spanned!(ty.span()=> #(#attrs)* #pat: #ty<(), #track>)
}

/// The generated body in the user's own braces: rustc has no lint for an item that it takes for generated, and
/// goes by its first and last token.
pub(crate) fn braces_of(function: &Function, inside: TokenStream) -> Group {
    let mut group = Group::new(proc_macro2::Delimiter::Brace, inside);
    group.set_span(function.body.span());
    group
}
