//! Bodies that end without a response and without a call of `next`, found by their tokens.
//!
//! rustc reports all of them as "mismatched types", and does not say what to write. A body whose last statement may not
//! return, such as an unknown macro, is left to rustc.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::PatType;

use crate::errors::Errors;
use crate::function::parse::Function;
use crate::function::role::Role;

/// Macros of the standard library that return.
const OF_STD: [&str; 10] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
];

/// Macros of `tracing` and `log`, called by their path.
const LOGGING: [&str; 5] = ["trace", "debug", "info", "warn", "error"];

/// Methods of the request and the response that send no response.
const SETTING: [&str; 9] =
    ["set", "append", "status", "cookie", "clear_cookie", "content_type", "vary", "remove", "provide"];

/// Names that may end the function in the middle of a statement.
const ENDING: [&str; 7] = ["return", "loop", "break", "panic", "todo", "unreachable", "unimplemented"];

/// Reports a body that ends with a statement that neither sends a response nor calls `next`.
pub(super) fn without_response(
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
    if ends(&statement.iter().cloned().collect()) {
        return;
    }
    let sets = lent.into_iter().flatten().any(|param| {
        let called = statement.get(2).map(ToString::to_string).unwrap_or_default();
        matches!(statement.get(1), Some(dot) if is_punct(dot, '.'))
            && SETTING.contains(&&*called)
            && param.pat.to_token_stream().to_string() == first
    });
    if first == "let" || sets || is_returning(statement) {
        report(role, function, errors);
    }
}

/// Whether these tokens may end the function.
fn ends(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(name) => {
            ENDING.iter().any(|ending| name == ending) || name == "bail" || name == "await"
        }
        TokenTree::Group(group) => ends(&group.stream()),
        _ => false,
    })
}

/// Whether a statement is one macro that returns: `tracing::info!(..)`.
fn is_returning(statement: &[TokenTree]) -> bool {
    match statement {
        [path @ .., TokenTree::Ident(name), bang, TokenTree::Group(group)] => {
            is_punct(bang, '!')
                && group.delimiter() != Delimiter::None
                && match path.first() {
                    None => OF_STD.iter().any(|known| name == known),
                    Some(TokenTree::Ident(root)) => {
                        (root == "tracing" || root == "log") && LOGGING.iter().any(|known| name == known)
                    }
                    Some(_) => false,
                }
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
