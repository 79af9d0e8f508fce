//! What a layer declares in its constructor's return type: the values that it needs and provides.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{FnArg, PatType};

use super::parse::Function;
use super::role::Role;
use super::types::{argument, known, rewrites};
use super::values::{Types, Value, is_value, value_of};
use crate::paths::private;

/// What a layer declares.
#[derive(Clone, Default)]
pub(crate) struct Declares {
    pub(crate) needs: Types,
    pub(crate) provides: Types,
    /// An error handler that takes `next: Resume`.
    pub(crate) resumes: bool,
    /// A layer that takes `req: &mut Rewrite`.
    pub(crate) rewrites: bool,
    pub(crate) access: Access,
}

/// What guards a route in a list with `#![deny(unguarded = ..)]`.
#[derive(Clone, Default)]
pub(crate) enum Access {
    /// The layers above it.
    #[default]
    Private,
    /// `public`: nothing.
    Public,
    /// `guarded = User`: its own stack, which provides these.
    Guarded(Types),
}

impl Declares {
    fn is_free(&self) -> bool {
        self.needs.is_empty()
            && self.provides.is_empty()
            && !self.resumes
            && matches!(self.access, Access::Private)
    }

    /// The values that it needs, as the library has them: a tuple, which has at most twelve types, or a longer list.
    fn needs(&self, span: Span) -> TokenStream {
        let [a, b, c, d, e, rest @ ..] = &self.needs.all[..] else { return self.needs.tuple() };
        if self.needs.all.len() <= 12 {
            return self.needs.tuple();
        }
        let [many, more] = ["Many", "More"].map(|name| private(name, span));
        let rest = rest.iter().rfold(quote!(()), |rest, ty| quote_spanned!(span=> #more<#ty, #rest>));
        quote_spanned!(span=> #many<(#a, #b, #c, #d, #e), #rest>)
    }

    /// The constructor's return type: `made`, with the declarations around it.
    pub(crate) fn returns(&self, made: TokenStream, span: Span) -> TokenStream {
        if self.is_free() {
            return made;
        }
        // With a span of the macro's own, where clippy does not report the type as complex.
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

    /// The constructor's value, of the type that [`returns`](Declares::returns) writes.
    pub(crate) fn value(&self, value: TokenStream, span: Span) -> TokenStream {
        if self.is_free() {
            return value;
        }
        let function = private("declared", span);
        quote_spanned!(span=> #function(#value))
    }
}

/// What the parameters of a layer declare.
pub(crate) fn declares(role: Role, req: Option<&PatType>, next: Option<&PatType>) -> Declares {
    let needs = req.and_then(|req| ["With", "Rewrite"].iter().find_map(|name| argument(&req.ty, name)));
    // After an error handler that does not resume, no layer can take a value.
    let name = if role == Role::ErrorHandler { "Resume" } else { "Next" };
    let provides = next.and_then(|next| argument(&next.ty, name));
    let resumes = role == Role::ErrorHandler && next.is_some_and(|next| known(next) == Some("Resume"));
    Declares {
        needs: needs.map(Types::of).unwrap_or_default(),
        provides: provides.map(Types::of).unwrap_or_default(),
        resumes,
        rewrites: req.is_some_and(rewrites),
        access: Access::Private,
    }
}

/// What a function with an error declares, as far as it can be read, so that layers below it do not get errors as well.
pub(crate) fn declares_of(role: Role, function: &Function) -> Declares {
    let params = function.sig.inputs.iter().filter_map(|param| match param {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let next = params.clone().find(|param| matches!(known(param), Some("Next" | "Resume")));
    match params.clone().next() {
        Some(first) if role == Role::Middleware => {
            let mut declares = declares(role, Some(first), next);
            for param in params.filter(|param| is_value(param)) {
                if let Some(Value::Required(ty)) = value_of(param) {
                    declares.needs.add(ty);
                }
            }
            declares
        }
        Some(first) => Declares { needs: Types::default(), ..declares(role, Some(first), next) },
        None => Declares::default(),
    }
}
