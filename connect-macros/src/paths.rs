//! Every path that an expansion names, once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// `::connect::__private::name`, at a span.
pub(crate) fn private(name: &str, span: Span) -> TokenStream {
    let name = syn::Ident::new(name, span);
    quote_spanned!(span=> ::connect::__private::#name)
}
