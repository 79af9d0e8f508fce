//! The function that an attribute is on. Its body stays tokens, so that rustc reports what is wrong in there.

use proc_macro2::{Delimiter, Group, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, FnArg, Meta, Signature, Token, Visibility};

use super::role::Role;

pub(crate) struct Function {
    /// The attributes for the function that makes the layer: docs, lints, `cfg`, `deprecated`.
    pub(crate) outer: Vec<Attribute>,
    /// The other attributes, for the user's function.
    pub(crate) inner: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
    /// The `;` of a function without a body.
    pub(crate) semicolon: Option<Token![;]>,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (outer, inner) = input.call(Attribute::parse_outer)?.into_iter().partition(is_for_constructor);
        let (vis, sig) = (input.parse()?, input.parse()?);
        let semicolon: Option<Token![;]> = input.parse()?;
        let body = match semicolon {
            Some(_) => Group::new(Delimiter::Brace, TokenStream::new()),
            None => input.parse()?,
        };
        let function = Function { outer, inner, vis, sig, body, semicolon };
        if function.body.delimiter() != Delimiter::Brace {
            return Err(syn::Error::new(function.body.span(), "expected the body of the function"));
        }
        Ok(function)
    }
}

/// Whether an attribute belongs on the function that makes the layer.
fn is_for_constructor(attr: &Attribute) -> bool {
    if attr.path().is_ident("cfg_attr") {
        // It goes where the attributes go that it holds.
        let metas = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        return metas.is_ok_and(|metas| metas.iter().skip(1).all(|meta| is_outer(meta.path())));
    }
    is_outer(attr.path())
}

fn is_outer(path: &syn::Path) -> bool {
    ["doc", "allow", "expect", "warn", "deny", "forbid", "cfg", "deprecated"]
        .iter()
        .any(|name| path.is_ident(name))
}

/// `#[config]` on a parameter.
pub(crate) fn is_config(attr: &Attribute) -> bool {
    attr.path().is_ident("config")
}

/// `#[mount]` on a parameter.
pub(crate) fn is_mount(attr: &Attribute) -> bool {
    attr.path().is_ident("mount")
}

pub(crate) fn attributes_of(param: &FnArg) -> &[Attribute] {
    match param {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(typed) => &typed.attrs,
    }
}

/// The error for an item that is no function, or that cannot be parsed.
pub(crate) fn not_a_function(role: Role, item: &TokenStream, err: syn::Error) -> syn::Error {
    match syn::parse2::<syn::Item>(item.clone()) {
        Ok(syn::Item::Fn(_)) | Err(_) => err,
        Ok(other) => syn::Error::new_spanned(
            keyword_of(&other),
            format_args!(
                "`{}` goes on a function{}",
                role.attribute(),
                match (&other, role) {
                    (_, Role::Route(_)) => "",
                    (syn::Item::Struct(_) | syn::Item::Enum(_), _) =>
                        ": implement `Layer` for a type to make it a layer",
                    _ => "",
                }
            ),
        ),
    }
}

/// The token to underline of an item: its first after attributes and visibility.
fn keyword_of(item: &syn::Item) -> TokenStream {
    use quote::ToTokens;
    match item {
        syn::Item::Struct(item) => item.struct_token.to_token_stream(),
        syn::Item::Enum(item) => item.enum_token.to_token_stream(),
        syn::Item::Impl(item) => item.impl_token.to_token_stream(),
        syn::Item::Mod(item) => item.mod_token.to_token_stream(),
        syn::Item::Const(item) => item.const_token.to_token_stream(),
        syn::Item::Static(item) => item.static_token.to_token_stream(),
        syn::Item::Trait(item) => item.trait_token.to_token_stream(),
        syn::Item::Type(item) => item.type_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}
