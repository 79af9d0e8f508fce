//! Writes a stack as a tree of calls.
//!
//! ```text
//! {
//!     let e0 = entry(logger);
//!     #[cfg(debug_assertions)]
//!     let e1 = mount("/debug", entry..);
//!     #[cfg(not(debug_assertions))]
//!     let e1 = Empty;
//!     app(join(e0, e1))
//! }
//! ```
//!
//! Joining is associative, so the tree is balanced and types stay shallow.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Meta};

use super::options::{ListMacro, Options};
use super::parse::{Entry, What};
use crate::paths::root;

pub(crate) fn stack(list_macro: ListMacro, options: &Options, list: &[Entry]) -> TokenStream {
    let first = vec![self::options(options)];
    let site = Span::mixed_site();
    let way = match list_macro {
        ListMacro::App => lib("APP", site),
        ListMacro::Router => called("router_way", site),
        ListMacro::Stack => called("stack_way", site),
    };
    let function = if options.merge_params { "router_merging" } else { list_macro.function() };
    let list = finished(
        function,
        options,
        &first,
        &way,
        &TokenStream::new(),
        list,
        matches!(list_macro, ListMacro::App),
    );
    // A function that returns the list can state the guard in its return type. An app is not listed by its type.
    match (list_macro, &options.guard) {
        (ListMacro::App, _) | (_, None) => list,
        (_, Some(guard)) => {
            let guarded = format!("{}_guarded", list_macro.function());
            let (root, guarded) = (root(site), Ident::new(&guarded, site));
            let end = matches!(list_macro, ListMacro::Stack).then(|| quote!(_,));
            quote_spanned!(site=> #root::#guarded::<#guard, _, #end _, _>(#list))
        }
    }
}

fn called(function: &str, site: Span) -> TokenStream {
    let function = lib(function, site);
    quote_spanned!(site=> #function())
}

/// A name of the library, by the short alias that each list begins with: a list has many of these names.
pub(super) fn lib(name: &str, span: Span) -> TokenStream {
    let (short, name) = (Ident::new("__connect", span), Ident::new(name, span));
    quote_spanned!(span=> #short::#name)
}

/// The options for patterns.
fn options(options: &Options) -> TokenStream {
    let site = Span::mixed_site();
    let ty = lib("Options", site);
    let Options { strict, case_sensitive, .. } = options;
    quote_spanned!(site=> #ty { strict: #strict, case_sensitive: #case_sensitive })
}

/// A list, as a call of a function of the library, with the arguments `first` before the list.
///
/// The variable `__connect_way` has what was provided up to each entry. `from_start`: this is known from the first entry on,
/// so that a second provider of a type is reported.
pub(super) fn finished(
    function: &str,
    options: &Options,
    first: &[TokenStream],
    way: &TokenStream,
    end: &TokenStream,
    list: &[Entry],
    from_start: bool,
) -> TokenStream {
    // Errors of layers above the list enter it.
    let own_scope = matches!(function, "app" | "router" | "router_merging");
    let sees_outside = !matches!(function, "app" | "router");
    let mut entries = Vec::new();
    flatten(list, &[], &mut entries);
    let site = Span::mixed_site();
    let names = names(entries.len());
    let lets = entries
        .iter()
        .zip(&names)
        .map(|((cfgs, entry), name)| binding(options, cfgs, entry, name, from_start));
    let joined = within(options, joined(&names, site), site);
    let function = lib(function, site);
    let check = checked(own_scope, sees_outside, options, &entries);
    let root = root(site);
    let denying = lib("denying", site);
    let first_way = options.denies.iter().fold(
        quote_spanned!(site=> __connect_begin),
        |way, guard| quote_spanned!(site=> #denying::<#guard, _, _, _, _>(#way)),
    );
    quote_spanned! {site=> {
        #[allow(unused_imports)]
        use #root::{self as __connect, First as _, Listable as _};
        let __connect_begin = #way;
        let __connect_way = #first_way;
        #(#lets)*
        #end
        let __connect_list = #joined;
        #check
        #function(#(#first,)* __connect_begin, __connect_way, __connect_list)
    } }
}

/// A list with its own options for patterns.
fn within(options: &Options, list: TokenStream, site: Span) -> TokenStream {
    let Options { strict, case_sensitive, .. } = options;
    if !strict && !case_sensitive {
        return list;
    }
    let within = lib("within", site);
    quote_spanned!(site=> #within::<#strict, #case_sensitive, _, _, _, _>(#list))
}

/// The expansion of `guard!`: two lists, of which the second follows the first.
pub(super) fn guarded(options: &Options, guards: &[Entry], routes: &[Entry]) -> TokenStream {
    let mut entries = Vec::new();
    flatten(guards, &[], &mut entries);
    let end = entries.len();
    flatten(routes, &[], &mut entries);
    let site = Span::mixed_site();
    let names = names(entries.len());
    let lets =
        entries.iter().zip(&names).map(|((cfgs, entry), name)| binding(options, cfgs, entry, name, false));
    let guards = within(options, joined(&names[..end], site), site);
    let routes = within(options, joined(&names[end..], site), site);
    let for_patterns = self::options(options);
    let check = checked(false, true, options, &entries);
    let way = called("stack_way", site);
    let [both, guarded] = ["both", "guarded"].map(|name| lib(name, site));
    let root = root(site);
    quote_spanned! {site=> {
        #[allow(unused_imports)]
        use #root::{self as __connect, Listable as _};
        let __connect_begin = #way;
        let __connect_way = __connect_begin;
        #(#lets)*
        let (__connect_guards, __connect_routes) = (#guards, #routes);
        let __connect_list = #both(&__connect_guards, &__connect_routes);
        #check
        #guarded(#for_patterns, __connect_begin, __connect_way, __connect_guards, __connect_routes)
    } }
}

/// The variables of a number of entries.
fn names(entries: usize) -> Vec<Ident> {
    (0..entries).map(|i| name(i, Span::mixed_site())).collect()
}

/// The variable of one entry.
pub(super) fn name(entry: usize, span: Span) -> Ident {
    Ident::new(&format!("__connect_e{entry}"), span)
}

/// The check for layers and routes that nothing reaches, which reports one at its entry.
///
/// The constant has a parameter that is inferred, so it needs no names of entries: locals, calls and paths are all
/// the same to it. The compiler evaluates it to know the pattern, and once more, with what functions return, when it generates
/// code.
fn checked(
    own_scope: bool,
    sees_outside: bool,
    options: &Options,
    entries: &[(Vec<&Attribute>, &Entry)],
) -> TokenStream {
    let site = Span::mixed_site();
    let [kinds, known, value, hidden, checked, first, report, built] =
        ["Kinds", "Known", "known", "hidden", "checked", "first_dead", "report_dead", "built"]
            .map(|name| lib(name, site));
    let allowed = options.allows.iter().map(ToString::to_string);
    let allowed = quote_spanned!(site=> &[#(#allowed),*]);
    let arms: Vec<TokenStream> = entries
        .iter()
        .enumerate()
        .skip(usize::from(!own_scope))
        .map(|(i, (_, entry))| {
            let at = Span::mixed_site().located_at(span_of(entry));
            let report = quote_spanned!(at=> __report::<__K>());
            quote_spanned!(site=> #i => #report,)
        })
        .collect();
    // Behind all entries, from the number on that the library knows.
    let unknown = options.allows.iter().enumerate().filter(|_| !options.inherited).map(|(i, law)| {
        let i = 1_000_000 + i;
        let at = Span::mixed_site().located_at(law.span());
        let report = quote_spanned!(at=> __report::<__K>());
        quote_spanned!(site=> #i => #report,)
    });
    let arms: Vec<TokenStream> = arms.into_iter().chain(unknown).collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote_spanned! {site=>
        {
            #[track_caller]
            const fn __report<__K: #kinds>() {
                #report::<__K>(#own_scope, #sees_outside, #allowed)
            }
            struct __List<__K, const __BUILT: bool>(::core::marker::PhantomData<__K>);
            impl<__K: #kinds, const __BUILT: bool> __List<__K, __BUILT> {
                const CHECKED: #known<__K> = {
                    match #first::<__K, __BUILT>(#own_scope, #sees_outside, #allowed) {
                        #(#arms)*
                        _ => {}
                    }
                    #checked()
                };
            }
            #[allow(unreachable_patterns, dead_code)]
            match #hidden(#value(&__connect_list)) {
                __List::<_, false>::CHECKED => {}
                _ => {}
            }
            #built(&__connect_list, __List::<_, true>::CHECKED);
        }
    }
}

/// Lists without a path are part of the list around them; their `#[cfg]`s go to each of their entries.
fn flatten<'a>(list: &'a [Entry], outer: &[&'a Attribute], out: &mut Vec<(Vec<&'a Attribute>, &'a Entry)>) {
    for entry in list {
        let cfgs: Vec<_> = outer.iter().copied().chain(&entry.cfgs).collect();
        match (&entry.path, &entry.what) {
            (None, What::List(inner)) => flatten(inner, &cfgs, out),
            _ => out.push((cfgs, entry)),
        }
    }
}

fn binding(
    options: &Options,
    cfgs: &[&Attribute],
    entry: &Entry,
    name: &Ident,
    from_start: bool,
) -> TokenStream {
    let value = segment(options, entry, from_start);
    let site = name.span();
    let at = Span::mixed_site().located_at(span_of(entry));
    let follow = lib("follow", at);
    let listed = Ident::new(&name.to_string(), at);
    let way = Ident::new("__connect_way", at);
    let listed = if from_start {
        let anew = lib("anew", at);
        quote_spanned!(at=> #anew(&#way, &#listed).__connect_entry())
    } else {
        listed.to_token_stream()
    };
    let way = quote_spanned!(at=> let #way = #follow(#way, &#listed););
    if cfgs.is_empty() {
        return quote_spanned!(site=> let #name = #value; #way);
    }
    let conditions = cfgs.iter().filter_map(|attr| match &attr.meta {
        Meta::List(list) => {
            let tokens = &list.tokens;
            Some(quote_spanned!(site=> all(#tokens)))
        }
        _ => None,
    });
    let empty = lib("EMPTY", site);
    quote_spanned! {site=>
        #(#cfgs)*
        let #name = #value;
        #(#cfgs)*
        #way
        #[cfg(not(all(#(#conditions),*)))]
        let #name = #empty;
    }
}

/// One entry as a segment. Every token around it carries its span: if it is no layer, that is one error, there.
fn segment(options: &Options, entry: &Entry, from_start: bool) -> TokenStream {
    let span = span_of(entry);
    let layer = match &entry.what {
        What::Layer(expr) => quote_spanned!(expr.span()=> #expr),
        What::List(list) => {
            let site = Span::mixed_site();
            let way = match from_start {
                true => {
                    let list_way = lib("list_way", site);
                    quote_spanned!(site=> #list_way(&__connect_way))
                }
                false => called("stack_way", site),
            };
            let inner = Options {
                guard: None,
                denies: Vec::new(),
                allows: options.allows.clone(),
                inherited: true,
                ..*options
            };
            finished("stack", &inner, &[self::options(options)], &way, &TokenStream::new(), list, from_start)
        }
    };
    let site = Span::mixed_site().located_at(span);
    // A stack that is an entry takes its place in this list; all other layers stay as they are. A path of several names is no
    // local variable, and so no such stack.
    let is_item = matches!(&entry.what, What::Layer(expr)
        if matches!(&**expr, Expr::Path(path) if path.path.segments.len() > 1));
    let form = lib("Form", site);
    let (binding, formed) = if is_item {
        (TokenStream::new(), layer.clone())
    } else {
        (
            quote_spanned!(site=> let __connect_layer = #layer;),
            quote_spanned!(site=> #form(&__connect_layer).form().of(__connect_layer)),
        )
    };
    let entry = match &entry.path {
        None => {
            let function = lib("entry", site);
            quote_spanned!(site=> #function(#formed))
        }
        Some(path) => {
            let function = lib("mount", site);
            let (pattern, options) = (path.pattern.tokens(site), self::options(options));
            let [literal, type_of_pattern] = ["Literal", "Pattern"].map(|name| lib(name, site));
            quote_spanned! {site=> {
                struct __Path;
                impl #literal for __Path {
                    const PATTERN: &'static #type_of_pattern = #pattern;
                }
                #function::<__Path, _, _>(#options, #formed)
            } }
        }
    };
    if is_item { entry } else { quote_spanned!(site=> { #binding #entry }) }
}

/// Where an entry is reported.
fn span_of(entry: &Entry) -> Span {
    match &entry.what {
        What::Layer(expr) => expr.span(),
        What::List(_) => entry.path.as_ref().map_or_else(Span::mixed_site, |path| path.span),
    }
}

/// How many entries are in a row before the list becomes a tree. Layers carry one reference for their place in a row, and one
/// for each branch above it; and a row nests as many types as it has entries.
const ROW: usize = 16;

fn joined(names: &[Ident], site: Span) -> TokenStream {
    match names {
        [] => lib("EMPTY", site),
        [name] => quote_spanned!(site=> #name),
        _ => {
            // Full groups to the left: routes are held in eights.
            let (left, right) = names.split_at(names.len().next_power_of_two() / 2);
            let (left, right) = (joined(left, site), joined(right, site));
            let join = lib(if names.len() > ROW { "join_far" } else { "join" }, site);
            quote_spanned!(site=> #join(#left, #right))
        }
    }
}
