//! Finds, at compile time, a route that can never match: its pattern is covered by that of an earlier route, which has
//! its methods and never calls `next`, in the same list or in one inside it.
//!
//! Every request that matches the second reaches the first, unless a layer between them rewrites it or resumes after an
//! error, a layer leaves the router of the first, or the first may be absent. The rules:
//!
//! - What stands under a path has it in front of its own.
//! - Behind a layer that may rewrite or resume nothing is covered by what stands above it.
//! - In a router, what stands below a layer with `next` covers nothing outside: `next.router()` leads past it.
//! - An entry that may not be there covers nothing outside of itself.
//! - A middleware that always answers covers what its mount path does.
//! - A list with other options for patterns than the one that is checked covers nothing outside, and nothing outside covers it;
//!   the same goes for a mount whose path is more than text and parameters.
//! - What two entries of an inner list are to each other is the business of that list's own check.
//!
//! In doubt it reports nothing: an earlier route with optional parts, or with segments that mix text and parameters,
//! covers only what its simple variants do. A parameter's type may reject a value; that is an error and does not lead
//! to the next route, so it changes nothing here.
//!
//! [`super::segments`] takes the patterns apart, and [`super::trie`] holds what covers.

use super::entries::{Entries, LayerInfo, Part};
use super::fault::{Cover, Fault, Named, What};
use super::segments::{Segment, Segments};
use super::trie::Trie;
use crate::route::info::Info;
use crate::route::methods::Methods;
use crate::route::pattern::{Options, Pattern};

struct Walk<const N: usize> {
    trie: Trie<N>,
    /// Of the list that is checked.
    options: Options,
    /// The paths of the mounts around the next entry.
    mounts: Segments,
    /// The text of the innermost.
    mount: &'static str,
    /// The next entry can be compared with others: its options are those of the list, and its mounts are simple.
    comparable: bool,
    /// Which entry of the list that is checked is next, and how many lists deep in it the next one is.
    entry: usize,
    depth: usize,
    /// In a router: the covers from this one on stand below a layer that may leave it.
    may_leave_from: Option<usize>,
    fault: Option<Fault>,
}

impl<const N: usize> Walk<N> {
    const fn visit(&mut self, entries: &'static Entries) {
        match entries {
            Entries::Both(a, b) => {
                self.visit(a);
                self.visit(b);
                return;
            }
            Entries::Within(options, inner) => {
                let comparable = self.comparable;
                self.comparable = comparable && same(*options, self.options);
                self.visit(inner);
                self.comparable = comparable;
                return;
            }
            Entries::Stated(_, inner) => {
                self.visit(inner);
                return;
            }
            Entries::Gone => {}
            Entries::Route(info, own) => self.route(info, own),
            Entries::Layer(info) => self.layer(info),
            Entries::HandWritten => self.may_leave(),
            Entries::Rewrites | Entries::Other => self.opens(),
            Entries::List(_)
            | Entries::Router(_)
            | Entries::MergingRouter(_)
            | Entries::Mounted(..)
            | Entries::Optional(_)
            | Entries::FromFunction(_) => {
                self.depth += 1;
                self.inside(entries);
                self.depth -= 1;
            }
        }
        if self.depth == 0 {
            self.entry += 1;
        }
    }

    const fn inside(&mut self, entries: &'static Entries) {
        match entries {
            Entries::Mounted(path, inner) => self.mounted(path, inner),
            Entries::Optional(inner) => {
                let count = self.trie.count();
                self.inside(inner);
                self.trie.forget_since(count);
            }
            Entries::FromFunction(inner) => self.inside(inner),
            Entries::Router(inner) | Entries::MergingRouter(inner) => {
                let outside = self.may_leave_from;
                self.may_leave_from = None;
                self.list(inner);
                if let Some(count) = self.may_leave_from {
                    self.trie.forget_since(count);
                }
                self.may_leave_from = outside;
            }
            Entries::List(inner) => self.list(inner),
            // A layer or a route under a path.
            entry => self.visit(entry),
        }
    }

    /// A list: unless it says otherwise, its options are the usual ones.
    const fn list(&mut self, entries: &'static Entries) {
        let comparable = self.comparable;
        if !matches!(entries, Entries::Within(..)) {
            self.comparable = comparable && same(Options::USUAL, self.options);
        }
        self.visit(entries);
        self.comparable = comparable;
    }

    const fn mounted(&mut self, path: &'static Pattern, entries: &'static Entries) {
        let (mounts, mount, comparable) = (self.mounts, self.mount, self.comparable);
        self.mount = path.text;
        match path.variants {
            [[crate::route::pattern::Part::Text(text)]] if matches!(text.as_bytes(), b"/") => {}
            [variant] => {
                let segments = Segments::new(path, variant, self.options);
                self.comparable = comparable && !ends_with_slash(path) && segments.is_simple();
                self.mounts = mounts.below(&segments);
            }
            _ => self.comparable = false,
        }
        self.inside(entries);
        (self.mounts, self.mount, self.comparable) = (mounts, mount, comparable);
    }

    /// What stands above covers nothing that comes behind.
    const fn opens(&mut self) {
        self.may_leave();
        self.trie.forget_all();
    }

    const fn may_leave(&mut self) {
        if self.may_leave_from.is_none() {
            self.may_leave_from = Some(self.trie.count());
        }
    }

    const fn layer(&mut self, info: &'static LayerInfo) {
        match info.part {
            Part::Unknown | Part::Resumes => self.opens(),
            Part::Middleware if info.rewrites => self.opens(),
            Part::Middleware => self.may_leave(),
            Part::ErrorHandler => {}
            Part::Answers => {
                if self.comparable && !self.mount.is_empty() {
                    let cover = Cover {
                        named: Named::layer(info),
                        path: self.mount,
                        methods: Methods::ALL_AND_CONNECT,
                    };
                    let mut below = self.mounts;
                    below.push(Segment::Splat(true));
                    self.trie.insert(cover, &self.mounts.below(&Segments::ROOT), self.entry);
                    self.trie.insert(cover, &below, self.entry);
                }
            }
        }
    }

    const fn route(&mut self, info: &'static Info, own: &'static Entries) {
        if self.comparable && self.fault.is_none() {
            self.is_covered(info);
        }
        if info.rewrites || may_rewrite(own) {
            self.opens();
        }
        if !info.closed {
            self.may_leave();
        } else if self.comparable {
            let cover = Cover { named: Named::route(info), path: info.pattern.text, methods: info.methods };
            let variants = info.pattern.variants;
            let mut v = 0;
            while v < variants.len() {
                if let Some((segments, more)) = self.segments(info, v) {
                    self.trie.insert(cover, &segments, self.entry);
                    if let Some(more) = more {
                        self.trie.insert(cover, &more, self.entry);
                    }
                }
                v += 1;
            }
        }
    }

    const fn is_covered(&mut self, info: &'static Info) {
        let variants = info.pattern.variants;
        let mut by: Option<Cover> = None;
        let mut v = 0;
        while v < variants.len() {
            let Some((segments, more)) = self.segments(info, v) else { return };
            let Some(found) = self.trie.covering(&info.methods, &segments, self.entry) else { return };
            // If all of it is covered by the same entry, the check of that list has said so.
            if self.depth == 0 || found.entry != self.entry {
                by = Some(found.cover);
            }
            if let Some(more) = more {
                let Some(found) = self.trie.covering(&info.methods, &more, self.entry) else { return };
                if self.depth == 0 || found.entry != self.entry {
                    by = Some(found.cover);
                }
            }
            v += 1;
        }
        if let Some(by) = by {
            self.fault = Some(Fault { entry: self.entry, what: What::Unreachable { route: info, by } });
        }
    }

    /// A variant with the mounts around it, and what `/` takes more under a mount: `/a//`, where the mount leaves `//`. With
    /// `strict` it is not known whether a slash stands between a mount and nothing.
    const fn segments(&self, info: &'static Info, variant: usize) -> Option<(Segments, Option<Segments>)> {
        let own = Segments::new(info.pattern, info.pattern.variants[variant], self.options);
        if self.options.strict && self.mounts.len > 0 && matches!(own.all[own.len - 1], Segment::Text([])) {
            return None;
        }
        let segments = self.mounts.below(&own);
        if self.mounts.len > 0 && own.is_root() {
            let mut more = segments;
            more.push(Segment::Slash);
            return Some((segments, Some(more)));
        }
        Some((segments, None))
    }
}

/// Whether a layer in a route's own stack may rewrite the request.
const fn may_rewrite(entries: &'static Entries) -> bool {
    match entries {
        Entries::Both(a, b) => may_rewrite(a) || may_rewrite(b),
        Entries::Layer(info) => info.rewrites,
        Entries::Rewrites | Entries::Other => true,
        Entries::HandWritten | Entries::Gone => false,
        Entries::Route(info, own) => info.rewrites || may_rewrite(own),
        Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Mounted(_, inner)
        | Entries::Optional(inner)
        | Entries::FromFunction(inner)
        | Entries::Stated(_, inner)
        | Entries::Within(_, inner) => may_rewrite(inner),
    }
}

const fn same(a: Options, b: Options) -> bool {
    a.strict == b.strict && a.case_sensitive == b.case_sensitive
}

const fn ends_with_slash(path: &Pattern) -> bool {
    matches!(path.text.as_bytes(), [.., b'/'])
}

/// How many nodes the trie of all routes could have, `mounts` deep.
const fn size(entries: &'static Entries, mounts: usize) -> usize {
    match entries {
        Entries::Both(a, b) => size(a, mounts) + size(b, mounts),
        Entries::Route(info, _) => info.pattern.variants.len() * (slashes(info.pattern) + mounts),
        Entries::Mounted(path, inner) => size(inner, mounts + slashes(path)),
        // One that always answers covers two paths.
        Entries::Layer(_) if mounts > 0 => 2 * mounts + 1,
        Entries::Layer(_) | Entries::HandWritten | Entries::Rewrites | Entries::Other | Entries::Gone => 0,
        Entries::List(inner)
        | Entries::Router(inner)
        | Entries::MergingRouter(inner)
        | Entries::Optional(inner)
        | Entries::FromFunction(inner)
        | Entries::Stated(_, inner)
        | Entries::Within(_, inner) => size(inner, mounts),
    }
}

/// A slash a segment, and one more; a pattern has no more of them than characters.
const fn slashes(pattern: &Pattern) -> usize {
    let mut slashes = 1;
    let text = pattern.text.as_bytes();
    let mut i = 0;
    while i < text.len() {
        if text[i] == b'/' {
            slashes += 1;
        }
        i += 1;
    }
    slashes
}

const fn search<const N: usize>(entries: &'static Entries) -> Option<Fault> {
    let options = match entries {
        Entries::Within(options, _) => *options,
        _ => Options::USUAL,
    };
    let mut walk: Walk<N> = Walk {
        trie: Trie::new(options.case_sensitive),
        options,
        mounts: Segments::NONE,
        mount: "",
        comparable: true,
        entry: 0,
        depth: 0,
        may_leave_from: None,
        fault: None,
    };
    walk.visit(entries);
    walk.fault
}

/// The first route of a list that can never match.
pub(super) const fn find(entries: &'static Entries) -> Option<Fault> {
    match size(entries, 0) {
        0 => None,
        1..=12 => search::<32>(entries),
        13..=120 => search::<256>(entries),
        121..=1_000 => search::<2_048>(entries),
        1_001..=8_000 => search::<16_384>(entries),
        _ => search::<131_072>(entries),
    }
}
