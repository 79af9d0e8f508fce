//! What a stack does with a request, as plainly as can be: no types, no proof, values in a list for each scope.

use std::fmt::Write as _;

use super::stack::{Access, Below, Entry, Function, Route, Stack, TYPES, Type};
use crate::random::Random;

/// What a layer does when it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Goes on, with its value if it has one. An error handler hands the error on.
    Pass,
    Fail,
    Answer,
    /// `next.router()`, of a middleware; all others go on.
    Leave,
    /// An error handler's way back, if it has one; all others go on.
    Resume,
    /// Waits for ever, in an `async fn`; all others go on.
    Wait,
    Panic,
}

impl Act {
    pub(crate) fn random(random: &mut Random) -> Act {
        match random.below(28) {
            0..=3 => Act::Fail,
            4 => Act::Answer,
            5 => Act::Leave,
            6..=11 => Act::Resume,
            12..=13 => Act::Wait,
            14 => Act::Panic,
            _ => Act::Pass,
        }
    }

    /// In a line of the script.
    pub(crate) fn letter(self) -> char {
        match self {
            Act::Pass => 'p',
            Act::Fail => 'f',
            Act::Answer => 'a',
            Act::Leave => 'l',
            Act::Resume => 'r',
            Act::Wait => 'w',
            Act::Panic => 'x',
        }
    }
}

/// A request, and what each layer does with it.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) acts: Vec<Act>,
    /// How many `/x` its path begins with.
    pub(crate) mounts: usize,
    /// Whether an `Option` is as it was drawn, or what its act says: there, but for `Pass`.
    pub(crate) as_drawn: bool,
}

impl Script {
    pub(crate) fn random(layers: usize, as_drawn: bool, random: &mut Random) -> Script {
        let acts = (0..layers).map(|_| Act::random(random)).collect();
        Script { acts, mounts: random.below(4), as_drawn }
    }
}

/// What is seen of a request.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Each layer that ran, with the values that it saw, and the status.
    pub(crate) trace: String,
    /// A layer ran without a value that it needs.
    pub(crate) missing: bool,
    /// A route ran without the guard of a list that it stands in.
    pub(crate) unguarded: bool,
}

pub(crate) fn run(stack: &Stack, script: &Script) -> Seen {
    let mut run = Run {
        script,
        scopes: vec![State { values: [None; TYPES], limit: USUAL_LIMIT }],
        scope: 0,
        headers: Vec::new(),
        waits: false,
        behind_route: None,
        seen: Seen::default(),
    };
    let top = Frame {
        list: &stack.list,
        parent: None,
        place: 0,
        outer: None,
        is_router: true,
        mounts: script.mounts,
        policy: stack.deny.into_iter().collect(),
        route: None,
    };
    let status = run.at(&top, 0, Track::Normal);
    if run.waits {
        run.seen.trace += "=> waits";
    } else {
        write!(run.seen.trace, "=> {status}").expect("a string");
    }
    run.seen
}

#[derive(Clone, Copy)]
enum Track {
    Normal,
    /// The status of the error.
    Error(usize),
}

/// How a request leaves a route.
#[derive(Clone, Copy)]
enum Exit {
    On(Track),
    /// `next.router()`.
    Router,
}

/// A list, and where it stands.
struct Frame<'a> {
    list: &'a [Entry],
    parent: Option<&'a Frame<'a>>,
    /// Of the list, in its parent.
    place: usize,
    /// The scope around, if the list is one.
    outer: Option<usize>,
    /// `next.router()` leaves it.
    is_router: bool,
    mounts: usize,
    policy: Vec<Type>,
    /// The list is this route's own stack.
    route: Option<&'a Route>,
}

/// What ends with a scope.
#[derive(Clone, Copy)]
struct State {
    /// Of each type, who provided it.
    values: [Option<usize>; TYPES],
    /// `body_limit`.
    limit: usize,
}

/// Without a `body_limit`.
const USUAL_LIMIT: usize = 102_400;

struct Run<'a> {
    script: &'a Script,
    scopes: Vec<State>,
    scope: usize,
    /// The layers that have set a header.
    headers: Vec<usize>,
    /// Somebody waits, and with him all that run him.
    waits: bool,
    /// How a request went on behind a route. What its own stack runs ends with the route, and what follows comes after that.
    behind_route: Option<Exit>,
    seen: Seen,
}

impl Run<'_> {
    fn values(&mut self) -> &mut [Option<usize>; TYPES] {
        &mut self.scopes[self.scope].values
    }

    fn note(&mut self, name: &str, id: usize) {
        let State { values, limit } = self.scopes[self.scope];
        let values: Vec<String> =
            values.iter().map(|by| by.map_or_else(|| "-".to_owned(), |by| by.to_string())).collect();
        let headers: Vec<String> = self.headers.iter().map(usize::to_string).collect();
        let last = headers.last().map_or("-", String::as_str);
        let (values, count, all) = (values.join(","), headers.len(), headers.join("."));
        write!(self.seen.trace, "{name}{id}[{values} {limit} {all}|{last}|{count}] ").expect("a string");
    }

    /// A layer or route runs.
    fn reach(&mut self, name: &str, id: usize) {
        self.headers.push(id);
        self.note(name, id);
    }

    /// The status in the end.
    fn at(&mut self, frame: &Frame<'_>, at: usize, track: Track) -> usize {
        let Some(entry) = frame.list.get(at) else {
            return match (frame.route, track) {
                (Some(route), Track::Normal) => self.function_of(route, frame),
                _ => self.leave(frame, track),
            };
        };
        self.entry(entry, frame, at, track)
    }

    /// Behind the list.
    fn leave(&mut self, frame: &Frame<'_>, track: Track) -> usize {
        if frame.route.is_some() {
            self.behind_route = Some(Exit::On(track));
            return 0;
        }
        let Some(parent) = frame.parent else {
            return match track {
                Track::Normal => 404,
                Track::Error(status) => status,
            };
        };
        let inside = self.scope;
        self.scope = frame.outer.unwrap_or(inside);
        let status = self.at(parent, frame.place + 1, track);
        self.scope = inside;
        status
    }

    fn enter(&mut self, frame: &Frame<'_>, track: Track) -> usize {
        let outside = self.scope;
        let values = self.scopes[outside];
        if frame.outer.is_some() {
            self.scopes.push(self.scopes[outside]);
            self.scope = self.scopes.len() - 1;
        }
        let status = self.at(frame, 0, track);
        self.scope = outside;
        if frame.outer.is_some() {
            // A layer around a scope does not see, when it is back, what was provided behind that.
            self.scopes[outside] = values;
        }
        status
    }

    fn inner<'a>(&self, list: &'a [Entry], around: &'a Frame<'a>, place: usize, scope: bool) -> Frame<'a> {
        Frame {
            list,
            parent: Some(around),
            place,
            outer: scope.then_some(self.scope),
            is_router: scope,
            mounts: around.mounts,
            policy: around.policy.clone(),
            route: None,
        }
    }

    fn entry(&mut self, entry: &Entry, frame: &Frame<'_>, at: usize, track: Track) -> usize {
        match (entry, track) {
            (Entry::Provide { id, ty }, _) => {
                self.values()[*ty] = Some(*id);
                self.at(frame, at + 1, track)
            }
            (Entry::Middleware { id, needs, provides, runs }, Track::Normal) => {
                let values = *self.values();
                self.seen.missing |= needs.iter().any(|ty| values[*ty].is_none());
                self.reach("", *id);
                match self.script.acts[*id] {
                    Act::Fail => return self.at(frame, at + 1, Track::Error(501 + id)),
                    Act::Panic => return self.at(frame, at + 1, Track::Error(500)),
                    Act::Answer => return 200,
                    Act::Leave => return self.leave_router(frame),
                    Act::Wait if *runs != Below::Passed => {
                        self.waits = true;
                        return 0;
                    }
                    Act::Pass | Act::Resume | Act::Wait => {}
                }
                if let Some(ty) = provides {
                    self.values()[*ty] = Some(*id);
                }
                let headers = self.headers.len();
                let status = self.at(frame, at + 1, track);
                match runs {
                    // Nobody comes back.
                    _ if self.waits && *runs != Below::Dropped => {}
                    Below::Passed => {}
                    Below::Dropped if self.waits => {
                        self.waits = false;
                        self.headers.truncate(headers);
                        self.note("d", *id);
                        return self.at(frame, at + 1, Track::Error(501 + id));
                    }
                    Below::Run | Below::Dropped => self.note("b", *id),
                }
                status
            }
            (Entry::Limit(bytes), Track::Normal) => {
                self.scopes[self.scope].limit = *bytes;
                self.at(frame, at + 1, track)
            }
            (Entry::Handler { id, resumes, provides }, Track::Error(status)) => {
                self.reach("h", *id);
                match self.script.acts[*id] {
                    Act::Answer => 200,
                    Act::Panic => self.at(frame, at + 1, Track::Error(500)),
                    Act::Resume if *resumes => {
                        if let Some(ty) = provides {
                            self.values()[*ty] = Some(*id);
                        }
                        self.at(frame, at + 1, Track::Normal)
                    }
                    _ => self.at(frame, at + 1, Track::Error(status)),
                }
            }
            (Entry::Route(route), Track::Normal) => {
                let own = Frame { route: Some(route), ..self.inner(&route.own, frame, at, true) };
                let status = self.enter(&own, track);
                match self.behind_route.take() {
                    Some(Exit::On(track)) => self.at(frame, at + 1, track),
                    Some(Exit::Router) => self.leave_router(frame),
                    None => status,
                }
            }
            (Entry::Router { deny, list }, Track::Normal) => {
                let mut inner = self.inner(list, frame, at, true);
                inner.policy.extend(deny);
                self.enter(&inner, track)
            }
            (Entry::List { deny, list }, _) => {
                let mut inner = self.inner(list, frame, at, false);
                inner.policy.extend(deny);
                self.enter(&inner, track)
            }
            (Entry::Mount(list), _) if frame.mounts > 0 => {
                let inner = Frame { mounts: frame.mounts - 1, ..self.inner(list, frame, at, false) };
                self.enter(&inner, track)
            }
            (Entry::Optional { id, there, entry }, _) if self.is_there(*id, *there) => {
                self.entry(entry, frame, at, track)
            }
            (Entry::Function(function), _) if !function.router || matches!(track, Track::Normal) => {
                let Function { deny, list, router, .. } = &**function;
                let mut inner = self.inner(list, frame, at, *router);
                inner.policy.extend(deny);
                self.enter(&inner, track)
            }
            _ => self.at(frame, at + 1, track),
        }
    }

    fn is_there(&self, id: usize, drawn: bool) -> bool {
        if self.script.as_drawn { drawn } else { self.script.acts[id] != Act::Pass }
    }

    fn leave_router(&mut self, frame: &Frame<'_>) -> usize {
        if frame.route.is_some() {
            self.behind_route = Some(Exit::Router);
            return 0;
        }
        match frame.parent {
            Some(parent) if !frame.is_router => self.leave_router(parent),
            _ => self.leave(frame, Track::Normal),
        }
    }

    fn function_of(&mut self, route: &Route, frame: &Frame<'_>) -> usize {
        let values = *self.values();
        self.seen.missing |= route.takes.iter().any(|ty| values[*ty].is_none());
        let guarded = frame.policy.iter().all(|ty| values[*ty].is_some());
        self.seen.unguarded |= !guarded && route.access != Access::Public;
        self.reach("r", route.id);
        match self.script.acts[route.id] {
            Act::Fail => self.leave(frame, Track::Error(501 + route.id)),
            Act::Panic => self.leave(frame, Track::Error(500)),
            Act::Answer => 200,
            Act::Wait if route.waits => {
                self.waits = true;
                0
            }
            Act::Pass | Act::Leave | Act::Resume | Act::Wait => self.leave(frame, Track::Normal),
        }
    }
}
