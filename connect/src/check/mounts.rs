//! Finds a layer or a route that takes a parameter of a mount, `#[mount] team: &str`, although no mount around it has
//! one of that name, or a router in between hides it.
//!
//! An app sees nothing outside, and neither does a router without `merge_params`: their own checks look into them, and those of
//! the lists around do not. In every other list it depends on where that is listed.

use super::entries::Entries;
use super::fault::{Fault, Named, What};
use crate::facts::same;

/// How many parameters of mounts can be around an entry. More are not looked at, and count as there.
const MOST: usize = 32;

#[derive(Clone, Copy)]
struct Names {
    all: [&'static str; MOST],
    len: usize,
}

struct Walk {
    names: Names,
    /// Of the list that is checked.
    entry: usize,
    depth: usize,
    fault: Option<Fault>,
}

/// The first entry that takes what is not there; nothing of a list that `sees_outside`.
pub(super) const fn find(entries: &'static Entries, sees_outside: bool) -> Option<Fault> {
    if sees_outside {
        return None;
    }
    let mut walk = Walk { names: Names { all: [""; MOST], len: 0 }, entry: 0, depth: 0, fault: None };
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
            Entries::Within(_, inner) => {
                self.visit(inner);
                return;
            }
            entry => self.entry(entry),
        }
        if self.depth == 0 {
            self.entry += 1;
        }
    }

    const fn entry(&mut self, entries: &'static Entries) {
        match entries {
            Entries::Layer(info) => self.takes(Named::layer(info), info.mounts),
            Entries::Route(info, own) => {
                self.takes(Named::route(info), info.mounts);
                let names = self.names;
                self.names.add(info.pattern.names);
                self.inside(own);
                self.names = names;
            }
            Entries::Mounted(path, inner) => {
                let names = self.names;
                self.names.add(path.names);
                self.inside(inner);
                self.names = names;
            }
            Entries::Stated(_, inner) => self.entry(inner),
            Entries::List(inner)
            | Entries::MergingRouter(inner)
            | Entries::Optional(inner)
            | Entries::FromFunction(inner) => self.inside(inner),
            Entries::Router(_)
            | Entries::HandWritten
            | Entries::Rewrites
            | Entries::Other
            | Entries::Gone
            | Entries::Within(..)
            | Entries::Both(..) => {}
        }
    }

    const fn inside(&mut self, entries: &'static Entries) {
        self.depth += 1;
        self.visit(entries);
        self.depth -= 1;
    }

    const fn takes(&mut self, by: Named, mounts: &'static [&'static str]) {
        let mut i = 0;
        while i < mounts.len() {
            if self.fault.is_none() && !self.names.has(mounts[i]) {
                self.fault = Some(Fault { entry: self.entry, what: What::NoMount { by, name: mounts[i] } });
            }
            i += 1;
        }
    }
}

impl Names {
    const fn add(&mut self, names: &'static [&'static str]) {
        let mut i = 0;
        while i < names.len() {
            if self.len < MOST {
                self.all[self.len] = names[i];
            }
            self.len += 1;
            i += 1;
        }
    }

    const fn has(&self, name: &str) -> bool {
        let mut i = 0;
        while i < self.len && i < MOST {
            if same(self.all[i], name) {
                return true;
            }
            i += 1;
        }
        self.len > MOST
    }
}
