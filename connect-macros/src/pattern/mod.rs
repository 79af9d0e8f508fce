//! Path patterns: `"/user/:id{/edit}"`. The grammar is path-to-regexp 8's, which Express 5 uses.
//!
//! `parse` reads the characters, `variants` leaves the optional parts out in every way there is, `check` checks the
//! whole; `expand` writes it as data, and `span` finds a fault's characters in the source. What
//! is wrong is a `fault::Draft` first, because the corrected pattern can only be written when all is known.
//!
//! `check`, `encoded`, `fault`, `parse`, `reserved` and `variants` know nothing of tokens, so that a fuzz target can include
//! them by path.

mod check;
mod encoded;
mod expand;
mod fault;
mod parse;
mod reserved;
mod span;
#[cfg(test)]
mod tests;
mod variants;

pub(crate) use self::check::{Kind, Name, Parsed, Place};

use syn::LitStr;

use crate::errors::Errors;

/// Reads a literal, and reports what is wrong with it.
pub(crate) fn of_literal(literal: &LitStr, place: Place, errors: &mut Errors) -> Option<Parsed> {
    check::parse(&literal.value(), place).map_err(|faults| span::report(literal, faults, errors)).ok()
}
