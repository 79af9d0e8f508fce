//! What a signature says about the values that layers provide to each other: `With<User>`, `Next<User>`, `&User`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PatType, PathArguments, Type};

use crate::errors::Errors;
use crate::paths::private;

/// The types in `With<..>`, `Next<..>` or `needs = ..`: one, or those of a tuple.
#[derive(Clone, Default)]
pub(crate) struct Types {
    pub(crate) all: Vec<Type>,
    pub(crate) is_tuple: bool,
}

impl Types {
    pub(crate) fn of(ty: &Type) -> Types {
        match ty {
            Type::Tuple(tuple) => Types { all: tuple.elems.iter().cloned().collect(), is_tuple: true },
            ty => Types { all: vec![ty.clone()], is_tuple: false },
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds a type, if it is not there.
    pub(crate) fn add(&mut self, ty: &Type) -> bool {
        let is_new = !self.all.iter().any(|known| same(known, ty));
        if is_new {
            self.all.push(ty.clone());
        }
        is_new
    }

    /// As a tuple.
    pub(crate) fn tuple(&self) -> TokenStream {
        let all = &self.all;
        quote!((#(#all,)*))
    }
}

pub(crate) fn same(a: &Type, b: &Type) -> bool {
    a.to_token_stream().to_string() == b.to_token_stream().to_string()
}

/// What an attribute's constructor returns, with what the layer declares around it.
#[derive(Clone, Default)]
pub(crate) struct Declares {
    pub(crate) needs: Types,
    pub(crate) provides: Types,
    /// An error handler that takes `next: Resume`.
    pub(crate) resumes: bool,
    /// It takes `req: &mut Rewrite`.
    pub(crate) rewrites: bool,
    pub(crate) access: Access,
}

/// Who gets to a route in a list that denies unguarded ones.
#[derive(Clone, Default)]
pub(crate) enum Access {
    /// Who got by the layers above it.
    #[default]
    Private,
    /// `public`: everybody.
    Public,
    /// `guarded = User`: whom the route's own stack lets by.
    Guarded(Types),
}

impl Declares {
    fn is_free(&self) -> bool {
        self.needs.is_empty()
            && self.provides.is_empty()
            && !self.resumes
            && matches!(self.access, Access::Private)
    }

    /// What it needs, as the library counts it: in a tuple, which has at most twelve.
    fn needs(&self, span: Span) -> TokenStream {
        let [a, b, c, d, e, rest @ ..] = &self.needs.all[..] else { return self.needs.tuple() };
        if self.needs.all.len() <= 12 {
            return self.needs.tuple();
        }
        let [many, more] = ["Many", "More"].map(|name| private(name, span));
        let rest = rest.iter().rfold(quote!(()), |rest, ty| quote_spanned!(span=> #more<#ty, #rest>));
        quote_spanned!(span=> #many<(#a, #b, #c, #d, #e), #rest>)
    }

    /// The constructor's return type.
    pub(crate) fn returns(&self, made: TokenStream, span: Span) -> TokenStream {
        if self.is_free() {
            return made;
        }
        // Of the macro's own: clippy finds the type complex, and the user cannot help that.
        let span = Span::mixed_site().located_at(span);
        let wrapper = private("Declared", span);
        let needs = self.needs(span);
        let (declares, second) = match &self.access {
            Access::Private if self.resumes => ("Resumes", self.provides.tuple()),
            Access::Private => ("Declares", self.provides.tuple()),
            Access::Public => ("OfRoute", private("Everybody", span)),
            Access::Guarded(types) => {
                let (by, types) = (private("ByItsStack", span), types.tuple());
                ("OfRoute", quote_spanned!(span=> #by<#types>))
            }
        };
        let declares = private(declares, span);
        quote_spanned!(span=> #wrapper<#made, #declares<#needs, #second>>)
    }

    /// The constructor's value.
    pub(crate) fn value(&self, value: TokenStream, span: Span) -> TokenStream {
        if self.is_free() {
            return value;
        }
        let function = private("declared", span);
        quote_spanned!(span=> #function(#value))
    }
}

/// `T` in `name<T>`, where `name` is the last of a path: of `With<User>`, and of `&mut With<User>`.
pub(crate) fn argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// Whether a parameter is a request that may be rewritten, `&mut Rewrite`.
pub(crate) fn rewrites(param: &PatType) -> bool {
    matches!(&*param.ty, Type::Reference(reference) if reference.mutability.is_some())
        && is_rewrite(&param.ty)
}

/// Whether a type is a `Rewrite`, or a reference to one.
pub(crate) fn is_rewrite(ty: &Type) -> bool {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        ty => ty,
    };
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Rewrite"))
}

/// A parameter that takes a value: `&User`, or `Option<&User>`.
pub(crate) enum Wanted<'a> {
    Needed(&'a Type),
    Maybe(&'a Type),
    /// The parameter of a mount with this name.
    Mount(String),
}

/// Whether a parameter takes a value. `&str` and slices are text and lists of the pattern's.
pub(crate) fn wanted(param: &PatType) -> Option<Wanted<'_>> {
    let shared = |ty: &'_ Type| match ty {
        Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
            Type::Path(path) => !path.path.is_ident("str"),
            Type::Tuple(_) => true,
            _ => false,
        },
        _ => false,
    };
    fn inside(ty: &Type) -> &Type {
        match ty {
            Type::Reference(reference) => &reference.elem,
            ty => ty,
        }
    }
    if shared(&param.ty) {
        return Some(Wanted::Needed(inside(&param.ty)));
    }
    let inner = argument(&param.ty, "Option").filter(|inner| shared(inner))?;
    Some(Wanted::Maybe(inside(inner)))
}

/// `With<(User, Db)>` as the body of the layer sees it: with a type of the attribute's own, which says of each that it
/// is there.
pub(crate) struct View {
    pub(crate) items: TokenStream,
    /// The user's own parameter, with that type.
    pub(crate) param: PatType,
}

pub(crate) fn view(param: &PatType, needs: &Types, span: Span) -> View {
    let mut param = param.clone();
    if !needs.is_tuple {
        return View { items: TokenStream::new(), param };
    }
    let marker = syn::Ident::new("__Needs", span);
    if let Type::Reference(reference) = &mut *param.ty
        && let Type::Path(path) = &mut *reference.elem
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        && let Some(argument) = arguments.args.first_mut()
    {
        *argument = GenericArgument::Type(syn::parse_quote!(#marker));
    }
    let holds = private("Holds", span);
    let types = &needs.all;
    let items = quote_spanned! {span=>
        struct #marker;
        #(impl #holds<#types> for #marker {})*
    };
    View { items, param }
}

/// The same type twice in a tuple.
pub(crate) fn twice(types: &Types, errors: &mut Errors) {
    for (i, ty) in types.all.iter().enumerate() {
        if matches!(ty, Type::Reference(reference) if reference.lifetime.is_none()) {
            errors.at(
                ty,
                "a value is provided as a whole, and shared by those below: write its type without `&`",
            );
        }
        if types.all[..i].iter().any(|before| same(before, ty)) {
            errors.at(ty, "this type stands here twice: make a second one with `struct Other(Type);`");
        }
    }
}

/// `next: Next<User>` as the user's function takes it: the first argument as written, the second of the attribute.
pub(crate) fn next_giving(param: &PatType, provides: &Types, track: &TokenStream) -> TokenStream {
    let (attrs, pat) = (&param.attrs, &param.pat);
    let span = param.ty.span();
    let mut ty = param.ty.clone();
    let [gives, form] =
        ["Gives", if provides.is_tuple { "Tuple" } else { "Single" }].map(|name| private(name, span));
    if let Type::Path(path) = &mut *ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        arguments.args.push(GenericArgument::Type(syn::parse_quote!(#gives<#form, #track>)));
    }
    quote_spanned!(span=> #(#attrs)* #pat: #ty)
}
