//! Gathers the faults of one expansion.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The faults found so far. It must be asked for them with [`finish`](Errors::finish).
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<syn::Error>,
    finished: bool,
}

impl Errors {
    /// Adds one at the tokens it is about.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds one at a span.
    pub(crate) fn at_span(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, err: syn::Error) {
        match &mut self.all {
            Some(all) => all.combine(err),
            none => *none = Some(err),
        }
    }

    /// The faults, as code that reports them.
    pub(crate) fn finish(mut self) -> Result<(), TokenStream> {
        self.finished = true;
        self.all.take().map_or(Ok(()), |all| Err(all.to_compile_error()))
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            panic!("faults were gathered and not asked for");
        }
    }
}
