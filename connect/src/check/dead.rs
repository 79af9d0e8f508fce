//! Finds layers that no request reaches: below one that always answers, and an error handler above everything.

use super::{Entries, Fault, LayerInfo, Named, Part, What};
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
    fault: Option<Fault>,
}

pub(super) const fn find(entries: &'static Entries, own_scope: bool) -> Option<Fault> {
    let mut walk = Walk { index: 0, first: true, own_scope, closed_by: None, fault: None };
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
            Entries::Route(info) => self.route(info),
            Entries::Layer(info) => self.layer(info),
            Entries::Other => self.closed_by = None,
        }
        self.index += 1;
        self.first = false;
    }

    const fn route(&mut self, info: &'static Info) {
        if self.is_dead(Named::route(info)) {
            return;
        }
        if info.closed && takes_everything(info) {
            self.closed_by = Some(Named::route(info));
        }
    }

    const fn layer(&mut self, info: &'static LayerInfo) {
        match info.part {
            Part::Unknown => self.closed_by = None,
            Part::Middleware => {
                self.is_dead(Named::layer(info));
            }
            Part::Answers => {
                if !self.is_dead(Named::layer(info)) {
                    self.closed_by = Some(Named::layer(info));
                }
            }
            Part::ErrorHandler | Part::Resumes => {
                if self.first && self.own_scope {
                    self.found(What::FirstIsErrorHandler { handler: Named::layer(info) });
                }
                if matches!(info.part, Part::Resumes) {
                    self.closed_by = None;
                }
            }
        }
    }

    const fn is_dead(&mut self, layer: Named) -> bool {
        match self.closed_by {
            Some(by) => {
                self.found(What::Dead { layer, by });
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
