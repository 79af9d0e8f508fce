//! The arguments of a route's attribute: methods, pattern, the route's own stack.
//!
//! ```text
//! arguments := (METHOD ',')* "pattern" (',' ('public' | 'needs' '=' type | 'guarded' '=' type | expr))* ','?
//! ```

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, LitStr, Token};

use crate::errors::Errors;
use crate::function::declares::Access;
use crate::function::values::Types;
use crate::pattern::{self, Parsed, Place};

/// Which attribute of a route it is.
#[derive(Clone, Copy)]
pub(crate) enum RouteAttribute {
    /// `#[get]`: the attribute and its method.
    Method(&'static str, &'static str),
    /// `#[all]`.
    All,
    /// `#[route(GET, POST, ..)]`.
    Route,
}

impl RouteAttribute {
    pub(super) fn text(self) -> &'static str {
        match self {
            RouteAttribute::Method(attribute, _) => attribute,
            RouteAttribute::All => "#[all]",
            RouteAttribute::Route => "#[route]",
        }
    }
}

pub(crate) struct Arguments {
    /// `None` for all but `CONNECT`.
    pub(crate) methods: Option<Vec<String>>,
    pub(crate) pattern: Parsed,
    pub(crate) literal: LitStr,
    pub(crate) stack: Vec<Expr>,
    /// `needs = User`: what the route's own stack takes from the stack around it.
    pub(crate) needs: Types,
    pub(crate) access: Access,
}

/// The arguments before the pattern is parsed.
struct Written {
    methods: Option<Vec<String>>,
    literal: LitStr,
    stack: Vec<Expr>,
    needs: Types,
    access: Access,
}

pub(crate) fn arguments(
    attribute: RouteAttribute,
    tokens: TokenStream,
    errors: &mut Errors,
) -> Option<Arguments> {
    let parsed = |input: ParseStream<'_>| parse(attribute, &tokens, input);
    let Written { methods, literal, stack, needs, access } = match parsed.parse2(tokens.clone()) {
        Ok(parsed) => parsed,
        Err(err) => {
            errors.push(err);
            return None;
        }
    };
    let pattern = pattern::of_literal(&literal, Place::Route, errors)?;
    Some(Arguments { methods, pattern, literal, stack, needs, access })
}

fn parse(attribute: RouteAttribute, tokens: &TokenStream, input: ParseStream<'_>) -> syn::Result<Written> {
    let text = attribute.text();
    let methods = match attribute {
        RouteAttribute::Method(_, method) => Some(vec![method.to_owned()]),
        RouteAttribute::All => None,
        RouteAttribute::Route => Some(methods(input)?),
    };
    let example = match attribute {
        RouteAttribute::Route => "#[route(GET, POST, \"/path\")]".to_owned(),
        _ => text.replace(']', "(\"/path\")]"),
    };
    if input.is_empty() {
        // The last token, if there is one: a method.
        let span = tokens.clone().into_iter().last().map_or_else(Span::call_site, |last| last.span());
        return Err(syn::Error::new(span, format_args!("`{text}` needs a path: write `{example}`")));
    }
    if let (RouteAttribute::Method(_, method), Some(Ok(name))) =
        (attribute, input.peek(Ident).then(|| input.fork().parse::<Ident>()))
        && STANDARD.iter().any(|known| name == known)
    {
        return Err(input.error(format_args!(
            "`{text}` names the method already: write `{example}`, or `#[route({method}, {name}, \"/path\")]`"
        )));
    }
    if !input.peek(LitStr) {
        return Err(input.error(format_args!("the path of a route is a string literal: write `{example}`")));
    }
    let literal = input.parse()?;
    let mut written =
        Written { methods, literal, stack: Vec::new(), needs: Types::default(), access: Access::Private };
    let mut for_a_stack = None;
    while !input.is_empty() {
        if !input.peek(Token![,]) {
            return Err(input.error("write `,` between the path and the layers of the route's own stack"));
        }
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let name: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let types = || {
                let ty = input.parse().map_err(|err| {
                    syn::Error::new(
                        err.span(),
                        format_args!("write a type, or a tuple of types: `{name} = (User, Db)`"),
                    )
                })?;
                syn::Result::Ok(Types::of(&ty))
            };
            match &*name.to_string() {
                "needs" if !written.needs.is_empty() => {
                    return Err(syn::Error::new(
                        name.span(),
                        "`needs` is here twice: write one tuple, `needs = (User, Db)`",
                    ));
                }
                "needs" => written.needs = types()?,
                "guarded" => written.set_access(&name, Access::Guarded(types()?))?,
                "public" => {
                    return Err(syn::Error::new(
                        name.span(),
                        "`public` has no value: write it alone, or leave it out",
                    ));
                }
                _ => {
                    return Err(syn::Error::new(
                        name.span(),
                        format_args!(
                            "`{text}` has no argument `{name}`: it takes `needs = User` and `guarded = User`, or tuples, \
                             `needs = (User, Db)`"
                        ),
                    ));
                }
            }
            for_a_stack = Some(name);
            continue;
        }
        // A layer of that name can be written with its path, `self::public`.
        let ahead = input.fork();
        if let Ok(name) = ahead.parse::<Ident>()
            && name == "public"
            && (ahead.is_empty() || ahead.peek(Token![,]))
        {
            input.parse::<Ident>()?;
            written.set_access(&name, Access::Public)?;
            continue;
        }
        written.stack.push(input.parse()?);
    }
    match for_a_stack {
        Some(name) if written.stack.is_empty() => Err(syn::Error::new(
            name.span(),
            match name == "needs" {
                true => {
                    "`needs` is for a route with layers of its own: leave it out, and take the value as a parameter, \
                     `user: &User`"
                }
                false => {
                    "`guarded` is for a route whose own layers provide the value: leave it out, and list the route \
                     below a layer that does"
                }
            },
        )),
        _ => Ok(written),
    }
}

impl Written {
    fn set_access(&mut self, name: &Ident, access: Access) -> syn::Result<()> {
        let problem = match (&self.access, &access) {
            (Access::Private, _) => {
                self.access = access;
                return Ok(());
            }
            (Access::Guarded(_), Access::Guarded(_)) => {
                "`guarded` is here twice: write one tuple, `guarded = (User, Admin)`"
            }
            _ => "a route is `public`, or it is `guarded` by its own stack: leave one of the two out",
        };
        Err(syn::Error::new(name.span(), problem))
    }
}

/// The methods that have an attribute of their own.
const STANDARD: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"];

/// The standard method that another is probably meant for. Others are valid: extensions, and methods of an application.
fn misspelt(method: &str) -> Option<&'static str> {
    const REGISTERED: [&str; 2] = ["PRI", "COPY"];
    if STANDARD.contains(&method) || REGISTERED.contains(&method) {
        return None;
    }
    STANDARD.into_iter().find(|known| is_near(known.as_bytes(), method.as_bytes()))
}

/// Whether one letter is wrong, missing or too many, or two are swapped.
fn is_near(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let changed = matches!((a, b), ([a1, a2, a @ ..], [b1, b2, b @ ..]) if a1 == b2 && a2 == b1 && a == b);
    let wrong = a.len() == b.len() && a.get(1..) == b.get(1..);
    changed || wrong || a.get(1..) == Some(b) || Some(a) == b.get(1..)
}

fn methods(input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    let mut methods = Vec::new();
    while input.peek(Ident) {
        let name: Ident = input.parse()?;
        let upper = name.to_string().to_uppercase();
        if name != upper {
            return Err(syn::Error::new(
                name.span(),
                format_args!("methods are in upper case: write `{upper}`"),
            ));
        }
        if methods.contains(&upper) {
            return Err(syn::Error::new(
                name.span(),
                format_args!("`{upper}` is there already: leave one out"),
            ));
        }
        if let Some(meant) = misspelt(&upper) {
            return Err(syn::Error::new(
                name.span(),
                format_args!("there is no method `{upper}`: did you mean `{meant}`?"),
            ));
        }
        methods.push(upper);
        if input.is_empty() {
            break;
        }
        if !input.peek(Token![,]) {
            return Err(input.error("write `,` after a method"));
        }
        input.parse::<Token![,]>()?;
    }
    let quoted = input.fork().parse::<LitStr>().map(|literal| literal.value());
    if let Ok(method) = quoted
        && STANDARD.contains(&&*method)
    {
        return Err(input.error(format_args!("a method has no quotes: write `{method}`")));
    }
    if methods.is_empty() {
        return Err(input.error("name the methods first: write `#[route(GET, POST, \"/path\")]`"));
    }
    Ok(methods)
}
