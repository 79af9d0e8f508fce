//! `#[mount]` parameters: the parameters of the mounts around a layer, `#[mount] team: &str`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::{Ident, Pat, PatType, Type};

use super::parse::is_mount;
use super::types::argument;
use crate::errors::Errors;
use crate::paths::private;

/// The name of the mount's parameter, if this one takes it.
pub(crate) fn name(param: &PatType, errors: &mut Errors) -> Option<String> {
    let attr = param.attrs.iter().find(|attr| is_mount(attr))?;
    if !matches!(attr.meta, syn::Meta::Path(_)) {
        errors.at(
            attr,
            "`#[mount]` takes no arguments: give the parameter the name of the mount's, `#[mount] team: &str`",
        );
    }
    match &*param.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => {
            let name = pat.ident.unraw().to_string();
            Some(name.strip_prefix('_').map(str::to_owned).unwrap_or(name))
        }
        pat => {
            errors.at(pat, "a parameter of a mount is found by its name: write `#[mount] team: &str`");
            Some(String::new())
        }
    }
}

/// The parameter as the user's function has it.
pub(crate) fn without_attribute(param: &PatType) -> PatType {
    let mut param = param.clone();
    param.attrs.retain(|attr| !is_mount(attr));
    param
}

/// Code that reads the parameter into the variable `value`.
pub(crate) fn read(ty: &Type, name: &str, value: &Ident, req: &TokenStream, at: Span) -> TokenStream {
    let function = match ty {
        ty if argument(ty, "Option").is_some() => "optional_of",
        ty if argument(ty, "Vec").is_some() => "splat_of",
        _ => "required_of",
    };
    let copy = Ident::new(&format!("{value}_copy"), Span::mixed_site());
    let [mount_param, take] = ["mount_param", function].map(|name| private(name, at));
    quote_spanned!(at=> let #copy = #mount_param(#req, #name)?; let #value = #take(&#copy)?;)
}
