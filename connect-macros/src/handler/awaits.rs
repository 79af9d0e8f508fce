//! How a middleware awaits the future of `next.run(..)`.
//!
//! Each function that a future is passed through, as in `timeout(limit, next.run(req, res)).await`, keeps it twice: where it
//! was and where it is polled. The future of the layers below is large, and with several such functions in several layers it
//! would overflow the stack. So below such a layer the future is in a box of its own.
//!
//! A function that is not known may coerce the future to a `Pin<Box<dyn Future + Send>>`. For each such layer rustc proves
//! that all that follows is `Send`, type by type, and gives up at about thirty layers. A type-erased box ends that proof. So
//! the box keeps its type only for the wrappers in [`WRAPPERS`].
//!
//! The tokens of the body decide. Where they leave doubt, the box is type-erased.

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
    Unknown,
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

/// Macros that poll their futures in place.
const POLLING_MACROS: [&str; 3] = ["select", "join", "try_join"];

/// Macros that evaluate their arguments in place.
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

/// How a function with these attributes and this body awaits the future.
pub(crate) fn awaits(attributes: &[Attribute], next: &Ident, body: TokenStream) -> Awaits {
    // An attribute may put the body into a block of its own.
    let by_attributes = attributes.iter().map(|attr| {
        let name = attr.path().segments.last();
        match name {
            Some(_) if KNOWN.iter().any(|name| attr.path().is_ident(name)) => Awaits::InPlace,
            Some(name) if name.ident == "instrument" => Awaits::Wrapped,
            _ => Awaits::Unknown,
        }
    });
    let around = by_attributes.max().unwrap_or(Awaits::InPlace);
    Context { next, value: Awaits::Unknown, awaited: around }.tokens(body)
}

/// The context of tokens.
#[derive(Clone, Copy)]
struct Context<'a> {
    next: &'a Ident,
    /// How a future that is the value here is awaited.
    value: Awaits,
    /// How a future counts that an `.await` here polls.
    awaited: Awaits,
}

impl Context<'_> {
    /// How the futures in these tokens are awaited.
    fn tokens(self, tokens: TokenStream) -> Awaits {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let each = (0..tokens.len()).map(|i| self.token(&tokens[..i], &tokens[i], &tokens[i + 1..]));
        each.max().unwrap_or(Awaits::InPlace)
    }

    fn token(self, before: &[TokenTree], token: &TokenTree, after: &[TokenTree]) -> Awaits {
        match token {
            // The body of the closure may extend to the end of the tokens.
            TokenTree::Ident(name) if name == "async" && is_closure(after) && self.mention_next(after) => {
                Awaits::Unknown
            }
            TokenTree::Ident(name) if is(name, self.next) && !is_method(before) => self.next(after),
            TokenTree::Group(group) => self.inside(before, group.delimiter(), after).tokens(group.stream()),
            _ => Awaits::InPlace,
        }
    }

    /// The context of the tokens in a group.
    fn inside(self, before: &[TokenTree], delimiter: Delimiter, after: &[TokenTree]) -> Self {
        let here = Context { value: Awaits::Unknown, ..self };
        match (before, delimiter) {
            ([.., TokenTree::Ident(name), TokenTree::Punct(punct)], _) if punct.as_char() == '!' => {
                if is_any(name, &PLAIN_MACROS) {
                    here
                } else if is_any(name, &POLLING_MACROS) {
                    Context { value: Awaits::Wrapped, awaited: self.awaited.max(Awaits::Wrapped), ..self }
                } else {
                    Context { awaited: Awaits::Unknown, ..here }
                }
            }
            ([.., TokenTree::Ident(name)], Delimiter::Parenthesis) if is_any(name, &WRAPPERS) => {
                Context { value: self.awaited_by(after), ..self }
            }
            // A block from a macro's arguments is a group without delimiters.
            ([.., TokenTree::Ident(name)], Delimiter::Brace | Delimiter::None) if name == "async" => {
                Context { awaited: self.awaited_by(after), ..here }
            }
            ([.., TokenTree::Ident(first), TokenTree::Ident(second)], Delimiter::Brace | Delimiter::None)
                if first == "async" && second == "move" =>
            {
                Context { awaited: self.awaited_by(after), ..here }
            }
            _ => here,
        }
    }

    /// How a future is awaited, by the tokens after it.
    fn awaited_by(self, after: &[TokenTree]) -> Awaits {
        match after {
            [] => self.value,
            // To the next argument, and to the arm of a `select!`.
            [TokenTree::Punct(end), ..] if matches!(end.as_char(), ',' | '=') => self.value,
            [TokenTree::Punct(dot), TokenTree::Ident(name), after @ ..] if dot.as_char() == '.' => {
                match after {
                    _ if name == "await" => self.awaited.max(Awaits::Wrapped),
                    [TokenTree::Group(_), after @ ..] if is_any(name, &WRAPPERS) => self.awaited_by(after),
                    _ => Awaits::Unknown,
                }
            }
            _ => Awaits::Unknown,
        }
    }

    /// How the future of `next` is awaited, by the tokens after `next`.
    fn next(self, after: &[TokenTree]) -> Awaits {
        let [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments), after @ ..] =
            after
        else {
            return Awaits::Unknown;
        };
        if dot.as_char() != '.' || arguments.delimiter() != Delimiter::Parenthesis {
            return Awaits::Unknown;
        }
        match method.to_string().as_str() {
            // `boxed` boxes the future itself.
            "pass" | "fail" | "route" | "router" | "boxed" => Awaits::InPlace,
            "with" => self.next(after),
            "run" if is_awaited(after) => self.awaited,
            "run" => self.awaited_by(after),
            _ => Awaits::Unknown,
        }
    }

    /// Whether tokens mention `next`.
    fn mention_next(self, tokens: &[TokenTree]) -> bool {
        tokens.iter().any(|token| match token {
            TokenTree::Ident(name) => is(name, self.next),
            TokenTree::Group(group) => self.mention_next(&group.stream().into_iter().collect::<Vec<_>>()),
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
        assert_eq!(awaits(syn::parse_quote!(#[framed])), Awaits::Unknown);
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
    fn all_else_is_unknown() {
        all(
            Awaits::Unknown,
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
