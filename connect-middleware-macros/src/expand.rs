//! What the macro writes.

use std::path::Path;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::LitStr;

use crate::{compress, folder};

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let literal: LitStr = syn::parse2(input.clone()).map_err(|_| {
        let why = "this has to be the path of a folder, in quotes: `serve_embedded!(\"site\")`";
        if input.is_empty() {
            syn::Error::new(proc_macro2::Span::call_site(), why)
        } else {
            syn::Error::new_spanned(&input, why)
        }
    })?;
    let error = |why: String| syn::Error::new(literal.span(), why);
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| {
        error("`serve_embedded!` has to be built by cargo, which says where the package is".into())
    })?;
    let value = literal.value();
    let files = folder::read(Path::new(&package), &value).map_err(error)?;
    let compressed = compress::all(&files);
    let mut entries = Vec::new();
    for (file, compressed) in files.iter().zip(compressed) {
        let name = &file.name;
        let path = file.path.to_str().ok_or_else(|| {
            error(format!("`{}` is not UTF-8: move the package to another folder", file.path.display()))
        })?;
        let coded = |bytes: Option<Vec<u8>>| match bytes {
            Some(bytes) => {
                let bytes = Literal::byte_string(&bytes);
                quote!(::core::option::Option::Some(#bytes))
            }
            None => quote!(::core::option::Option::None),
        };
        let (brotli, gzip) = (coded(compressed.brotli), coded(compressed.gzip));
        // The original by its path, so that cargo builds the program again when the file changes.
        entries.push(quote! {
            ::connect_middleware::embedded::EmbeddedFile::new(
                #name,
                ::core::include_bytes!(#path),
                #brotli,
                #gzip,
            )
        });
    }
    Ok(quote! {{
        static FILES: &[::connect_middleware::embedded::EmbeddedFile] = &[#(#entries),*];
        ::connect_middleware::embedded::ServeEmbedded::new(#value, FILES)
    }})
}
