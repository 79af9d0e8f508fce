//! A body that ends without an answer, seen by its tokens.
//!
//! rustc sees all of them, "mismatched types", and does not say what to write. Where the last statement may end the
//! function, with a macro or a function that does not return, it is left to rustc.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::PatType;

use super::Role;
use super::parse::Function;
use crate::errors::Errors;

/// Macros that return.
const RETURNING: [&str; 18] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "dbg",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "write",
    "writeln",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
];

/// Reports a body that does nothing behind its last semicolon.
pub(super) fn without_answer(
    role: Role,
    function: &Function,
    lent: [Option<&PatType>; 2],
    errors: &mut Errors,
) {
    let all: Vec<TokenTree> = function.body.stream().into_iter().collect();
    let Some((last, before)) = all.split_last() else {
        if function.semicolon.is_none() {
            report(role, function, errors);
        }
        return;
    };
    if !is_punct(last, ';') {
        return;
    }
    let start = before.iter().rposition(|token| is_punct(token, ';')).map_or(0, |at| at + 1);
    let statement = &before[start..];
    let first = statement.first().map(ToString::to_string).unwrap_or_default();
    let calls_lent = lent.into_iter().flatten().any(|param| {
        use quote::ToTokens;
        matches!(statement.get(1), Some(dot) if is_punct(dot, '.'))
            && param.pat.to_token_stream().to_string() == first
    });
    let waits = statement.iter().any(|token| token.to_string() == "await");
    if first == "let" || calls_lent && !waits || is_returning(statement) {
        report(role, function, errors);
    }
}

/// Whether a statement is one macro that returns: `tracing::info!(..)`.
fn is_returning(statement: &[TokenTree]) -> bool {
    match statement {
        [path @ .., TokenTree::Ident(name), bang, TokenTree::Group(group)] => {
            is_punct(bang, '!')
                && group.delimiter() != Delimiter::None
                && RETURNING.iter().any(|known| name == known)
                && path.iter().all(|token| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':'))
        }
        _ => false,
    }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

fn report(role: Role, function: &Function, errors: &mut Errors) {
    let name = &function.sig.ident;
    let advice = match role {
        Role::ErrorHandler => "`res.send(..)` answers, `next.fail(err)` hands the error on",
        _ => "`res.send(..)` answers, `next.pass()` hands the request on",
    };
    let message = format!(
        "`{name}` ends without an answer, and without handing on: {advice}; put it last, without `;`"
    );
    let at: TokenStream =
        function.body.stream().into_iter().last().map_or_else(TokenStream::new, TokenStream::from);
    match at.is_empty() {
        true => errors.at_span(function.body.span_close(), message),
        false => errors.at(at, message),
    }
}
