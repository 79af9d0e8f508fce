//! `app!`, `router!` and `stack!`.

mod expand;
mod guard;
mod of_route;
mod options;
mod parse;

pub(crate) use self::guard::guard;
pub(crate) use self::of_route::of_route;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// Which macro it is.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    App,
    Router,
    Stack,
}

impl Kind {
    fn function(self) -> &'static str {
        match self {
            Kind::App => "app",
            Kind::Router => "router",
            Kind::Stack => "stack",
        }
    }
}

pub(crate) fn expand(kind: Kind, list: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (mut options, list) = parse::list(kind, list, &mut errors);
    match errors.finish() {
        Ok(()) => expand::stack(kind, &options, &list),
        Err(report) => {
            // The entries that are sound stay, so that a layer that is used here counts as used; what guards them is in doubt.
            options.denies.clear();
            let stand_in = expand::stack(kind, &options, &list);
            quote!({ #report #stand_in })
        }
    }
}
