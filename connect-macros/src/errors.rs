//! The errors of one expansion, gathered so that they are reported together.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The errors found so far. Dropping them without a call of [`finish`](Errors::finish) panics, so none gets lost.
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<syn::Error>,
    finished: bool,
}

impl Errors {
    /// Adds an error at the tokens that it is about.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error at a span.
    pub(crate) fn at_span(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, err: syn::Error) {
        match &mut self.all {
            Some(all) => all.combine(err),
            none => *none = Some(err),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_none()
    }

    /// The errors, as code that reports them.
    pub(crate) fn finish(mut self) -> Result<(), TokenStream> {
        self.finished = true;
        self.all.take().map_or(Ok(()), |all| Err(all.to_compile_error()))
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            panic!("errors were gathered and not reported");
        }
    }
}
