//! Declarations: how the list in `app!`, `stack!` and `router!` becomes a chain, and what rustc is told of it.
//!
//! When a request arrives, nothing in here runs but the layers that [`wrap`](mod@wrap) and [`own`] put around others.
//!
//! In the order in which a macro uses them: [`entry`] and [`layers`] (what may stand in a list), [`own`] (a route with its own
//! stack), [`list`] (what `stack!` and `router!` make, and `impl Stack`), [`inline`] (a stack that is written in another),
//! [`wrap`](mod@wrap) (a layer around another), [`kinds`] (what the checks know of an entry), [`join`] and [`merge`] (neighbours are
//! combined), [`fold`], [`depth`] and [`prepend`] (a combined list becomes rows of links, with cuts).
//!
//! It may use all of `chain`, and `chain` uses nothing of it. The macros use it through [`private`](crate::private).

pub(crate) mod depth;
pub(crate) mod entry;
pub(crate) mod fold;
pub(crate) mod inline;
pub(crate) mod join;
pub(crate) mod kinds;
pub(crate) mod layers;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod own;
pub(crate) mod prepend;
pub(crate) mod wrap;
