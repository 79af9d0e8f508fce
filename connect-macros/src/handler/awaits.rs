//! What a middleware does with the future of `next.run(..)`.
//!
//! A future that goes through another function first, `timeout(limit, next.run(req, res)).await`, is kept twice by each of
//! these functions: where it was and where it is polled. What follows a layer is large, and with several functions in
//! several layers it would be larger than the stack. So what follows such a layer is in a box of its own.
//!
//! A function that is not known may coerce the future to a `Pin<Box<dyn Future + Send>>`. For each such layer rustc proves
//! that all that follows is `Send`, type by type, and gives up at some thirty layers. A box that is type-erased
//! already ends that proof. So the box keeps its type only for the wrappers in [`WRAPPERS`].
//!
//! It is decided by the tokens of the body, and where they leave doubt the box is type-erased.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::Attribute;
use syn::ext::IdentExt as _;

/// How a function awaits the future of what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Awaits {
    /// In the function itself, or not at all.
    InPlace,
    /// Through wrappers that are known not to box it.
    Wrapped,
    /// Through anything else.
    Anyhow,
}

/// Attributes that leave a body as it is.
const KNOWN: [&str; 9] =
    ["doc", "allow", "expect", "warn", "deny", "forbid", "inline", "must_use", "deprecated"];

/// Functions and methods of tokio and tracing that put a future into a struct.
const WRAPPERS: [&str; 8] = [
    "timeout",
    "timeout_at",
    "unconstrained",
    "scope",
    "instrument",
    "in_current_span",
    "with_subscriber",
    "with_current_subscriber",
];

/// Macros that poll the futures they are given where they stand.
const POLLING_MACROS: [&str; 3] = ["select", "join", "try_join"];

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

/// How a function with these attributes and this body does it.
pub(crate) fn awaits(attributes: &[Attribute], next: &Ident, body: TokenStream) -> Awaits {
    // An attribute may put the body into a block of its own.
    let by_attributes = attributes.iter().map(|attr| {
        let name = attr.path().segments.last();
        match name {
            Some(_) if KNOWN.iter().any(|name| attr.path().is_ident(name)) => Awaits::InPlace,
            Some(name) if name.ident == "instrument" => Awaits::Wrapped,
            _ => Awaits::Anyhow,
        }
    });
    let around = by_attributes.max().unwrap_or(Awaits::InPlace);
    Place { next, value: Awaits::Anyhow, awaited: around }.tokens(body)
}

/// Where tokens stand.
#[derive(Clone, Copy)]
struct Place<'a> {
    next: &'a Ident,
    /// How a future that is the value here is awaited.
    value: Awaits,
    /// The same of one that is awaited here.
    awaited: Awaits,
}

impl Place<'_> {
    /// How the futures in these tokens are awaited.
    fn tokens(self, tokens: TokenStream) -> Awaits {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let each = (0..tokens.len()).map(|i| self.token(&tokens[..i], &tokens[i], &tokens[i + 1..]));
        each.max().unwrap_or(Awaits::InPlace)
    }

    fn token(self, before: &[TokenTree], token: &TokenTree, after: &[TokenTree]) -> Awaits {
        match token {
            // Its body may go on to the end of what it stands in.
            TokenTree::Ident(name) if name == "async" && is_closure(after) && self.are_mentioned(after) => {
                Awaits::Anyhow
            }
            TokenTree::Ident(name) if is(name, self.next) && !is_method(before) => self.next(after),
            TokenTree::Group(group) => self.inside(before, group.delimiter(), after).tokens(group.stream()),
            _ => Awaits::InPlace,
        }
    }

    /// Where the tokens of a group stand.
    fn inside(self, before: &[TokenTree], delimiter: Delimiter, after: &[TokenTree]) -> Self {
        let here = Place { value: Awaits::Anyhow, ..self };
        match (before, delimiter) {
            ([.., TokenTree::Ident(name), TokenTree::Punct(punct)], _) if punct.as_char() == '!' => {
                if is_any(name, &PLAIN_MACROS) {
                    here
                } else if is_any(name, &POLLING_MACROS) {
                    Place { value: Awaits::Wrapped, awaited: self.awaited.max(Awaits::Wrapped), ..self }
                } else {
                    Place { awaited: Awaits::Anyhow, ..here }
                }
            }
            ([.., TokenTree::Ident(name)], Delimiter::Parenthesis) if is_any(name, &WRAPPERS) => {
                Place { value: self.goes_on(after), ..self }
            }
            // A block that a macro was given comes without delimiters around it.
            ([.., TokenTree::Ident(name)], Delimiter::Brace | Delimiter::None) if name == "async" => {
                Place { awaited: self.goes_on(after), ..here }
            }
            ([.., TokenTree::Ident(first), TokenTree::Ident(second)], Delimiter::Brace | Delimiter::None)
                if first == "async" && second == "move" =>
            {
                Place { awaited: self.goes_on(after), ..here }
            }
            _ => here,
        }
    }

    /// How a future is awaited that these tokens come after.
    fn goes_on(self, after: &[TokenTree]) -> Awaits {
        match after {
            [] => self.value,
            // To the next argument, and to the arm of a `select!`.
            [TokenTree::Punct(end), ..] if matches!(end.as_char(), ',' | '=') => self.value,
            [TokenTree::Punct(dot), TokenTree::Ident(name), after @ ..] if dot.as_char() == '.' => {
                match after {
                    _ if name == "await" => self.awaited.max(Awaits::Wrapped),
                    [TokenTree::Group(_), after @ ..] if is_any(name, &WRAPPERS) => self.goes_on(after),
                    _ => Awaits::Anyhow,
                }
            }
            _ => Awaits::Anyhow,
        }
    }

    /// What is done with `next`, which these tokens come after.
    fn next(self, after: &[TokenTree]) -> Awaits {
        let [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments), after @ ..] =
            after
        else {
            return Awaits::Anyhow;
        };
        if dot.as_char() != '.' || arguments.delimiter() != Delimiter::Parenthesis {
            return Awaits::Anyhow;
        }
        match method.to_string().as_str() {
            // The last has a box already.
            "pass" | "fail" | "route" | "router" | "boxed" => Awaits::InPlace,
            "with" => self.next(after),
            "run" if is_awaited(after) => self.awaited,
            "run" => self.goes_on(after),
            _ => Awaits::Anyhow,
        }
    }

    /// Whether `next` is among them.
    fn are_mentioned(self, tokens: &[TokenTree]) -> bool {
        tokens.iter().any(|token| match token {
            TokenTree::Ident(name) => is(name, self.next),
            TokenTree::Group(group) => self.are_mentioned(&group.stream().into_iter().collect::<Vec<_>>()),
            _ => false,
        })
    }
}

fn is(name: &Ident, next: &Ident) -> bool {
    name.unraw() == next.unraw()
}

fn is_any(name: &Ident, names: &[&str]) -> bool {
    names.iter().any(|it| name == it)
}

/// `iter.next()`, `Iterator::next`.
fn is_method(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Punct(punct)] if matches!(punct.as_char(), '.' | ':'))
}

/// `.await`.
fn is_awaited(after: &[TokenTree]) -> bool {
    matches!(after, [TokenTree::Punct(dot), TokenTree::Ident(name), ..] if dot.as_char() == '.' && name == "await")
}

/// `|a| ..` or `move |a| ..`.
fn is_closure(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Ident(name), TokenTree::Punct(bar), ..] => name == "move" && bar.as_char() == '|',
        [TokenTree::Punct(bar), ..] => bar.as_char() == '|',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn all(expected: Awaits, bodies: &[&str]) {
        let next = Ident::new("next", Span::call_site());
        for body in bodies {
            let found = awaits(&[], &next, body.parse().expect("these are tokens"));
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn an_attribute_may_change_the_body() {
        let next = Ident::new("next", Span::call_site());
        let body = || "Ok(next.run(req, res).await)".parse().expect("these are tokens");
        let awaits = |attribute| super::awaits(&[attribute], &next, body());
        assert_eq!(awaits(syn::parse_quote!(#[allow(unused)])), Awaits::InPlace);
        assert_eq!(awaits(syn::parse_quote!(#[tracing::instrument(skip_all)])), Awaits::Wrapped);
        assert_eq!(awaits(syn::parse_quote!(#[framed])), Awaits::Anyhow);
    }

    #[test]
    fn a_run_that_is_awaited_at_once_is_in_place() {
        all(
            Awaits::InPlace,
            &[
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
                "check(next.run(req, res).await)",
            ],
        );
    }

    #[test]
    fn wrappers_that_are_known_do_not_box() {
        all(
            Awaits::Wrapped,
            &[
                "Ok(timeout(limit, next.run(req, res)).await?)",
                "match tokio::time::timeout(limit, next.with(user).run(req, res)).await { _ => todo() }",
                "Ok(timeout(limit, r#next.run(req, res)).await?)",
                "Ok(next.run(req, res).instrument(span).await)",
                "Ok(async { next.run(req, res).await }.instrument(span).await)",
                "Ok(async move { next.run(req, res).await }.await)",
                "Ok(timeout(limit, async { next.run(req, res).await }.instrument(span)).await?)",
                "Ok(timeout(limit, next.run(req, res).instrument(span)).in_current_span().await?)",
                "Ok(LOCAL.scope(value, next.run(req, res)).await)",
                "tokio::select! { done = next.run(req, res) => Ok(done), () = late => Err(error) }",
            ],
        );
    }

    #[test]
    fn anything_else_may() {
        all(
            Awaits::Anyhow,
            &[
                "Ok(retry(async || next.run(req, res).await).await)",
                "Ok(retry(async move |_| match next.run(req, res).await { done => done }).await)",
                "Ok(timed!(next.run(req, res).await).await)",
                "Ok(timed(next.run(req, res)).await)",
                "Ok(timed(timeout(limit, next.run(req, res))).await)",
                "Ok(timed(async { next.run(req, res).await }).await)",
                "let below = next.run(req, res); Ok(below.await)",
                "let below = async { next.run(req, res).await }; Ok(timed(below).await)",
                "helper(req, res, next).await",
                "let on = next; Ok(on.run(req, res).await)",
                "Ok(Next::run(next, req, res).await)",
                "Ok(next.with(user).run(req, res).boxed().await)",
                "Ok(timeout(limit, next.run(req, res)).boxed().await?)",
                "let below: Below<'_> = Box::pin(next.run(req, res)); Ok(below.await)",
                "Ok(select(next.run(req, res), late).await)",
            ],
        );
    }
}
