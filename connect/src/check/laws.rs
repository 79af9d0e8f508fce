//! Finds a layer that stands where a law forbids it: above one that it has to be inside of, or below one that it has to be
//! outside of.
//!
//! A layer counts for those that a request meets after it: the entries behind it in its list and what is in these. What is under a
//! path, in a router or in front of a guard's routes counts in there, and not behind it. It errs on the side of silence.
//!
//! What two entries of an inner list are to each other is the business of that list's own check.

use super::entries::Entries;
use super::fault::{Fault, Named, What};
use crate::facts::{Fact, Facts, Law, Stands, same};

/// How many layers with facts can be above an entry. More are not looked at.
const MOST: usize = 128;

#[derive(Clone, Copy)]
struct Above {
    facts: &'static Facts,
    named: Named,
    /// It may not be there.
    optional: bool,
}

struct Walk {
    above: [Option<Above>; MOST],
    len: usize,
    /// The layers from this one on stand in the same inner list as the next entry.
    inner_from: usize,
    optional: bool,
    /// Of the list that is checked.
    entry: usize,
    depth: usize,
    allowed: &'static [&'static str],
    fault: Option<Fault>,
}

pub(super) const fn find(entries: &'static Entries, allowed: &'static [&'static str]) -> Option<Fault> {
    if !states(entries) {
        return None;
    }
    let mut walk = Walk {
        above: [None; MOST],
        len: 0,
        inner_from: MOST,
        optional: false,
        entry: 0,
        depth: 0,
        allowed,
        fault: None,
    };
    walk.visit(entries);
    walk.fault
}

/// The first of the allowed laws that no layer has, as far as all of them are known.
pub(super) const fn find_unknown(
    entries: &'static Entries,
    allowed: &'static [&'static str],
) -> Option<Fault> {
    if allowed.is_empty() || !is_known(entries) {
        return None;
    }
    let mut at = 0;
    while at < allowed.len() {
        if !has_law(entries, allowed[at]) {
            return Some(Fault { entry: ALLOWED + at, what: What::NoLaw { name: allowed[at] } });
        }
        at += 1;
    }
    None
}

/// Where faults of `allow` are counted from, behind all entries: the macros know the number.
const ALLOWED: usize = 1_000_000;

const fn is_known(entries: &'static Entries) -> bool {
    match entries {
        Entries::Other => false,
        Entries::Both(a, b) => is_known(a) && is_known(b),
        Entries::Route(_, inner)
        | Entries::Stated(_, inner)
        | Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Mounted(_, inner)
        | Entries::Optional(inner)
        | Entries::FromFunction(inner)
        | Entries::Within(_, inner) => is_known(inner),
        Entries::Layer(_) | Entries::HandWritten | Entries::Rewrites | Entries::Gone => true,
    }
}

const fn has_law(entries: &'static Entries, name: &str) -> bool {
    match entries {
        Entries::Stated(facts, inner) => {
            let mut at = 0;
            while at < facts.laws.len() {
                if same(facts.laws[at].name, name) {
                    return true;
                }
                at += 1;
            }
            has_law(inner, name)
        }
        Entries::Both(a, b) => has_law(a, name) || has_law(b, name),
        Entries::Route(_, inner)
        | Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Mounted(_, inner)
        | Entries::Optional(inner)
        | Entries::FromFunction(inner)
        | Entries::Within(_, inner) => has_law(inner, name),
        Entries::Layer(_) | Entries::HandWritten | Entries::Rewrites | Entries::Other | Entries::Gone => {
            false
        }
    }
}

/// Whether there is anything to compare.
const fn states(entries: &'static Entries) -> bool {
    match entries {
        Entries::Stated(..) => true,
        Entries::Both(a, b) => states(a) || states(b),
        Entries::Route(_, inner)
        | Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Mounted(_, inner)
        | Entries::Optional(inner)
        | Entries::FromFunction(inner)
        | Entries::Within(_, inner) => states(inner),
        Entries::Layer(_) | Entries::HandWritten | Entries::Rewrites | Entries::Other | Entries::Gone => {
            false
        }
    }
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
            Entries::Stated(facts, inner) => {
                let named = match inner {
                    Entries::Layer(info) => Named::layer(info),
                    _ => Named::stated(facts),
                };
                self.layer(Above { facts, named, optional: self.optional });
                self.entry(inner);
            }
            Entries::List(inner) => self.inside(inner, true),
            Entries::Router(inner)
            | Entries::MergingRouter(inner)
            | Entries::Mounted(_, inner)
            | Entries::Route(_, inner) => self.inside(inner, false),
            Entries::Optional(inner) => {
                let optional = self.optional;
                self.optional = true;
                self.entry(inner);
                self.optional = optional;
            }
            Entries::FromFunction(inner) => self.entry(inner),
            // Several in one place: the layers in front of a guard's routes.
            Entries::Both(..) | Entries::Within(..) => {
                self.depth += 1;
                self.visit(entries);
                self.depth -= 1;
            }
            Entries::Layer(_) | Entries::HandWritten | Entries::Rewrites | Entries::Other | Entries::Gone => {
            }
        }
    }

    /// A list in this one. Of a list that every request goes through, what is surely there counts behind it, too.
    const fn inside(&mut self, entries: &'static Entries, counts_behind: bool) {
        let (len, inner_from) = (self.len, self.inner_from);
        if self.depth == 0 {
            self.inner_from = len;
        }
        self.depth += 1;
        self.visit(entries);
        self.depth -= 1;
        self.inner_from = inner_from;
        let mut kept = len;
        if counts_behind {
            let mut at = len;
            while at < self.len && at < MOST {
                if let Some(above) = self.above[at]
                    && !above.optional
                {
                    self.above[kept] = Some(above);
                    kept += 1;
                }
                at += 1;
            }
        }
        self.len = kept;
    }

    /// A layer, after those above.
    const fn layer(&mut self, layer: Above) {
        let mut at = 0;
        while at < self.len && at < self.inner_from {
            if let Some(above) = self.above[at] {
                if let Some(law) = self.broken(layer.facts, Stands::Outside, above.facts) {
                    self.found(layer.named, above.named, law);
                }
                if let Some(law) = self.broken(above.facts, Stands::Inside, layer.facts) {
                    self.found(layer.named, above.named, law);
                }
                if let Some(law) = self.broken(layer.facts, Stands::Apart, above.facts) {
                    self.found(layer.named, above.named, law);
                }
                if let Some(law) = self.broken(above.facts, Stands::Apart, layer.facts) {
                    self.found(layer.named, above.named, law);
                }
            }
            at += 1;
        }
        if self.len < MOST {
            self.above[self.len] = Some(layer);
            self.len += 1;
        }
    }

    /// The first law of a layer that says how it stands to what the other states.
    const fn broken(
        &self,
        of: &'static Facts,
        stands: Stands,
        other: &'static Facts,
    ) -> Option<&'static Law> {
        let mut at = 0;
        while at < of.laws.len() {
            let law = &of.laws[at];
            if law.stands as u8 == stands as u8
                && has(other.facts, &law.fact)
                && !contains(self.allowed, law.name)
            {
                return Some(law);
            }
            at += 1;
        }
        None
    }

    const fn found(&mut self, layer: Named, above: Named, law: &'static Law) {
        if self.fault.is_none() {
            self.fault = Some(Fault { entry: self.entry, what: What::Unlawful { layer, above, law } });
        }
    }
}

const fn has(facts: &[Fact], fact: &Fact) -> bool {
    let mut at = 0;
    while at < facts.len() {
        if facts[at].is(fact) {
            return true;
        }
        at += 1;
    }
    false
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}
