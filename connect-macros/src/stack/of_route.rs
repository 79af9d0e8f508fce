//! A route's own stack, with the values that it takes from the list around the route, those that the route's function needs,
//! and those that guard the route.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::expand::{finished, lib, name};
use super::options::Options;
use super::parse::{Entry, What};
use crate::function::types::same;
use crate::function::values::Types;

/// `optional`: what the function takes as `Option<&T>`. A function that takes the request may read any value from it, so no
/// type of `needs = ..` counts as unused.
pub(crate) fn of_route(
    entries: Vec<syn::Expr>,
    declared: &Types,
    needs: &Types,
    guarded: &Types,
    optional: &[Type],
    takes_request: bool,
) -> TokenStream {
    let list: Vec<Entry> = entries
        .into_iter()
        .map(|expr| Entry { cfgs: Vec::new(), path: None, what: What::Layer(Box::new(expr)) })
        .collect();
    let site = Span::mixed_site();
    let begin = lib("route_way", site);
    let taken = declared.tuple();
    let begin = quote_spanned!(site=> #begin::<#taken>());
    // One by one, so that each error is at its own type.
    let own = needs.all.iter().map(|ty| {
        let at = Span::mixed_site().located_at(ty.span());
        let (needs, whole) = (lib("route_needs", at), with_another(declared, ty));
        (at, quote_spanned!(at=> #needs::<#ty, #whole, _, _>))
    });
    let guards = guarded.all.iter().map(|ty| {
        let at = Span::mixed_site().located_at(ty.span());
        let needs = lib("needs", at);
        (at, quote_spanned!(at=> #needs::<#ty, _, _>))
    });
    let needs_met = own.chain(guards).map(|(at, needs)| {
        let way = Ident::new("__connect_way", at);
        quote_spanned!(at=> #needs(#way);)
    });
    let by_function: Vec<&Type> = needs.all.iter().chain(&guarded.all).chain(optional).collect();
    let in_doubt: Vec<&Type> =
        declared.all.iter().filter(|ty| !by_function.iter().any(|taken| same(taken, ty))).collect();
    let declared_taken = match in_doubt.is_empty() || takes_request {
        true => TokenStream::new(),
        false => are_taken(&in_doubt, declared, &by_function, list.len()),
    };
    // A route in this stack has to be guarded by the same types.
    let options = Options { denies: guarded.all.clone(), ..Options::default() };
    let end = quote!(#(#needs_met)* #declared_taken);
    finished("route_stack", &options, &[], &begin, &end, &list, true)
}

/// The value of `needs = ..` with one more type, for the message.
fn with_another(declared: &Types, ty: &Type) -> TokenStream {
    let all = &declared.all;
    if all.is_empty() { ty.to_token_stream() } else { quote!((#(#all,)* #ty)) }
}

/// Checks that each type of `needs = ..` is taken by the function or by an entry. There is one check for a type, over all of
/// these, since the checks are compiled with every route.
fn are_taken(in_doubt: &[&Type], declared: &Types, by_function: &[&Type], entries: usize) -> TokenStream {
    let site = Span::mixed_site();
    let [beside, function_beside, nothing] =
        ["beside", "function_beside", "NOTHING_BESIDE"].map(|name| lib(name, site));
    let all = by_function.iter().fold(quote!(#nothing), |all, ty| quote!(#function_beside::<#ty, _>(#all)));
    let all = (0..entries).fold(all, |all, i| {
        let entry = name(i, site);
        quote_spanned!(site=> #beside(&#entry, #all))
    });
    let questions = in_doubt.iter().map(|ty| {
        let at = Span::mixed_site().located_at(ty.span());
        let [untaken, takes] = ["untaken", "takes"].map(|function| lib(function, at));
        let all = Ident::new("__connect_all", at);
        let rest: Vec<&Type> = declared.all.iter().filter(|other| !same(other, ty)).collect();
        let (rest, taken) = match rest[..] {
            [] => (quote!(()), quote_spanned!(at=> __connect::taken_alone::<#ty, _>)),
            [rest] => (rest.to_token_stream(), quote_spanned!(at=> __connect::taken::<#ty, #rest, _>)),
            [..] => (quote!((#(#rest),*)), quote_spanned!(at=> __connect::taken::<#ty, (#(#rest),*), _>)),
        };
        quote_spanned!(at=> #taken(#takes::<#ty, _, _>(#all).__connect_or(#untaken::<#ty, #rest>()));)
    });
    quote_spanned! {site=> {
        use __connect::NoneTakes as _;
        let __connect_all = #all;
        #(#questions)*
    } }
}
