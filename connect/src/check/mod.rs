//! What the compiler finds out about a list: [`routes`] that can never match, [`dead`] layers, below one that always
//! answers, and parameters of [`mounts`] that are not there. [`report`] words it.
//!
//! All of it runs in the compiler, once for each list and the lists around it, and in a time that grows with the list's length. Only what the
//! signatures prove is an error.

mod dead;
mod mounts;
mod report;
mod routes;
mod segments;
mod trie;

pub(crate) use self::report::report;

use crate::route::info::Info;
use crate::route::methods::Methods;
use crate::route::pattern::{Options, Pattern};

/// The entries of a list, as far as they are known.
#[derive(Debug)]
pub enum Entries {
    /// A route, and the stack of its own.
    Route(&'static Info, &'static Entries),
    /// A layer from an attribute.
    Layer(&'static LayerInfo),
    /// A layer written by hand. It may hand on or not.
    Handmade,
    /// A layer that may set the URL or the method.
    Rewrites,
    /// It may do anything.
    Other,
    /// A list that counts as part of this one.
    List(&'static Entries),
    /// A router.
    Router(&'static Entries),
    /// A router that sees the parameters outside.
    MergingRouter(&'static Entries),
    /// An entry under a path.
    Mounted(&'static Pattern, &'static Entries),
    /// An entry that may not be there.
    Optional(&'static Entries),
    /// A stack from a function.
    FromFunction(&'static Entries),
    /// A list with options of its own.
    Within(Options, &'static Entries),
    /// Nothing: an entry for another configuration.
    Gone,
    Both(&'static Entries, &'static Entries),
}

/// What is known of a layer when it is compiled.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct LayerInfo {
    /// The function's name; empty for a layer written by hand.
    pub name: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub part: Part,
    /// Whether its `next` promises a value to the layers below.
    pub provides: bool,
    /// Whether it may set the URL or the method.
    pub rewrites: bool,
    /// The parameters of mounts that it takes.
    pub mounts: &'static [&'static str],
}

/// The part that a layer plays.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It may do anything.
    Unknown,
    /// A middleware with `next`.
    Middleware,
    /// A middleware without: it always answers.
    Answers,
    /// An error handler.
    ErrorHandler,
    /// An error handler that may resume the normal track.
    Resumes,
}

impl LayerInfo {
    /// Whether a request without an error gets a value there: it skips an error handler.
    pub(crate) const fn provides_without_error(&self) -> bool {
        self.provides && !matches!(self.part, Part::Resumes)
    }

    /// Whether it has an error track of its own, and may fail there with another error than it was given.
    pub(crate) const fn may_fail_anew(&self) -> bool {
        !matches!(self.part, Part::Middleware | Part::Answers)
    }

    /// Nothing is known.
    pub const UNKNOWN: LayerInfo = LayerInfo {
        name: "",
        file: "",
        line: 0,
        part: Part::Unknown,
        provides: false,
        rewrites: true,
        mounts: &[],
    };
}

/// A layer or a route, to name it.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    name: &'static str,
    file: &'static str,
    line: u32,
    is_route: bool,
}

impl Named {
    const fn layer(info: &'static LayerInfo) -> Named {
        Named { name: info.name, file: info.file, line: info.line, is_route: false }
    }

    const fn route(info: &'static Info) -> Named {
        Named { name: info.name, file: info.file, line: info.line, is_route: true }
    }
}

/// What takes every request for some paths.
#[derive(Clone, Copy)]
pub(crate) struct Cover {
    named: Named,
    /// The path, as it was written.
    path: &'static str,
    methods: Methods,
}

/// The first mistake in a list.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) entry: usize,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Unreachable { route: &'static Info, by: Cover },
    Dead { layer: Named, by: Named },
    FirstIsErrorHandler { handler: Named },
    NoMount { by: Named, name: &'static str },
}

/// Where a list stands.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    /// No errors come in from outside: it is an app or a router.
    pub(crate) own: bool,
    /// The parameters of mounts around it may be seen: it is neither an app nor a router, or a router that merges them.
    pub(crate) sees_outside: bool,
}

/// Finds the first mistake.
pub(crate) const fn first_fault(entries: &'static Entries, scope: Scope) -> Option<Fault> {
    let found = first(routes::find(entries), dead::find(entries, scope.own));
    first(found, mounts::find(entries, scope.sees_outside))
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
        | Entries::Within(_, inner) => knows_more(inner),
        Entries::Route(..)
        | Entries::Layer(_)
        | Entries::Handmade
        | Entries::Rewrites
        | Entries::Other
        | Entries::Gone => false,
    }
}
