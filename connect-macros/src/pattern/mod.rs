//! The path patterns of routes and mounts: Express 5's syntax, which is path-to-regexp 8's.
//!
//! `parse` reads the text and finds its faults, `variants` takes the optional parts apart, `expand` writes what is
//! left as data for the library. The first two are about text alone and know of no tokens.

mod expand;
pub(crate) mod parse;
pub(crate) mod variants;

use syn::LitStr;

pub(crate) use self::expand::tokens;
pub(crate) use self::parse::Fault;
use self::parse::Token;
use self::variants::Part;
use crate::errors::Errors;

/// A pattern without faults.
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) names: Vec<Name>,
    pub(crate) variants: Vec<Vec<Part>>,
}

/// A parameter of a pattern.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Required,
    /// It stands in an optional part.
    Optional,
    Splat,
    OptionalSplat,
}

/// Reads a pattern.
pub(crate) fn read(text: &str) -> Result<Pattern, Vec<Fault>> {
    let tokens = parse::parse(text)?;
    let mut names = Vec::new();
    gather(&tokens, false, &mut names);
    let variants = variants::variants(text, &tokens, &names)?;
    Ok(Pattern { text: text.to_owned(), names, variants })
}

fn gather(tokens: &[Token], optional: bool, names: &mut Vec<Name>) {
    for token in tokens {
        match token {
            Token::Text(_) => {}
            Token::Group(inner) => gather(inner, true, names),
            Token::Param { name, splat, .. } => {
                let kind = match (splat, optional) {
                    (false, false) => Kind::Required,
                    (false, true) => Kind::Optional,
                    (true, false) => Kind::Splat,
                    (true, true) => Kind::OptionalSplat,
                };
                names.push(Name { text: name.clone(), kind });
            }
        }
    }
}

/// Reads a literal, and reports what is wrong with it under the characters that are.
///
/// On stable Rust a macro cannot point into a literal, so the text is shown again with a line of carets below it.
pub(crate) fn of_literal(literal: &LitStr, errors: &mut Errors) -> Option<Pattern> {
    let text = literal.value();
    match read(&text) {
        Ok(pattern) => Some(pattern),
        Err(faults) => {
            for Fault { range, message } in faults {
                let before = text[..range.start].chars().count();
                let under = text[range.clone()].chars().count().max(1);
                let carets = format!("{}{}", " ".repeat(before), "^".repeat(under));
                errors.at(literal, format_args!("{message}\n\n    {text}\n    {carets}"));
            }
            None
        }
    }
}
