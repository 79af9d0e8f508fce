//! `app!`, `router!`, `stack!` and `guard!`.

mod expand;
mod guard;
mod of_route;
mod options;
mod parse;

pub(crate) use self::guard::guard;
pub(crate) use self::of_route::of_route;
pub(crate) use self::options::ListMacro;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

pub(crate) fn expand(list_macro: ListMacro, list: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (mut options, list) = parse::list(list_macro, list, &mut errors);
    match errors.finish() {
        Ok(()) => expand::stack(list_macro, &options, &list),
        Err(report) => {
            // Valid entries stay, so that rustc does not report their layers as unused. What guards them is not known.
            options.denies.clear();
            let stand_in = expand::stack(list_macro, &options, &list);
            quote!({ #report #stand_in })
        }
    }
}
