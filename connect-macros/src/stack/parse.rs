//! The grammar of a stack.
//!
//! ```text
//! stack := '<' options list '>' | options list
//! options := ('#' '!' '[' name (',' name)* ','? ']')*
//! list  := entry (',' entry)* ','?
//! entry := #[cfg(..)]* ( "path" '=>' ( '[' list ']' | expr ) | '[' list ']' | expr )
//! ```

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::token::Bracket;
use syn::{Attribute, Expr, LitStr, Token, bracketed};

use super::options::{self, ListMacro, Options};
use crate::errors::Errors;
use crate::pattern::{self, Parsed, Place};

/// One entry.
pub(crate) struct Entry {
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) path: Option<Path>,
    pub(crate) what: What,
}

/// A mount path, and where it was written.
pub(crate) struct Path {
    pub(crate) pattern: Parsed,
    pub(crate) span: proc_macro2::Span,
}

pub(crate) enum What {
    Layer(Box<Expr>),
    List(Vec<Entry>),
}

/// Reads a whole stack.
pub(crate) fn list(list_macro: ListMacro, tokens: TokenStream, errors: &mut Errors) -> (Options, Vec<Entry>) {
    let mut list = Vec::new();
    let mut options = Options::default();
    let parsed = |input: ParseStream<'_>| {
        options = options::parse(list_macro, input, errors)?;
        entries(input, &mut list, errors)
    };
    if let Err(err) = parsed.parse2(without_angles(tokens)) {
        errors.push(err);
    }
    (options, list)
}

/// Strips one pair of angle brackets around everything. It is looked for in the tokens: as an expression,
/// `b >` would be the beginning of a comparison.
fn without_angles(tokens: TokenStream) -> TokenStream {
    let mut all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    if let [TokenTree::Punct(first), .., TokenTree::Punct(last)] = &all[..]
        && (first.as_char(), last.as_char()) == ('<', ',')
    {
        // A comma after the closing bracket, as formatters put it.
        all.pop();
    }
    let mut depth = 0_usize;
    let mut arrow = false;
    for (i, token) in all.iter().enumerate() {
        let TokenTree::Punct(punct) = token else {
            if i == 0 {
                return tokens;
            }
            arrow = false;
            continue;
        };
        match punct.as_char() {
            '<' => depth += 1,
            '>' if !arrow => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            // Closed at the end: they are around everything. Earlier: they belong to an entry, `<A as B>::c`.
            let around = i > 0 && i + 1 == all.len();
            return if around { all[1..i].iter().cloned().collect() } else { tokens };
        }
        // The `>` of `=>` and `->` closes nothing.
        arrow = punct.spacing() == Spacing::Joint && matches!(punct.as_char(), '=' | '-');
    }
    tokens
}

pub(super) fn entries(input: ParseStream<'_>, list: &mut Vec<Entry>, errors: &mut Errors) -> syn::Result<()> {
    while !input.is_empty() {
        list.push(entry(input, errors)?);
        if input.is_empty() {
            break;
        }
        if !input.peek(Token![,]) {
            let problem = match input.peek(Token![;]) {
                true => "write `,` between the entries of a stack",
                false => "a comma is missing before this entry",
            };
            return Err(input.error(problem));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

fn entry(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Entry> {
    if input.peek(Token![#]) && input.peek2(Token![!]) {
        return Err(input.error("options come first: write `#![..]` before the entries of `app![..]`, `router![..]` or `stack![..]`; a list \
             in brackets alone has none"));
    }
    let mut cfgs = input.call(Attribute::parse_outer)?;
    cfgs.retain(|attr| {
        let is_cfg = attr.path().is_ident("cfg");
        if !is_cfg {
            errors.at(attr, "only `#[cfg(..)]` works on an entry of a stack: leave this out");
        }
        is_cfg
    });
    let path = mount_path(input, errors)?;
    let what = if is_list(input) {
        let inside;
        bracketed!(inside in input);
        let mut list = Vec::new();
        entries(&inside, &mut list, errors)?;
        What::List(list)
    } else {
        if input.is_empty() || input.peek(Token![,]) {
            return Err(input.error("a layer is missing here, or there is a comma too many"));
        }
        let expr: Expr = input.parse()?;
        if input.peek(Token![=>]) {
            return Err(syn::Error::new(
                expr.span(),
                "a mount path is a string literal: write `\"/path\" => ..`",
            ));
        }
        What::Layer(Box::new(expr))
    };
    Ok(Entry { cfgs, path, what })
}

/// `"path" =>`, if the entry begins with a literal.
fn mount_path(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Path>> {
    if !input.peek(LitStr) {
        return Ok(None);
    }
    let literal: LitStr = input.parse()?;
    // The whole token, which can be two characters long.
    let instead = if input.peek(Token![->]) {
        Some(input.parse::<Token![->]>()?.to_token_stream())
    } else if input.peek(Token![:]) || (input.peek(Token![=]) && !input.peek(Token![=>])) {
        Some(input.parse::<TokenTree>()?.to_token_stream())
    } else {
        None
    };
    if let Some(token) = instead {
        return Err(syn::Error::new_spanned(token, "write `=>` between a mount path and its layers"));
    }
    if !input.peek(Token![=>]) {
        return Err(syn::Error::new(
            literal.span(),
            "a mount path needs layers: write `\"/path\" => layer` or `\"/path\" => [a, b]`",
        ));
    }
    let arrow: Token![=>] = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(
            arrow,
            "a layer is missing after this: write `\"/path\" => layer`",
        ));
    }
    let stand_in = || Parsed { text: "/".to_owned(), names: Vec::new(), variants: Vec::new() };
    let pattern = pattern::of_literal(&literal, Place::Mount, errors).unwrap_or_else(stand_in);
    Ok(Some(Path { pattern, span: literal.span() }))
}

/// Whether a bracketed list comes next, and not an expression that begins with an array.
fn is_list(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if !ahead.peek(Bracket) || ahead.parse::<TokenTree>().is_err() {
        return false;
    }
    // An expression that begins with an array goes on with `.`, `[` or `?`.
    !(ahead.peek(Token![.]) || ahead.peek(Bracket) || ahead.peek(Token![?]))
}
