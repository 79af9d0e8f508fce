//! A stack as data, and random ones.

use crate::random::Random;

/// How many types of values there are.
pub(crate) const TYPES: usize = 3;

/// One of the types.
pub(crate) type Type = usize;

/// What stands in a list. Every layer and route has a number of its own.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// `provide(..)`.
    Provide {
        id: usize,
        ty: Type,
    },
    Middleware {
        id: usize,
        needs: Vec<Type>,
        provides: Option<Type>,
        runs: Below,
    },
    /// `body_limit(..)`, of as many bytes as its number.
    Limit(usize),
    /// An error handler; what it provides needs `resumes`.
    Handler {
        id: usize,
        resumes: bool,
        provides: Option<Type>,
    },
    Route(Route),
    /// `router![..]`, where it is written.
    Router {
        deny: Option<Type>,
        list: Vec<Entry>,
    },
    /// `stack![..]`, where it is written.
    List {
        deny: Option<Type>,
        list: Vec<Entry>,
    },
    /// A list under `/x`.
    Mount(Vec<Entry>),
    /// There or not. The compiler does not know which, so in a stack that it refuses each behaviour says anew.
    Optional {
        id: usize,
        there: bool,
        entry: Box<Entry>,
    },
    Function(Box<Function>),
}

/// What a middleware does with the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Below {
    /// A plain function, which passes.
    Passed,
    /// It runs it.
    Run,
    /// It runs it, and drops it as soon as it has to wait.
    Dropped,
}

#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) id: usize,
    /// It is an `async fn`, and may wait.
    pub(crate) waits: bool,
    /// What its function takes.
    pub(crate) takes: Vec<Type>,
    /// What its own stack takes from around it, if it has one.
    pub(crate) needs: Vec<Type>,
    pub(crate) own: Vec<Entry>,
    pub(crate) access: Access,
}

impl Route {
    /// Whether its function, a layer of its own or what guards it takes this type.
    pub(crate) fn uses(&self, ty: Type) -> bool {
        let by_layer =
            |entry: &Entry| matches!(entry, Entry::Middleware { needs, .. } if needs.contains(&ty));
        self.takes.contains(&ty) || self.access == Access::Guarded(ty) || self.own.iter().any(by_layer)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Access {
    Private,
    Public,
    Guarded(Type),
}

/// A function that returns a stack, and what its type says.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) id: usize,
    pub(crate) router: bool,
    pub(crate) needs: Vec<Type>,
    pub(crate) provides: Vec<Type>,
    pub(crate) resumes: bool,
    /// `Guarded<..>`.
    pub(crate) guarded: Option<Type>,
    pub(crate) deny: Option<Type>,
    pub(crate) list: Vec<Entry>,
}

/// An app.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) deny: Option<Type>,
    pub(crate) list: Vec<Entry>,
    /// How many numbers are given.
    pub(crate) layers: usize,
}

impl Random {
    fn ty(&mut self) -> Type {
        self.below(TYPES)
    }

    fn perhaps(&mut self, n: usize) -> Option<Type> {
        self.once_in(n).then(|| self.ty())
    }
}

/// Draws stacks. It leans towards legal ones: a stack that is refused at its first entry shows little.
pub(crate) struct Draw<'a> {
    random: &'a mut Random,
    ids: usize,
    /// How much may still be drawn.
    budget: usize,
}

impl Stack {
    pub(crate) fn random(random: &mut Random) -> Stack {
        let budget = 4 + random.below(12);
        let deny = random.perhaps(3);
        let mut draw = Draw { random, ids: 0, budget };
        let mut list = Vec::new();
        // Routes need a guard somewhere, and handlers a layer above them.
        if let Some(ty) = deny
            && !draw.random.once_in(4)
        {
            let id = draw.id();
            list.push(Entry::Middleware { id, needs: Vec::new(), provides: Some(ty), runs: Below::Passed });
        }
        let have: Vec<Type> = deny.into_iter().filter(|_| !list.is_empty()).collect();
        list.extend(draw.list(0, &have, true));
        Stack { deny, list, layers: draw.ids }
    }
}

impl Draw<'_> {
    fn id(&mut self) -> usize {
        self.ids += 1;
        self.ids - 1
    }

    /// `have` is what seems to be provided where the list begins. In a scope of its own the first entry is no error handler,
    /// which no error would get to.
    fn list(&mut self, depth: usize, have: &[Type], scope: bool) -> Vec<Entry> {
        let mut have = have.to_vec();
        let mut list = Vec::new();
        for at in 0..1 + self.random.below(if depth == 0 { 7 } else { 4 }) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            let mut entry = self.entry(depth, &mut have);
            while scope && at == 0 && is_handler(&entry) {
                entry = self.entry(depth, &mut have);
            }
            list.push(entry);
        }
        if list.is_empty() {
            list.push(self.middleware(&mut have));
        }
        list
    }

    /// Types that seem to be there, now and then one that does not.
    fn wanted(&mut self, have: &[Type]) -> Vec<Type> {
        let mut wanted = Vec::new();
        for _ in 0..self.random.below(3) {
            let ty = match have {
                [] if !self.random.once_in(6) => continue,
                have if have.is_empty() || self.random.once_in(12) => self.random.ty(),
                have => have[self.random.below(have.len())],
            };
            if !wanted.contains(&ty) {
                wanted.push(ty);
            }
        }
        wanted
    }

    /// One that seems not to be there, now and then one that does.
    fn new_type(&mut self, have: &mut Vec<Type>) -> Option<Type> {
        let ty = self.random.ty();
        if have.contains(&ty) && !self.random.once_in(10) {
            return None;
        }
        have.push(ty);
        Some(ty)
    }

    fn middleware(&mut self, have: &mut Vec<Type>) -> Entry {
        let needs = self.wanted(have);
        let provides = if self.random.once_in(2) { self.new_type(have) } else { None };
        let provides = provides.filter(|ty| !needs.contains(ty));
        let runs =
            self.random.one_of(&[Below::Passed, Below::Passed, Below::Passed, Below::Run, Below::Dropped]);
        Entry::Middleware { id: self.id(), needs, provides, runs }
    }

    fn entry(&mut self, depth: usize, have: &mut Vec<Type>) -> Entry {
        let nests = depth < 3;
        match self.random.below(20) {
            0..=3 => self.middleware(have),
            4 if self.random.once_in(3) => Entry::Limit(self.id()),
            5..=6 => match self.new_type(have) {
                Some(ty) => Entry::Provide { id: self.id(), ty },
                None => self.middleware(have),
            },
            7..=8 => {
                let resumes = self.random.once_in(2);
                let provides = match have.is_empty() {
                    false if resumes && self.random.once_in(2) => Some(have[self.random.below(have.len())]),
                    _ => None,
                };
                if resumes && !self.random.once_in(3) {
                    // What was not sure is gone; the draw does not know what was.
                    have.clear();
                    have.extend(provides);
                }
                Entry::Handler { id: self.id(), resumes, provides }
            }
            9..=12 => self.route(have),
            13 if nests => {
                Entry::Router { deny: self.random.perhaps(8), list: self.list(depth + 1, have, true) }
            }
            14 if nests => {
                Entry::List { deny: self.random.perhaps(8), list: self.list(depth + 1, have, false) }
            }
            15 if nests && self.random.once_in(2) => {
                let mut inside = have.clone();
                let entry = match self.random.below(3) {
                    0 => Entry::Handler { id: self.id(), resumes: true, provides: None },
                    _ => self.entry(depth + 1, &mut inside),
                };
                Entry::Mount(vec![entry])
            }
            15 if nests => Entry::Mount(self.list(depth + 1, have, false)),
            16..=17 if nests => {
                let entry = Box::new(self.entry(depth + 1, &mut have.clone()));
                match *entry {
                    Entry::Optional { .. } | Entry::Mount(_) => *entry,
                    _ => Entry::Optional { id: self.id(), there: self.random.once_in(2), entry },
                }
            }
            18..=19 if nests => self.function(depth, have),
            _ => self.middleware(have),
        }
    }

    fn route(&mut self, have: &[Type]) -> Entry {
        let mut own = Vec::new();
        let mut inside = have.to_vec();
        if self.random.once_in(3) {
            for _ in 0..=self.random.below(3) {
                let entry = match self.random.below(6) {
                    0 => Entry::Provide { id: self.id(), ty: self.random.ty() },
                    2 => Entry::Limit(self.id()),
                    1 if !own.is_empty() => {
                        Entry::Handler { id: self.id(), resumes: self.random.once_in(2), provides: None }
                    }
                    _ => self.middleware(&mut inside),
                };
                own.push(entry);
            }
        }
        let takes = self.wanted(&inside);
        let mut needs = Vec::new();
        let mut access = if self.random.once_in(4) { Access::Public } else { Access::Private };
        if !own.is_empty() {
            for ty in 0..TYPES {
                if have.contains(&ty) && self.random.once_in(2) {
                    needs.push(ty);
                }
            }
            if self.random.once_in(3) {
                access = Access::Guarded(self.random.ty());
            }
        }
        let mut route =
            Route { id: self.id(), waits: self.random.once_in(2), takes, needs: Vec::new(), own, access };
        needs.retain(|ty| route.uses(*ty) || self.random.once_in(20));
        route.needs = needs;
        Entry::Route(route)
    }

    fn function(&mut self, depth: usize, have: &mut Vec<Type>) -> Entry {
        let needs: Vec<Type> = (0..TYPES).filter(|ty| have.contains(ty) && self.random.once_in(2)).collect();
        let router = self.random.once_in(2);
        let deny = self.random.perhaps(4);
        let id = self.id();
        let list = self.list(depth + 1, &needs, router);
        let mut function =
            Function { id, router, needs, provides: Vec::new(), resumes: false, guarded: None, deny, list };
        let end = super::rules::end_of(&function);
        function.resumes = end.resumed && !self.random.once_in(8);
        function.provides = if router { Vec::new() } else { end.provides };
        if self.random.once_in(8) {
            function.provides.pop();
        }
        if self.random.once_in(2) {
            function.guarded = if self.random.once_in(6) { Some(self.random.ty()) } else { deny };
        }
        have.extend(&function.provides);
        Entry::Function(Box::new(function))
    }
}

pub(crate) fn is_handler(entry: &Entry) -> bool {
    match entry {
        Entry::Handler { .. } => true,
        Entry::Optional { entry, .. } => is_handler(entry),
        Entry::Mount(list) => matches!(&list[..], [entry] if is_handler(entry)),
        _ => false,
    }
}
