//! Writes the constructor function that takes the place of a route's function.
//!
//! ```text
//! pub fn show_user() -> Leaf<impl Route> {
//!     struct __Layer;
//!     impl Route for __Layer {
//!         const INFO: Info = Info { pattern: &Pattern { .. }, methods: Methods::new(&["GET"]), .. };
//!         fn call<'a>(&'a self, req: &'a mut Request, res: &'a mut Response) -> impl Future<Output = Result> + Send + 'a {
//!             async fn show_user(id: u64, res: &mut Response) -> Result { .. }
//!             async move { respond(show_user(required(req, 0)?, res).await, res) }
//!         }
//!     }
//!     leaf(__Layer)
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ReturnType, Type};

use super::check::Route;
use super::params::{Param, Source};
use super::parse::Arguments;
use crate::function::config::{Config, argument, field, is_cloned, value, without_config};
use crate::function::declares::{Access, Declares};
use crate::function::expand::{allowed, braces_of, with_track};
use crate::function::mount;
use crate::function::parse::Function;
use crate::function::types::{borrows, name_span, rewrites};
use crate::function::values::Types;
use crate::paths::private;
use crate::pattern::Kind;
use crate::stack::of_route;

pub(crate) fn route(function: &Function, route: Route<'_>) -> TokenStream {
    let name = &function.sig.ident;
    let span = name.span();
    let mixed = Span::mixed_site().located_at(span);
    let fields = route.configs.iter().map(field);
    let values = route.configs.iter().map(|config| value(config, mixed));
    let configs = route.configs.iter().map(argument);
    let info = info(function, &route, mixed);
    let call = call(function, &route, mixed);
    let kinds = route.arguments.pattern.names.iter().map(|name| {
        let kind = match name.kind {
            Kind::Required => "MustBe",
            Kind::Optional => "MayBe",
            Kind::Splat { optional: false } => "Several",
            Kind::Splat { optional: true } => "AnyNumber",
        };
        private(kind, mixed)
    });
    let kinds: Vec<_> = kinds.collect();
    let has_stack = !route.arguments.stack.is_empty();
    // The list around the route has to provide what the route declares, or else what its function needs.
    let declares = Declares {
        needs: if has_stack { route.arguments.needs.clone() } else { route.needs.clone() },
        access: route.arguments.access.clone(),
        ..Declares::default()
    };
    let stack = has_stack.then(|| {
        let Arguments { stack, needs, access, .. } = route.arguments;
        let guarded = match access {
            Access::Guarded(types) => types,
            Access::Private | Access::Public => Types::default(),
        };
        let takes_request =
            route.params.iter().any(|param| matches!(param.source, Source::Request | Source::RequestMut));
        let stack = of_route(stack, &needs, &route.needs, &guarded, &route.optional, takes_request);
        quote_spanned!(mixed=> , #stack)
    });
    let [bound, chain, make] =
        ["Route", "Chain", if has_stack { "stacked" } else { "leaf" }].map(|name| private(name, span));
    let value = declares.value(quote_spanned!(mixed=> #make(__Layer { #(#values),* } #stack)), mixed);
    let inside = quote_spanned! {mixed=>
        struct __Layer { #(#fields),* }
        impl #bound for __Layer {
            #info
            type Params = (#(#kinds,)*);
            #call
        }
        #value
    };
    let body = braces_of(function, inside);
    let (outer, vis, token) = (&function.outer, &function.vis, &function.sig.fn_token);
    let returns = if has_stack {
        let made = private("Stacked", span);
        quote_spanned!(span=> #made<impl #bound<Params = (#(#kinds,)*)>, impl #chain>)
    } else {
        let made = private("Leaf", span);
        quote_spanned!(span=> #made<impl #bound<Params = (#(#kinds,)*)>>)
    };
    let returns = declares.returns(returns, span);
    quote! {
        #(#outer)*
        #vis #token #name(#(#configs),*) -> #returns #body
    }
}

fn info(function: &Function, route: &Route<'_>, mixed: Span) -> TokenStream {
    let [info, methods] = ["Info", "Methods"].map(|name| private(name, mixed));
    let text = function.sig.ident.to_string();
    let pattern = route.arguments.pattern.tokens(mixed);
    let methods = match &route.arguments.methods {
        Some(names) => quote_spanned!(mixed=> #methods::new(&[#(#names),*])),
        None => quote_spanned!(mixed=> #methods::ALL),
    };
    let closed =
        route.arguments.stack.is_empty() && !route.params.iter().any(|param| param.source == Source::Next);
    let rewrites = route.params.iter().any(|param| rewrites(param.param));
    let mounts = &route.mounts;
    quote_spanned! {mixed=>
        const INFO: #info = #info {
            pattern: #pattern, methods: #methods, name: #text,
            file: ::core::file!(), line: ::core::line!(), closed: #closed, rewrites: #rewrites, mounts: &[#(#mounts),*],
        };
    }
}

fn call(function: &Function, route: &Route<'_>, mixed: Span) -> TokenStream {
    let span = function.sig.ident.span();
    let [request, response, result] = ["Request", "Response", "Result"].map(|name| private(name, mixed));
    let (attrs, name, output, body) =
        (&function.inner, &function.sig.ident, &function.sig.output, &function.body);
    let (asyncness, token) = (&function.sig.asyncness, &function.sig.fn_token);

    // The user's function.
    let configs = route.configs.iter().map(|config| without_config(config.param));
    let params = route.params.iter().map(|Param { param, source }| match source {
        Source::Next => {
            let track = private("RouteHandler", param.ty.span());
            with_track(param, &track)
        }
        Source::Mount => {
            let param = mount::without_attribute(param);
            quote!(#param)
        }
        _ => quote!(#param),
    });
    let allowed = allowed(function);
    let user = quote! {
        #allowed
        #(#attrs)*
        #asyncness #token #name(#(#configs,)* #(#params),*) #output #body
    };

    // The arguments of the call. Extractors take the request by `&mut`, so they come before what borrows from it.
    let lends_mut = route.params.iter().any(|param| param.source == Source::RequestMut);
    let several = route.params.iter().filter(|param| param.source == Source::Extracted).count() > 1;
    let mut early = Vec::new();
    let mut extracted = Vec::new();
    let mut before = Vec::new();
    if several {
        let read = private("read", mixed);
        extracted.push(quote_spanned!(mixed=> let __connect_read = #read();));
    }
    if !lends_mut {
        before.push(quote_spanned!(mixed=> let __connect_req: &#request = __connect_req;));
    }
    let mut arguments: Vec<TokenStream> = route
        .configs
        .iter()
        .map(|config @ Config { name, .. }| match is_cloned(config) {
            true => quote_spanned!(mixed=> ::core::clone::Clone::clone(&self.#name)),
            false => quote_spanned!(mixed=> &self.#name),
        })
        .collect();
    let mut mounts = route.mounts.iter();
    for (i, Param { param, source }) in route.params.iter().enumerate() {
        let at = Span::mixed_site().located_at(name_span(&param.ty));
        arguments.push(match source {
            Source::RequestMut | Source::Request => {
                let req = Ident::new("__connect_req", at);
                if rewrites(param) {
                    let rewritable = private("rewritable", at);
                    quote_spanned!(at=> #rewritable(#req))
                } else {
                    quote_spanned!(at=> #req)
                }
            }
            Source::Response => {
                let res = Ident::new("__connect_res", at);
                quote_spanned!(at=> &mut *#res)
            }
            Source::Next => {
                let next = private("route_next", at);
                quote_spanned!(at=> #next())
            }
            Source::Mount => {
                let value = Ident::new(&format!("__connect_p{i}"), at);
                let name = mounts.next().expect("one for each of these parameters");
                let req = quote_spanned!(mixed=> __connect_req);
                early.push(mount::read(&param.ty, name, &value, &req, at));
                quote_spanned!(at=> #value)
            }
            Source::Required | Source::Optional => {
                let value = Ident::new(&format!("__connect_p{i}"), at);
                let req = quote_spanned!(mixed=> __connect_req);
                let (function, fails) = match (source, lends_mut) {
                    (Source::Required, false) => ("provided", true),
                    (Source::Required, true) => ("provided_shared", true),
                    (_, false) => ("maybe_provided", false),
                    (_, true) => ("maybe_shared", false),
                };
                let take = private(function, at);
                let fails = fails.then(|| quote_spanned!(at=> ?));
                before.push(quote_spanned!(at=> let #value = #take(#req) #fails;));
                match (source, lends_mut) {
                    (_, false) => quote_spanned!(at=> #value),
                    (Source::Required, true) => quote_spanned!(at=> &*#value),
                    (_, true) => quote_spanned!(at=> #value.as_deref()),
                }
            }
            Source::Path(index, kind) => {
                let function = match kind {
                    Kind::Required => "required",
                    Kind::Optional => "optional",
                    Kind::Splat { optional: false } => "splat",
                    Kind::Splat { optional: true } => "optional_splat",
                };
                let value = Ident::new(&format!("__connect_p{i}"), at);
                let req = quote_spanned!(mixed=> __connect_req);
                let borrowed = borrows(&param.ty);
                // Owned parameters of the path come first: an error there saves reading the body.
                let place = if borrowed { &mut before } else { &mut early };
                place.push(if lends_mut && borrowed {
                    let copy = Ident::new(&format!("__connect_c{i}"), mixed);
                    let [owned, take] =
                        [("owned", mixed), (&*format!("{function}_of"), at)].map(|(n, s)| private(n, s));
                    quote_spanned!(at=> let #copy = #owned(#req, #index)?; let #value = #take(&#copy)?;)
                } else {
                    let take = private(function, at);
                    quote_spanned!(at=> let #value = #take(#req, #index)?;)
                });
                quote_spanned!(at=> #value)
            }
            Source::Extracted => {
                let value = Ident::new(&format!("__connect_p{i}"), at);
                let req = quote_spanned!(mixed=> &mut *__connect_req);
                extracted.push(if several {
                    let take = private("extract_after", at);
                    quote_spanned! {at=>
                        let (__connect_read, #value) = #take(__connect_read, #req).await?;
                    }
                } else {
                    let take = private("extract", at);
                    quote_spanned!(at=> let #value = #take(#req).await?;)
                });
                quote_spanned!(at=> #value)
            }
        });
    }

    let waits = !extracted.is_empty();
    let before = early.into_iter().chain(extracted).chain(before).collect::<Vec<_>>();
    let is_async = asyncness.is_some();
    let direct = before.is_empty() && arguments.len() == route.params.len() && is_bare_result(output);
    let called = quote_spanned!(mixed=> #name(#(#arguments),*));
    let future = if direct && is_async {
        called
    } else if direct {
        quote_spanned!(mixed=> ::core::future::ready(#called))
    } else {
        let awaited = is_async.then(|| quote_spanned!(span=> .await));
        let output_span = match output {
            ReturnType::Type(_, ty) => Span::mixed_site().located_at(ty.span()),
            ReturnType::Default => mixed,
        };
        // The trait's own method: for a function in between rustc would point at that function's bound.
        let responder = private("Responder", output_span);
        let answer = Ident::new("__connect_answer", output_span);
        let statements = quote_spanned! {mixed=>
            #(#before)*
            let #answer = #called #awaited;
        };
        let end = quote_spanned!(output_span=> #responder::respond(#answer, __connect_res));
        if is_async || waits {
            quote_spanned!(mixed=> async move { #statements #end })
        } else {
            quote_spanned!(mixed=> ::core::future::ready((move || -> #result { #statements #end })()))
        }
    };
    quote_spanned! {mixed=>
        #[inline]
        fn call<'__connect>(&'__connect self, __connect_req: &'__connect mut #request, __connect_res: &'__connect mut #response)
            -> impl ::core::future::Future<Output = #result> + ::core::marker::Send + '__connect
        {
            #user
            #future
        }
    }
}

/// `-> Result`, which needs no conversion.
fn is_bare_result(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    let Type::Path(path) = &**ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Result" && last.arguments.is_none())
}
