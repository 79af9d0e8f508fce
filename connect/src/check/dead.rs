//! Finds layers that no request reaches: those below one that always answers, and an error handler above all other
//! layers.

use super::entries::{Entries, LayerInfo, Part};
use super::fault::{Fault, Named, What};
use crate::route::info::Info;
use crate::route::methods::Methods;
use crate::route::pattern;

struct Walk {
    /// Of the next entry.
    index: usize,
    /// Nothing is above the next entry.
    first: bool,
    own_scope: bool,
    /// What always answers above it, if no error handler in between may resume.
    closed_by: Option<Named>,
    /// The list is part of another, which `closed_by` is in. What the list closes itself was reported when it was checked.
    inherited: bool,
    /// The list is the one that is checked, and no part of it.
    outermost: bool,
    fault: Option<Fault>,
}

pub(super) const fn find(entries: &'static Entries, own_scope: bool) -> Option<Fault> {
    let mut walk = Walk {
        index: 0,
        first: true,
        own_scope,
        closed_by: None,
        inherited: false,
        outermost: true,
        fault: None,
    };
    walk.visit(entries);
    walk.fault
}

impl Walk {
    const fn visit(&mut self, entries: &'static Entries) {
        match entries {
            Entries::Both(a, b) => {
                self.visit(a);
                self.visit(b);
                return;
            }
            Entries::Gone => {
                self.index += 1;
                return;
            }
            Entries::Within(_, inner) | Entries::Stated(_, inner) => {
                self.visit(inner);
                return;
            }
            Entries::Route(info, _) => self.route(info),
            Entries::Layer(info) => self.layer(info),
            // An error gets there; it cannot resume.
            Entries::HandWritten | Entries::Rewrites => {}
            Entries::Other => self.opens(),
            Entries::List(inner) => self.list(inner, false),
            Entries::Router(inner) | Entries::MergingRouter(inner) => self.router(inner),
            Entries::Mounted(_, inner) | Entries::Optional(inner) => self.skipped(inner),
            Entries::FromFunction(inner) => match inner {
                Entries::List(inner) => self.list(inner, false),
                Entries::Router(inner) | Entries::MergingRouter(inner) => self.router(inner),
                inner => self.skipped(inner),
            },
        }
        self.index += 1;
        self.first = false;
    }

    /// Behind it a request may be there again.
    const fn opens(&mut self) {
        self.closed_by = None;
        self.inherited = false;
    }

    /// Behind it no request is there any more.
    const fn closes(&mut self, by: Named) {
        self.closed_by = Some(by);
        self.inherited = false;
    }

    /// A list, which a request goes through, or past if it is `skipped`.
    const fn list(&mut self, entries: &'static Entries, skipped: bool) {
        let inner = self.inside(entries);
        if !inner.inherited && (!skipped || self.closed_by.is_some()) {
            self.closed_by = if skipped { None } else { inner.closed_by };
            self.inherited = false;
        }
    }

    /// A router: no error comes into it, so where no request does nothing in it is reached. What always answers in it closes
    /// nothing behind it: a layer above that may have left the router.
    const fn router(&mut self, entries: &'static Entries) {
        if self.closed_by.is_some()
            && let Some(layer) = first_named(entries)
        {
            self.is_dead(layer);
        }
    }

    /// An entry under a path, or one that may not be there.
    const fn skipped(&mut self, entries: &'static Entries) {
        match entries {
            Entries::Router(inner) | Entries::MergingRouter(inner) => self.router(inner),
            Entries::Optional(inner) | Entries::FromFunction(inner) | Entries::Stated(_, inner) => {
                self.skipped(inner);
            }
            inner => self.list(inner, true),
        }
    }

    const fn inside(&mut self, entries: &'static Entries) -> Walk {
        let mut inner = Walk {
            index: 0,
            first: false,
            own_scope: false,
            closed_by: self.closed_by,
            inherited: self.closed_by.is_some() && (self.outermost || self.inherited),
            outermost: false,
            fault: None,
        };
        inner.visit(entries);
        if let Some(fault) = inner.fault {
            self.found(fault.what);
        }
        inner
    }

    const fn route(&mut self, info: &'static Info) {
        if self.is_dead(Named::route(info)) {
            return;
        }
        if info.closed && takes_everything(info) {
            self.closes(Named::route(info));
        }
    }

    const fn layer(&mut self, info: &'static LayerInfo) {
        match info.part {
            Part::Unknown => self.opens(),
            Part::Middleware => {
                self.is_dead(Named::layer(info));
            }
            Part::Answers => {
                if !self.is_dead(Named::layer(info)) {
                    self.closes(Named::layer(info));
                }
            }
            Part::ErrorHandler | Part::Resumes => {
                if self.first && self.own_scope {
                    self.found(What::FirstIsErrorHandler { handler: Named::layer(info) });
                }
                if matches!(info.part, Part::Resumes) {
                    self.opens();
                }
            }
        }
    }

    const fn is_dead(&mut self, layer: Named) -> bool {
        match self.closed_by {
            Some(by) => {
                if self.outermost || self.inherited {
                    self.found(What::Dead { layer, by });
                }
                true
            }
            None => false,
        }
    }

    const fn found(&mut self, what: What) {
        if self.fault.is_none() {
            self.fault = Some(Fault { entry: self.index, what });
        }
    }
}

/// The first of the layers that has a name.
const fn first_named(entries: &'static Entries) -> Option<Named> {
    match entries {
        Entries::Both(a, b) => match first_named(a) {
            None => first_named(b),
            found => found,
        },
        Entries::Route(info, _) => Some(Named::route(info)),
        Entries::Layer(info) if !info.name.is_empty() => Some(Named::layer(info)),
        Entries::Layer(_) | Entries::HandWritten | Entries::Rewrites | Entries::Other | Entries::Gone => None,
        Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Mounted(_, inner)
        | Entries::Optional(inner)
        | Entries::FromFunction(inner)
        | Entries::Stated(_, inner)
        | Entries::Within(_, inner) => first_named(inner),
    }
}

/// Whether a route takes every path by every method: `#[all("/{*rest}")]`.
const fn takes_everything(info: &'static Info) -> bool {
    if !info.methods.covers(&Methods::ALL) {
        return false;
    }
    let (mut root, mut below) = (false, false);
    let variants = info.pattern.variants;
    let mut i = 0;
    while i < variants.len() {
        match variants[i] {
            [pattern::Part::Text(text)] => root = root || is_slash(text),
            [pattern::Part::Text(text), pattern::Part::Splat(_, stop, _)] => {
                below = below || is_slash(text) && stop.is_empty();
            }
            _ => {}
        }
        i += 1;
    }
    root && below
}

const fn is_slash(text: &str) -> bool {
    matches!(text.as_bytes(), b"/")
}
