//! Whether a middleware awaits `next.run(..)` where it stands.
//!
//! A future that goes through another function first, `timeout(limit, next.run(req, res)).await`, is kept twice by each of
//! these functions: where it was and where it is polled. What follows a layer is large, and with several functions in
//! several layers it would be larger than the stack. So what follows such a layer is in a box of its own.
//!
//! It is decided by the tokens of the body, and where they leave doubt there is a box.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::Attribute;
use syn::ext::IdentExt as _;

/// Whether all that a function does with `next` is to hand on and to await it there.
pub(crate) fn awaits_in_place(attributes: &[Attribute], next: &Ident, body: TokenStream) -> bool {
    // Another attribute may put the body into a block of its own, as `#[instrument]` does.
    let are_known = attributes.iter().all(|attr| KNOWN.iter().any(|name| attr.path().is_ident(name)));
    are_known && in_place(next, body)
}

/// Attributes that leave a body as it is.
const KNOWN: [&str; 9] =
    ["doc", "allow", "expect", "warn", "deny", "forbid", "inline", "must_use", "deprecated"];

fn in_place(next: &Ident, body: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    tokens.iter().enumerate().all(|(i, token)| match token {
        // Wherever it is written, a block's future goes through what is around it.
        TokenTree::Ident(name) if name == "async" => {
            !block_of(&tokens[i + 1..]).is_some_and(|it| mentions(next, it))
        }
        TokenTree::Ident(name) if is(name, next) && !is_method(&tokens[..i]) => hands_on(&tokens[i + 1..]),
        TokenTree::Group(group) => in_place(next, group.stream()),
        _ => true,
    })
}

fn is(name: &Ident, next: &Ident) -> bool {
    name.unraw() == next.unraw()
}

/// `iter.next()`, `Iterator::next`.
fn is_method(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Punct(punct)] if matches!(punct.as_char(), '.' | ':'))
}

/// The braces after `async`.
fn block_of(after: &[TokenTree]) -> Option<TokenStream> {
    after.iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    })
}

fn mentions(next: &Ident, tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => is(&name, next),
        TokenTree::Group(group) => mentions(next, group.stream()),
        _ => false,
    })
}

/// What comes after `next`.
fn hands_on(after: &[TokenTree]) -> bool {
    let [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments), after @ ..] = after
    else {
        return false;
    };
    if dot.as_char() != '.' || arguments.delimiter() != Delimiter::Parenthesis {
        return false;
    }
    match method.to_string().as_str() {
        // The last has a box already.
        "pass" | "fail" | "route" | "router" | "boxed" => true,
        "with" => hands_on(after),
        "run" => matches!(
            after,
            [TokenTree::Punct(dot), TokenTree::Ident(name), ..] if dot.as_char() == '.' && name == "await"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn in_place(body: &str) -> bool {
        let next = Ident::new("next", Span::call_site());
        awaits_in_place(&[], &next, body.parse().expect("these are tokens"))
    }

    #[test]
    fn an_attribute_that_may_change_the_body_is_not() {
        let next = Ident::new("next", Span::call_site());
        let body = || "Ok(next.run(req, res).await)".parse().expect("these are tokens");
        assert!(awaits_in_place(&[syn::parse_quote!(#[allow(unused)])], &next, body()));
        assert!(!awaits_in_place(&[syn::parse_quote!(#[tracing::instrument(skip_all)])], &next, body()));
    }

    #[test]
    fn a_run_that_is_awaited_at_once_is_in_place() {
        for body in [
            "next.pass()",
            "let done = next.run(req, res).await; Ok(done)",
            "if a { return next.fail(err); } match next.run(req, res).await { done => Ok(done) }",
            "Ok(next.with(User(next_id)).run(req, res).await)",
            "next.with(user).pass()",
            "let below = next.boxed(req, res); Ok(timeout(limit, below).await?)",
            "log!(\"{}\", next.run(req, res).await.outcome())",
            "res.send(\"without it\")",
            "let first = path.split('/').next(); Ok(next.run(req, res).await)",
            "tokio::spawn(async move { log(line).await }); Ok(next.run(req, res).await)",
        ] {
            assert!(in_place(body), "{body}");
        }
    }

    #[test]
    fn a_run_that_goes_elsewhere_first_is_not() {
        for body in [
            "Ok(timeout(limit, next.run(req, res)).await?)",
            "Ok(next.run(req, res).instrument(span).await)",
            "Ok(async { next.run(req, res).await }.instrument(span).await)",
            "let below = next.run(req, res); Ok(below.await)",
            "tokio::select! { done = next.run(req, res) => Ok(done), () = late => Err(error) }",
            "helper(req, res, next).await",
            "let on = next; Ok(on.run(req, res).await)",
            "Ok(next.with(user).run(req, res).boxed().await)",
            "Ok(Next::run(next, req, res).await)",
            "Ok(timeout(limit, r#next.run(req, res)).await?)",
        ] {
            assert!(!in_place(body), "{body}");
        }
    }
}
