//! The rules of the guide, "Why the proof holds", written down once more, as plainly as can be.

use super::stack::{Access, Entry, Function, Route, Stack, Type};

/// Why a stack is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// A value is needed that is not there on each way to the layer.
    Missing,
    /// A type is provided twice in a list.
    Twice,
    /// `Resume<T>` without a `T` above it.
    OnOneTrack,
    /// A stack from a function is not what its type says, or it or a route's own stack does not declare what it needs, or the
    /// route declares what it does not need.
    Undeclared,
    /// A route without a guard.
    Unguarded,
    /// What a list denies it denies of a stack from a function too, whatever is in that.
    Unknown,
}

impl Why {
    /// The rule of the guide, "Why the proof holds".
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Why::Missing => "rules 1, 2 and 7, a value is not there on each way to the layer",
            Why::Twice => "rule 8, one type is provided once in a list",
            Why::OnOneTrack => "rule 3, what an error handler provides is provided above it too",
            Why::Undeclared => {
                "rule 9, a stack from a function or of a route declares what is to be known of it"
            }
            Why::Unguarded => "unguarded routes, a route stands below a guard",
            Why::Unknown => {
                "unguarded routes, a stack from a function stands below a guard, or says that it denies"
            }
        }
    }
}

/// What was provided up to a place.
#[derive(Debug, Clone)]
struct Way {
    /// On either track.
    sure: Vec<Type>,
    /// On the normal track.
    now: Vec<Type>,
    resumed: bool,
    /// What guards the routes, from each list around that denies.
    policy: Vec<Type>,
}

impl Way {
    fn new(sure: &[Type], now: &[Type], policy: &[Type]) -> Way {
        Way { sure: sure.to_vec(), now: now.to_vec(), resumed: false, policy: policy.to_vec() }
    }

    fn resumes(&mut self) {
        self.now.clone_from(&self.sure);
        self.resumed = true;
    }

    /// An inner list begins here.
    fn begins(&self, deny: Option<Type>) -> Way {
        let policy: Vec<Type> = self.policy.iter().copied().chain(deny).collect();
        Way::new(&self.sure, &self.now, &policy)
    }
}

/// What is refused in a stack.
pub(crate) fn refused(stack: &Stack) -> Vec<Why> {
    let mut rules = Rules(Vec::new());
    let mut way = Way::new(&[], &[], &[]).begins(stack.deny);
    rules.list(&stack.list, &mut way);
    rules.0
}

/// What a function's list comes to, to draw its type.
pub(crate) struct End {
    pub(crate) resumed: bool,
    pub(crate) provides: Vec<Type>,
}

pub(crate) fn end_of(function: &Function) -> End {
    let way = Rules(Vec::new()).body(function);
    let base = if way.resumed || function.router { 0 } else { function.needs.len() };
    End { resumed: way.resumed && !function.router, provides: way.now[base..].to_vec() }
}

struct Rules(Vec<Why>);

impl Rules {
    fn needs(&mut self, way: &Way, needs: &[Type]) {
        if needs.iter().any(|ty| !way.now.contains(ty)) {
            self.0.push(Why::Missing);
        }
    }

    /// A list that is open at its end: the way goes on.
    fn list(&mut self, list: &[Entry], way: &mut Way) {
        for entry in list {
            self.entry(entry, way, false);
        }
    }

    fn provided(&mut self, way: &Way, ty: Type) {
        if way.now.iter().filter(|known| **known == ty).count() > 1 {
            self.0.push(Why::Twice);
        }
    }

    /// `skipped`: who comes by need not go through it.
    fn entry(&mut self, entry: &Entry, way: &mut Way, skipped: bool) {
        match entry {
            Entry::Limit(_) => {}
            Entry::Provide { ty, .. } => {
                if !skipped {
                    way.sure.push(*ty);
                    way.now.push(*ty);
                    self.provided(way, *ty);
                }
            }
            Entry::Middleware { needs, provides, .. } => {
                self.needs(way, needs);
                if let (Some(ty), false) = (provides, skipped) {
                    way.now.push(*ty);
                    self.provided(way, *ty);
                }
            }
            Entry::Handler { resumes: false, .. } => {}
            Entry::Handler { provides, .. } => {
                let above = way.now.clone();
                way.resumes();
                if let (Some(ty), false) = (provides, skipped) {
                    if !above.contains(ty) {
                        self.0.push(Why::OnOneTrack);
                    }
                    way.now.push(*ty);
                    self.provided(way, *ty);
                }
            }
            Entry::Route(route) => self.route(route, way),
            Entry::Router { deny, list } => {
                let mut inside = way.begins(*deny);
                inside.sure.clone_from(&inside.now);
                self.list(list, &mut inside);
            }
            Entry::List { deny, list } => self.inner(*deny, list, way, skipped),
            Entry::Mount(list) => match &list[..] {
                // Without brackets.
                [entry] if !matches!(entry, Entry::Mount(_)) => self.entry(entry, way, true),
                list => self.inner(None, list, way, true),
            },
            Entry::Optional { entry, .. } => self.entry(entry, way, true),
            Entry::Function(function) => self.function(function, way, skipped),
        }
    }

    fn inner(&mut self, deny: Option<Type>, list: &[Entry], way: &mut Way, skipped: bool) {
        let mut inside = way.begins(deny);
        self.list(list, &mut inside);
        let resumed = inside.resumed;
        if !skipped {
            (way.sure, way.now) = (inside.sure, inside.now);
        } else if resumed {
            way.now.clone_from(&way.sure);
        }
        way.resumed |= resumed;
    }

    fn guarded(&mut self, way: &Way, why: Why, is_guard: impl Fn(Type) -> bool) {
        if !way.policy.iter().all(|ty| is_guard(*ty)) {
            self.0.push(why);
        }
    }

    /// A list that is checked by itself sees of what stands around it what it declares, so its faults may be that it did not.
    fn by_itself(&mut self, before: usize) {
        for why in &mut self.0[before..] {
            if matches!(why, Why::Missing | Why::Unguarded | Why::Unknown) {
                *why = Why::Undeclared;
            }
        }
    }

    fn route(&mut self, route: &Route, way: &Way) {
        let around = if route.own.is_empty() { &route.takes } else { &route.needs };
        self.needs(way, around);
        if !route.own.is_empty() {
            let before = self.0.len();
            let mut inside = Way::new(&route.needs, &route.needs, &[]);
            self.list(&route.own, &mut inside);
            self.needs(&inside, &route.takes);
            if let Access::Guarded(ty) = route.access {
                self.needs(&inside, &[ty]);
            }
            self.by_itself(before);
            if route.needs.iter().any(|ty| !route.uses(*ty)) {
                self.0.push(Why::Undeclared);
            }
        }
        match route.access {
            Access::Private => self.guarded(way, Why::Unguarded, |ty| way.now.contains(&ty)),
            Access::Public => {}
            Access::Guarded(by) => self.guarded(way, Why::Unguarded, |ty| ty == by),
        }
    }

    /// The way at the end of a function's list.
    fn body(&mut self, function: &Function) -> Way {
        let policy: Vec<Type> = function.deny.into_iter().collect();
        let sure: &[Type] = if function.router { &function.needs } else { &[] };
        let before = self.0.len();
        let mut way = Way::new(sure, &function.needs, &policy);
        self.list(&function.list, &mut way);
        self.by_itself(before);
        way
    }

    fn function(&mut self, function: &Function, way: &mut Way, skipped: bool) {
        let end = self.body(function);
        if !function.router {
            let base: &[Type] = if end.resumed { &[] } else { &function.needs };
            let said: Vec<Type> = base.iter().chain(&function.provides).copied().collect();
            // One that says nothing of what it provides may: it does not count around it.
            let is_so = function.provides.is_empty() || end.now == said;
            if !is_so || end.resumed && !function.resumes {
                self.0.push(Why::Undeclared);
            }
        }
        if function.guarded.is_some() && function.guarded != function.deny {
            self.0.push(Why::Undeclared);
        }
        self.needs(way, &function.needs);
        match function.guarded {
            Some(by) => self.guarded(way, Why::Unknown, |ty| ty == by),
            None if function.resumes => self.guarded(way, Why::Unknown, |ty| way.sure.contains(&ty)),
            None => self.guarded(way, Why::Unknown, |ty| way.now.contains(&ty)),
        }
        if function.resumes {
            way.resumes();
        }
        if !skipped {
            way.now.extend(&function.provides);
            for ty in &function.provides {
                self.provided(way, *ty);
            }
        }
    }
}
