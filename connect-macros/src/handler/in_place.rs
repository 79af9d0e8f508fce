//! What a middleware does with the future of `next.run(..)`.
//!
//! A future that goes through another function first, `timeout(limit, next.run(req, res)).await`, is kept twice by each of
//! these functions: where it was and where it is polled. What follows a layer is large, and with several functions in
//! several layers it would be larger than the stack. So what follows such a layer is in a box of its own.
//!
//! A future that the middleware itself puts in a box, nearly always as a `dyn Future + Send`, has no type either in the box
//! that it comes in: rustc would prove `Send` of all that follows once more for each such layer, and give up at some thirty.
//!
//! It is decided by the tokens of the body, and where they leave doubt there is a box.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::Attribute;
use syn::ext::IdentExt as _;

/// Where the future of what follows goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    /// It is awaited in the function, or there is none.
    InPlace,
    /// Through something else.
    Elsewhere,
    /// Into a box of the function's own.
    IntoABox,
}

/// Where a function takes it.
pub(crate) fn goes(attributes: &[Attribute], next: &Ident, body: TokenStream) -> Goes {
    // Another attribute may put the body into a block of its own, as `#[instrument]` does.
    let are_known = attributes.iter().all(|attr| KNOWN.iter().any(|name| attr.path().is_ident(name)));
    if are_known && in_place(next, body.clone(), Within::Function) {
        Goes::InPlace
    } else if boxes(body) {
        Goes::IntoABox
    } else {
        Goes::Elsewhere
    }
}

/// Whether there is a `Box`, a `.boxed()`, or a `Box`'s alias that futures' users know.
fn boxes(body: TokenStream) -> bool {
    body.into_iter().any(|token| match token {
        TokenTree::Ident(name) => ["Box", "boxed", "BoxFuture"].iter().any(|it| name == it),
        TokenTree::Group(group) => boxes(group.stream()),
        _ => false,
    })
}

/// Attributes that leave a body as it is.
const KNOWN: [&str; 9] =
    ["doc", "allow", "expect", "warn", "deny", "forbid", "inline", "must_use", "deprecated"];

/// What tokens are a part of.
#[derive(Clone, Copy)]
enum Within {
    Function,
    /// The arguments of a macro, which may put them into a block of its own.
    Macro,
}

/// Macros that leave their arguments where they are.
const PLAIN_MACROS: [&str; 13] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "eprint",
    "eprintln",
    "format",
    "matches",
    "print",
    "println",
    "vec",
    "write",
    "writeln",
];

fn in_place(next: &Ident, body: TokenStream, within: Within) -> bool {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    tokens.iter().enumerate().all(|(i, token)| match token {
        // Wherever it is written, the future of a block or closure goes through what is around it.
        TokenTree::Ident(name) if name == "async" => !mentions(next, asynchronous(&tokens[i + 1..])),
        TokenTree::Ident(name) if is(name, next) && !is_method(&tokens[..i]) => {
            hands_on(&tokens[i + 1..], within)
        }
        TokenTree::Group(group) => {
            let within = if is_macro(&tokens[..i]) { Within::Macro } else { within };
            in_place(next, group.stream(), within)
        }
        _ => true,
    })
}

/// `name!`, unless it is known to do nothing with its arguments.
fn is_macro(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(name), TokenTree::Punct(punct)]
        if punct.as_char() == '!' && !PLAIN_MACROS.iter().any(|it| name == it))
}

fn is(name: &Ident, next: &Ident) -> bool {
    name.unraw() == next.unraw()
}

/// `iter.next()`, `Iterator::next`.
fn is_method(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Punct(punct)] if matches!(punct.as_char(), '.' | ':'))
}

/// What comes after `async`: a block, the body of a function, or a closure, which may go on to the end of what it stands
/// in.
fn asynchronous(after: &[TokenTree]) -> TokenStream {
    let after = match after {
        [TokenTree::Ident(name), after @ ..] if name == "move" => after,
        after => after,
    };
    let is_closure = matches!(after, [TokenTree::Punct(bar), ..] if bar.as_char() == '|');
    let is_brace =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let end = after.iter().position(is_brace).filter(|_| !is_closure).map_or(after.len(), |brace| brace + 1);
    after[..end].iter().cloned().collect()
}

fn mentions(next: &Ident, tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => is(&name, next),
        TokenTree::Group(group) => mentions(next, group.stream()),
        _ => false,
    })
}

/// What comes after `next`.
fn hands_on(after: &[TokenTree], within: Within) -> bool {
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
        "with" => hands_on(after, within),
        "run" => {
            matches!(within, Within::Function)
                && matches!(
                    after,
                    [TokenTree::Punct(dot), TokenTree::Ident(name), ..] if dot.as_char() == '.' && name == "await"
                )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn goes(body: &str) -> Goes {
        let next = Ident::new("next", Span::call_site());
        super::goes(&[], &next, body.parse().expect("these are tokens"))
    }

    #[test]
    fn an_attribute_that_may_change_the_body_is_not() {
        let next = Ident::new("next", Span::call_site());
        let body = || "Ok(next.run(req, res).await)".parse().expect("these are tokens");
        let goes = |attribute| super::goes(&[attribute], &next, body());
        assert_eq!(goes(syn::parse_quote!(#[allow(unused)])), Goes::InPlace);
        assert_eq!(goes(syn::parse_quote!(#[tracing::instrument(skip_all)])), Goes::Elsewhere);
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
            "println!(\"{}\", next.run(req, res).await.outcome())",
            "bail_unless!(is_open, next.fail(closed())); Ok(next.run(req, res).await)",
            "res.send(\"without it\")",
            "let first = path.split('/').next(); Ok(next.run(req, res).await)",
            "tokio::spawn(async move { log(line).await }); Ok(next.run(req, res).await)",
        ] {
            assert_eq!(goes(body), Goes::InPlace, "{body}");
        }
    }

    #[test]
    fn a_run_that_goes_elsewhere_first_is_not() {
        for body in [
            "Ok(timeout(limit, next.run(req, res)).await?)",
            "Ok(next.run(req, res).instrument(span).await)",
            "Ok(async { next.run(req, res).await }.instrument(span).await)",
            "Ok(retry(async || next.run(req, res).await).await)",
            "Ok(retry(async move |_| match next.run(req, res).await { done => done }).await)",
            "Ok(timed!(next.run(req, res).await).await)",
            "let below = next.run(req, res); Ok(below.await)",
            "tokio::select! { done = next.run(req, res) => Ok(done), () = late => Err(error) }",
            "helper(req, res, next).await",
            "let on = next; Ok(on.run(req, res).await)",
            "Ok(Next::run(next, req, res).await)",
            "Ok(timeout(limit, r#next.run(req, res)).await?)",
        ] {
            assert_eq!(goes(body), Goes::Elsewhere, "{body}");
        }
    }

    #[test]
    fn a_run_that_is_put_in_a_box_is_seen() {
        for body in [
            "Ok(next.with(user).run(req, res).boxed().await)",
            "let below: Below<'_> = Box::pin(next.run(req, res)); Ok(below.await)",
            "let below = next.run(req, res); Ok(std::boxed::Box::pin(below).await)",
            "Ok(either(wait, { let below: BoxFuture<'_, _> = next.run(req, res).into(); below }).await)",
        ] {
            assert_eq!(goes(body), Goes::IntoABox, "{body}");
        }
    }
}
