//! Checks of a list at compile time: [`routes`] that can never match, [`dead`] layers below one that always answers,
//! parameters of [`mounts`] that do not exist, and layers that stand where a law forbids it ([`laws`]). [`report`] words the
//! messages.
//!
//! They run in the compiler, once for each list and the lists around it, in a time that grows linearly with the list's
//! length. Only what the signatures prove is an error.

mod dead;
mod entries;
mod fault;
mod laws;
mod mounts;
mod report;
mod routes;
mod segments;
mod trie;

pub(crate) use self::entries::Entries;
pub use self::entries::{LayerInfo, Part};
use self::fault::Fault;
pub(crate) use self::report::report;

/// Where a list stands.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    /// Whether no error enters from outside: it is an app or a router.
    pub(crate) own: bool,
    /// Whether parameters of outer mounts may be visible: it is neither an app nor a router, or a router that merges
    /// them.
    pub(crate) sees_outside: bool,
    /// The laws that may be broken in it.
    pub(crate) allowed: &'static [&'static str],
}

/// Finds the first mistake.
pub(crate) const fn first_fault(entries: &'static Entries, scope: Scope) -> Option<Fault> {
    let found = first(routes::find(entries), dead::find(entries, scope.own));
    let found = first(found, mounts::find(entries, scope.sees_outside));
    let found = first(found, laws::find(entries, scope.allowed));
    first(found, laws::find_unknown(entries, scope.allowed))
}

const fn first(a: Option<Fault>, b: Option<Fault>) -> Option<Fault> {
    match (a, b) {
        (Some(a), Some(b)) if b.entry <= a.entry => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}

/// Whether a stack from a function is among the entries, of which nothing was known when the list was checked.
pub(crate) const fn knows_more(entries: &'static Entries) -> bool {
    match entries {
        Entries::Both(a, b) => knows_more(a) || knows_more(b),
        Entries::FromFunction(_) => true,
        Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Mounted(_, inner)
        | Entries::Optional(inner)
        | Entries::Stated(_, inner)
        | Entries::Within(_, inner) => knows_more(inner),
        Entries::Route(..)
        | Entries::Layer(_)
        | Entries::HandWritten
        | Entries::Rewrites
        | Entries::Other
        | Entries::Gone => false,
    }
}
