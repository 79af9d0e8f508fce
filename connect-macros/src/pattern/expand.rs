//! A pattern as data.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::check::Parsed;
use super::variants::Part;
use crate::paths::private;

impl Parsed {
    /// A `&'static Pattern`.
    pub(crate) fn tokens(&self, span: Span) -> TokenStream {
        let pattern = private("Pattern", span);
        let text = &self.text;
        let names = self.names.iter().map(|name| &name.text);
        let variants = self.variants.iter().map(|variant| {
            let parts = variant.iter().map(|part| part_tokens(part, span));
            quote_spanned!(span=> &[#(#parts),*])
        });
        quote_spanned! {span=>
            &#pattern { text: #text, names: &[#(#names),*], variants: &[#(#variants),*] }
        }
    }
}

fn part_tokens(part: &Part, span: Span) -> TokenStream {
    let ty = private("Part", span);
    match part {
        Part::Text(text) => quote_spanned!(span=> #ty::Text(#text)),
        Part::Param(index, stop, or_stop) => quote_spanned!(span=> #ty::Param(#index, #stop, #or_stop)),
        Part::Splat(index, stop, or_segment) => quote_spanned!(span=> #ty::Splat(#index, #stop, #or_segment)),
    }
}
