//! A stack as data, and random ones.

use crate::random::Random;

/// A piece of a path pattern, between slashes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Segment {
    Text(&'static str),
    Param,
    /// All that follows, at least a character.
    Splat,
}

/// The end of a pattern, if it may be left out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    pub(crate) segments: Vec<Segment>,
    pub(crate) optional: Option<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Options {
    pub(crate) strict: bool,
    pub(crate) case_sensitive: bool,
}

/// What a layer may do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Pass, answer, fail, leave the router.
    Passes,
    /// It has no `next`.
    Answers,
    Rewrites,
    /// An error handler.
    Handles,
    Resumes,
    /// The first by hand.
    ByHand,
    /// The third by hand.
    RewritesByHand,
}

#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) id: usize,
    /// `None` is every method.
    pub(crate) method: Option<&'static str>,
    pub(crate) pattern: Pattern,
    /// It takes `next`.
    pub(crate) passes: bool,
    /// A layer in a stack of its own.
    pub(crate) own: Option<(usize, Kind)>,
}

#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) router: bool,
    pub(crate) options: Options,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Route(Route),
    Layer(usize, Kind),
    List(List),
    /// `"/path" => entry`.
    Mount(Pattern, Box<Entry>),
    Optional(bool, Box<Entry>),
    /// A function that returns the list.
    Function(usize, List),
}

/// An app.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) list: List,
    /// How many numbers are given.
    pub(crate) ids: usize,
}

pub(crate) const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];

impl Pattern {
    /// One for each way to leave something out.
    pub(crate) fn variants(&self) -> Vec<Vec<Segment>> {
        let mut all = vec![self.segments.clone()];
        if let Some(last) = self.optional {
            let mut whole = self.segments.clone();
            whole.push(last);
            all.push(whole);
        }
        all
    }

    pub(crate) fn text(&self) -> String {
        let mut names = 0;
        let mut part = |segment: &Segment| {
            names += 1;
            match segment {
                Segment::Text(text) => (*text).to_owned(),
                Segment::Param => format!(":p{names}"),
                Segment::Splat => format!("*p{names}"),
            }
        };
        let mut text: String = self.segments.iter().map(|segment| format!("/{}", part(segment))).collect();
        match &self.optional {
            Some(last) if text.is_empty() => text = format!("/{{{}}}", part(last)),
            Some(last) => text += &format!("{{/{}}}", part(last)),
            None if text.is_empty() => text += "/",
            None => {}
        }
        text
    }
}

struct Draw<'a> {
    random: &'a mut Random,
    ids: usize,
    budget: usize,
}

impl Stack {
    pub(crate) fn random(random: &mut Random) -> Stack {
        let budget = 5 + random.below(14);
        let mut draw = Draw { random, ids: 0, budget };
        let list = draw.list(0, true);
        Stack { list, ids: draw.ids }
    }

    /// The numbers of its layers and routes, and which is a route.
    pub(crate) fn layers(&self) -> Vec<(usize, bool)> {
        let mut all = Vec::new();
        self.list.entries.iter().for_each(|entry| entry.each(&mut |id, is_route| all.push((id, is_route))));
        all
    }
}

impl Draw<'_> {
    fn id(&mut self) -> usize {
        self.ids += 1;
        self.ids - 1
    }

    fn options(&mut self) -> Options {
        Options { strict: self.random.once_in(14), case_sensitive: self.random.once_in(14) }
    }

    fn list(&mut self, depth: usize, router: bool) -> List {
        let options = self.options();
        let mut entries = Vec::new();
        for at in 0..2 + self.random.below(if depth == 0 { 8 } else { 3 }) {
            if self.budget == 0 && at > 0 {
                break;
            }
            self.budget = self.budget.saturating_sub(1);
            let entry = loop {
                let entry = self.entry(depth);
                // No error would get to it.
                if !(router && at == 0 && is_handler(&entry)) {
                    break entry;
                }
            };
            entries.push(entry);
        }
        List { router, options, entries }
    }

    fn entry(&mut self, depth: usize) -> Entry {
        let nests = depth < 3 && self.budget > 0;
        match self.random.below(30) {
            0..=2 => Entry::Layer(self.id(), Kind::Passes),
            3 => Entry::Layer(self.id(), Kind::ByHand),
            4 if self.random.once_in(2) => Entry::Layer(self.id(), Kind::Handles),
            4 if self.random.once_in(2) => Entry::Layer(self.id(), Kind::Resumes),
            5 if self.random.once_in(3) => Entry::Layer(self.id(), Kind::Rewrites),
            5 if self.random.once_in(3) => Entry::Layer(self.id(), Kind::RewritesByHand),
            6..=7 if nests => Entry::List(self.list(depth + 1, true)),
            8..=9 if nests => Entry::List(self.list(depth + 1, false)),
            10..=13 if nests => {
                let inner = match self.random.below(4) {
                    0 => self.entry(depth + 1),
                    1 => Entry::Layer(self.id(), Kind::Answers),
                    n => Entry::List(self.list(depth + 1, n == 2)),
                };
                match inner {
                    Entry::Mount(..) => inner,
                    inner => Entry::Mount(self.path(), Box::new(inner)),
                }
            }
            14 if nests => match self.entry(depth + 1) {
                entry @ (Entry::Optional(..) | Entry::Mount(..)) => entry,
                entry => Entry::Optional(self.random.once_in(2), Box::new(entry)),
            },
            15..=16 if nests => {
                let router = self.random.once_in(2);
                Entry::Function(self.id(), self.list(depth + 1, router))
            }
            _ => self.route(),
        }
    }

    fn segment(&mut self) -> Segment {
        match self.random.below(8) {
            0..=2 => Segment::Text("a"),
            3..=4 => Segment::Text("b"),
            5 if self.random.once_in(3) => Segment::Text("A"),
            _ => Segment::Param,
        }
    }

    /// Of a mount.
    fn path(&mut self) -> Pattern {
        match self.random.below(12) {
            0 => Pattern { segments: Vec::new(), optional: None },
            1 => Pattern { segments: vec![Segment::Text("a")], optional: Some(Segment::Text("b")) },
            _ => Pattern { segments: vec![self.segment()], optional: None },
        }
    }

    fn route(&mut self) -> Entry {
        let mut segments: Vec<Segment> = (0..self.random.below(3)).map(|_| self.segment()).collect();
        let mut optional = None;
        match self.random.below(10) {
            0 => optional = Some(Segment::Splat),
            1 if segments.len() < 2 => segments.push(Segment::Splat),
            2 if segments.len() < 2 => optional = Some(self.segment()),
            _ => {}
        }
        let method = if self.random.once_in(3) { None } else { Some(self.random.one_of(&METHODS[..2])) };
        let own = self.random.once_in(8).then(|| {
            let kind = if self.random.once_in(3) { Kind::Rewrites } else { Kind::Passes };
            (self.id(), kind)
        });
        Entry::Route(Route {
            id: self.id(),
            method,
            pattern: Pattern { segments, optional },
            passes: self.random.once_in(4),
            own,
        })
    }
}

impl Entry {
    /// Calls a function for each layer, and each route.
    fn each(&self, call: &mut impl FnMut(usize, bool)) {
        match self {
            Entry::Layer(id, _) => call(*id, false),
            Entry::Route(route) => {
                if let Some((id, _)) = route.own {
                    call(id, false);
                }
                call(route.id, true);
            }
            Entry::Mount(_, entry) | Entry::Optional(_, entry) => entry.each(call),
            Entry::List(list) | Entry::Function(_, list) => {
                list.entries.iter().for_each(|entry| entry.each(call));
            }
        }
    }
}

pub(crate) fn is_handler(entry: &Entry) -> bool {
    match entry {
        Entry::Layer(_, Kind::Handles | Kind::Resumes) => true,
        Entry::Optional(_, entry) | Entry::Mount(_, entry) => is_handler(entry),
        _ => false,
    }
}
