//! A mistake in a list: what it is, and the layers and routes that it names.

use super::entries::LayerInfo;
use crate::facts::{Facts, Law};
use crate::route::info::Info;
use crate::route::methods::Methods;

/// A layer or a route, to name it.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) line: u32,
    pub(super) is_route: bool,
}

impl Named {
    pub(super) const fn layer(info: &'static LayerInfo) -> Named {
        Named { name: info.name, file: info.file, line: info.line, is_route: false }
    }

    /// One of which nothing is known but what it states.
    pub(super) const fn stated(facts: &'static Facts) -> Named {
        Named { name: facts.layer, file: "", line: 0, is_route: false }
    }

    pub(super) const fn route(info: &'static Info) -> Named {
        Named { name: info.name, file: info.file, line: info.line, is_route: true }
    }
}

/// What takes every request for some paths.
#[derive(Clone, Copy)]
pub(crate) struct Cover {
    pub(super) named: Named,
    /// The path, as it was written.
    pub(super) path: &'static str,
    pub(super) methods: Methods,
}

/// The first mistake in a list.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) entry: usize,
    pub(super) what: What,
}

#[derive(Clone, Copy)]
pub(super) enum What {
    Unreachable { route: &'static Info, by: Cover },
    Dead { layer: Named, by: Named },
    FirstIsErrorHandler { handler: Named },
    NoMount { by: Named, name: &'static str },
    NoLaw { name: &'static str },
    Unlawful { layer: Named, above: Named, law: &'static Law },
}
