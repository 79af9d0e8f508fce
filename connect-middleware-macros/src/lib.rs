//! The macro `serve_embedded!` of `connect-middleware`, which re-exports it: depend on that crate and not on this one.
#![forbid(unsafe_code)]

mod compress;
mod expand;
mod folder;

use proc_macro::TokenStream;

/// Makes a layer that serves the files of a folder from the binary: `serve_embedded!("site")`.
///
/// The folder is one of the package, beside its `Cargo.toml`. The page of the module has the details.
#[proc_macro]
pub fn serve_embedded(input: TokenStream) -> TokenStream {
    expand::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
