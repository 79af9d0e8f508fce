//! Every path that an expansion names, once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// `::connect::__private`, at a span.
pub(crate) fn root(span: Span) -> TokenStream {
    quote_spanned!(span=> ::connect::__private)
}

/// `::connect::__private::name`, at a span.
pub(crate) fn private(name: &str, span: Span) -> TokenStream {
    let (root, name) = (root(span), syn::Ident::new(name, span));
    quote_spanned!(span=> #root::#name)
}
