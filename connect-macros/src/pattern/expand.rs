//! A pattern as data of the library.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Pattern;
use super::variants::Part;
use crate::paths::private;

/// `&Pattern { .. }`.
pub(crate) fn tokens(pattern: &Pattern, span: Span) -> TokenStream {
    let [ty, part] = ["Pattern", "Part"].map(|name| private(name, span));
    let text = &pattern.text;
    let names = pattern.names.iter().map(|name| &name.text);
    let variants = pattern.variants.iter().map(|parts| {
        let parts = parts.iter().map(|piece| match piece {
            Part::Text(text) => quote_spanned!(span=> #part::Text(#text)),
            Part::Param(index, stop) => quote_spanned!(span=> #part::Param(#index, #stop)),
            Part::Splat(index, stop, or_segment) => {
                quote_spanned!(span=> #part::Splat(#index, #stop, #or_segment))
            }
        });
        quote_spanned!(span=> &[#(#parts),*])
    });
    quote_spanned!(span=> &#ty { text: #text, names: &[#(#names),*], variants: &[#(#variants),*] })
}
