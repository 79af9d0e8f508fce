//! Tries requests: which of them get to each layer, with all that the layers may do or with what a script says.

use std::collections::BTreeSet;

use super::stack::{Entry, Kind, List, METHODS, Options, Pattern, Route, Segment, Stack};

/// A request, and how much of its path the mounts around have stripped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    path: String,
    stripped: usize,
}

type Requests = BTreeSet<Request>;

impl Request {
    pub(crate) fn new(method: &'static str, path: &str) -> Request {
        Request { method, path: path.to_owned(), stripped: 0 }
    }

    fn local(&self) -> &str {
        match &self.path[self.stripped..] {
            "" => "/",
            path => path,
        }
    }

    /// What a rewriting layer may make of it.
    fn rewritten(&self, to: Option<&'static str>) -> Vec<Request> {
        let prefix = &self.path[..self.stripped];
        let with = |method, path: &str| {
            // An empty rest and a slash are the same, and it stays as it was.
            let rest = if self.path.len() == self.stripped && path == "/" { "" } else { path };
            Request { method, path: format!("{prefix}{rest}"), stripped: self.stripped }
        };
        match to {
            Some(path) => vec![with(self.method, path)],
            None => METHODS
                .iter()
                .flat_map(|method| all_paths(3).into_iter().map(move |path| (method, path)))
                .map(|(method, path)| with(method, &path))
                .collect(),
        }
    }
}

/// The paths of so many segments, and fewer, with no, one and two slashes at the end.
pub(crate) fn all_paths(depth: usize) -> Vec<String> {
    let mut all = vec!["/".to_owned(), "//".to_owned()];
    let mut last = vec![String::new()];
    for _ in 0..depth {
        last =
            last.iter().flat_map(|path| ["a", "A", "b", "z"].map(|name| format!("{path}/{name}"))).collect();
        all.extend(last.iter().flat_map(|path| ["", "/", "//"].map(|end| format!("{path}{end}"))));
    }
    all
}

/// Whether a path matches, as a whole. Unless it is strict, a slash at the end is left out where it has to be.
pub(crate) fn matches(variant: &[Segment], path: &str, options: Options) -> bool {
    let bare = path.strip_suffix('/').filter(|bare| !options.strict && !bare.is_empty());
    matches_strictly(variant, path, options)
        || bare.is_some_and(|path| matches_strictly(variant, path, options))
}

fn matches_strictly(variant: &[Segment], path: &str, options: Options) -> bool {
    let mut rest = &path[1..];
    for (i, segment) in variant.iter().enumerate() {
        if i > 0 {
            match rest.strip_prefix('/') {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        match taken(*segment, rest, options) {
            Some(len) => rest = &rest[len..],
            None => return false,
        }
    }
    rest.is_empty()
}

/// How much of a path a segment takes.
fn taken(segment: Segment, rest: &str, options: Options) -> Option<usize> {
    let len = rest.find('/').unwrap_or(rest.len());
    let fits = match segment {
        Segment::Text(text) if options.case_sensitive => rest[..len] == *text,
        Segment::Text(text) => rest[..len].eq_ignore_ascii_case(text),
        Segment::Param => len > 0,
        Segment::Splat => return Some(rest.len()).filter(|len| *len > 0),
    };
    fits.then_some(len)
}

/// How much of a path the pattern of a mount strips: the longest variant comes first.
fn stripped(pattern: &Pattern, path: &str, options: Options) -> Option<usize> {
    pattern.variants().iter().rev().find_map(|variant| strip(variant, path, options))
}

/// How much of a path one variant strips.
fn strip(variant: &[Segment], path: &str, options: Options) -> Option<usize> {
    let mut at = 0;
    for segment in variant {
        let rest = path[at..].strip_prefix('/')?;
        at += 1 + taken(*segment, rest, options)?;
    }
    Some(at)
}

/// Whether a path matches a route under mounts.
pub(crate) fn matches_below(mounts: &[Segment], variant: &[Segment], path: &str, options: Options) -> bool {
    strip(mounts, path, options).is_some_and(|len| {
        let rest = if path.len() == len { "/" } else { &path[len..] };
        matches(variant, rest, options)
    })
}

/// What each layer does, by its number: a letter. Without one it may do anything.
pub(crate) type Acts<'a> = Option<&'a [u8]>;

/// Where a rewriting layer of a script sends a request.
pub(crate) const REWRITTEN: &str = "/a/z";

#[derive(Default)]
pub(crate) struct Seen {
    /// Layers that a request without an error got to, handlers that one with an error did.
    pub(crate) reached: BTreeSet<usize>,
    /// The same in their order, for a single request.
    pub(crate) trace: Vec<usize>,
}

/// Where the requests are.
#[derive(Default, Clone)]
struct Flow {
    normal: Requests,
    failed: Requests,
    /// Behind the router.
    left: Requests,
}

struct Walk<'a> {
    acts: Acts<'a>,
    seen: Seen,
}

/// Sends all requests, or one.
pub(crate) fn send(stack: &Stack, requests: Requests, acts: Acts<'_>) -> Seen {
    let mut walk = Walk { acts, seen: Seen::default() };
    let mut flow = Flow { normal: requests, ..Flow::default() };
    walk.list(&stack.list, &mut flow);
    walk.seen
}

pub(crate) fn everything() -> Requests {
    let paths = all_paths(4);
    METHODS.iter().flat_map(|method| paths.iter().map(|path| Request::new(method, path))).collect()
}

impl Walk<'_> {
    fn may(&self, id: usize, act: u8) -> bool {
        self.acts.is_none_or(|acts| acts[id] == act)
    }

    fn reach(&mut self, id: usize, requests: &Requests) {
        if !requests.is_empty() {
            self.seen.reached.insert(id);
            self.seen.trace.push(id);
        }
    }

    fn list(&mut self, list: &List, flow: &mut Flow) {
        let outside = list.router.then(|| {
            let failed = std::mem::take(&mut flow.failed);
            (failed, std::mem::take(&mut flow.left))
        });
        for entry in &list.entries {
            self.entry(entry, list.options, flow);
        }
        if let Some((failed, left)) = outside {
            flow.failed.extend(failed);
            flow.normal.extend(std::mem::replace(&mut flow.left, left));
        }
    }

    fn entry(&mut self, entry: &Entry, options: Options, flow: &mut Flow) {
        match entry {
            Entry::Layer(id, kind) => self.layer(*id, *kind, flow),
            Entry::Route(route) => self.route(route, options, flow),
            Entry::List(list) | Entry::Function(_, list) => self.list(list, flow),
            Entry::Optional(there, entry) => {
                let without = flow.clone();
                match self.acts {
                    Some(_) if !there => {}
                    Some(_) => self.entry(entry, options, flow),
                    None => {
                        self.entry(entry, options, flow);
                        flow.normal.extend(without.normal);
                        flow.failed.extend(without.failed);
                        flow.left.extend(without.left);
                    }
                }
            }
            Entry::Mount(pattern, entry) => {
                let strips = |request: &Request| stripped(pattern, request.local(), options);
                let (inside, outside) = split(&flow.normal, |request| strips(request).is_some());
                let (failed, failed_outside) = split(&flow.failed, |request| strips(request).is_some());
                // Each prefix for itself, so that it can be put back.
                let mut groups: BTreeSet<(usize, usize)> = BTreeSet::new();
                for request in inside.iter().chain(&failed) {
                    groups
                        .insert((request.stripped, request.stripped + strips(request).expect("it matches")));
                }
                let mut all =
                    Flow { normal: outside, failed: failed_outside, left: std::mem::take(&mut flow.left) };
                for (before, after) in groups {
                    let of = |requests: &Requests| -> Requests {
                        let of = requests.iter().filter(|request| {
                            (request.stripped, request.stripped + strips(request).expect("it matches"))
                                == (before, after)
                        });
                        of.map(|request| Request { stripped: after, ..request.clone() }).collect()
                    };
                    let mut inner = Flow { normal: of(&inside), failed: of(&failed), left: Requests::new() };
                    self.entry(entry, options, &mut inner);
                    let back = |requests: Requests| {
                        requests.into_iter().map(move |request| Request { stripped: before, ..request })
                    };
                    all.normal.extend(back(inner.normal));
                    all.failed.extend(back(inner.failed));
                    all.left.extend(back(inner.left));
                }
                *flow = all;
            }
        }
    }

    fn layer(&mut self, id: usize, kind: Kind, flow: &mut Flow) {
        match kind {
            Kind::Handles | Kind::Resumes => {
                self.reach(id, &flow.failed);
                if kind == Kind::Resumes && self.may(id, b'r') {
                    flow.normal.extend(flow.failed.iter().cloned());
                }
                let ends = self.acts.is_some()
                    && (self.may(id, b'a') || kind == Kind::Resumes && self.may(id, b'r'));
                if ends {
                    flow.failed.clear();
                }
            }
            Kind::Answers => {
                self.reach(id, &flow.normal);
                let came = std::mem::take(&mut flow.normal);
                if self.may(id, b'f') {
                    flow.failed.extend(came);
                }
            }
            Kind::Passes | Kind::ByHand | Kind::Rewrites | Kind::RewritesByHand => {
                self.reach(id, &flow.normal);
                let came = std::mem::take(&mut flow.normal);
                let rewrites = matches!(kind, Kind::Rewrites | Kind::RewritesByHand);
                if rewrites && self.may(id, b'w') {
                    let to = self.acts.map(|_| REWRITTEN);
                    flow.normal.extend(came.iter().flat_map(|request| request.rewritten(to)));
                }
                if self.may(id, b'f') {
                    flow.failed.extend(came.iter().cloned());
                }
                if self.may(id, b'l') {
                    flow.left.extend(came.iter().cloned());
                }
                if self.may(id, b'p') || self.may(id, b'r') || !rewrites && self.may(id, b'w') {
                    flow.normal.extend(came);
                }
            }
        }
    }

    fn route(&mut self, route: &Route, options: Options, flow: &mut Flow) {
        let variants = route.pattern.variants();
        let (came, mut others) = split(&flow.normal, |request| {
            route.method.is_none_or(|method| method == request.method)
                && variants.iter().any(|variant| matches(variant, request.local(), options))
        });
        let mut inner = Flow { normal: came, ..Flow::default() };
        if let Some((id, kind)) = route.own {
            // In it `next.route()` is what leads past the route.
            self.layer(id, kind, &mut inner);
            others.extend(std::mem::take(&mut inner.left));
        }
        self.reach(route.id, &inner.normal);
        let came = std::mem::take(&mut inner.normal);
        if self.may(route.id, b'f') {
            inner.failed.extend(came.iter().cloned());
        }
        if route.passes && self.may(route.id, b'l') {
            flow.left.extend(came.iter().cloned());
        }
        let answers = !route.passes || self.acts.is_some() && self.may(route.id, b'a');
        if !answers && (self.may(route.id, b'p') || self.may(route.id, b'r') || self.may(route.id, b'w')) {
            others.extend(came);
        }
        flow.failed.extend(inner.failed);
        flow.normal = others;
    }
}

fn split(requests: &Requests, into: impl Fn(&Request) -> bool) -> (Requests, Requests) {
    requests.iter().cloned().partition(|request| into(request))
}
