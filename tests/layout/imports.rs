//! Which file imports which, and the circles among them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::modules::{Crate, Named};

/// For each file the files that it imports, each with the first line that does.
pub(crate) type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

impl Crate {
    /// The module that a path ends in, and whether it names an item there. None for other crates.
    fn resolve(&self, from: usize, path: &[String], steps: usize) -> Option<(usize, bool)> {
        assert!(steps < 100, "{path:?} in {} leads nowhere", self.0[from].file);
        let (mut at, mut path) = (from, path);
        let is_relative = matches!(path[0].as_str(), "crate" | "self" | "super");
        if !is_relative && !self.binds(at, &path[0]) {
            return None;
        }
        while let Some(("crate" | "self" | "super", rest)) = path.split_first().map(|(a, b)| (a.as_str(), b))
        {
            at = match path[0].as_str() {
                "crate" => 0,
                "super" => self.0[at].parent,
                _ => at,
            };
            path = rest;
        }
        while let Some((name, rest)) = path.split_first() {
            let module = &self.0[at];
            let is_item = module.items.contains(name);
            let bound = module.names.get(name).filter(|_| !is_item);
            // At the end of a path an item counts before a module of its name.
            let is_module = !rest.is_empty() || !is_item && bound.is_none();
            if let Some(child) = module.children.get(name).filter(|_| is_module) {
                at = *child;
            } else if let Some(bound) = bound {
                // Of another crate, as `smallvec::smallvec`.
                if bound[0] == *name {
                    return None;
                }
                match self.resolve(at, bound, steps + 1)? {
                    (module, false) => at = module,
                    item => return Some(item),
                }
            } else {
                // An item, perhaps one that a macro wrote.
                return Some((at, true));
            }
            path = rest;
        }
        Some((at, false))
    }

    fn binds(&self, at: usize, name: &str) -> bool {
        let module = &self.0[at];
        module.children.contains_key(name) || module.names.contains_key(name) || module.items.contains(name)
    }

    /// The imports among the files of the crate.
    pub(crate) fn imports(&self) -> Imports<'_> {
        let mut all = Imports::new();
        for (me, module) in self.0.iter().enumerate() {
            let mut import = |(path, line): &Named| {
                // A module is imported by what is named through it.
                if let Some((target, true)) = self.resolve(me, path, 0)
                    && self.0[target].file != module.file
                {
                    let edges = all.entry(&module.file).or_default().entry(&self.0[target].file);
                    edges.or_insert_with(|| format!("{}:{line}: {}", module.file, path.join("::")));
                }
            };
            for (path, alias, is_public) in &module.uses {
                if !is_public || module.paths.iter().any(|(path, _)| path[0] == *alias) {
                    import(path);
                }
            }
            for path in module.paths.iter().filter(|(path, _)| path.len() > 1) {
                let bound =
                    module.names.get(&path.0[0]).filter(|_| !module.children.contains_key(&path.0[0]));
                // The `use` of an item has been counted.
                if bound.is_none_or(|bound| matches!(self.resolve(me, bound, 0), Some((_, false)))) {
                    import(path);
                }
            }
        }
        all
    }
}

/// The shortest circle of each file that is in one, each circle once, the shortest first: the lines that import.
pub(crate) fn circles(imports: &Imports<'_>) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for file in imports.keys() {
        if let Some(circle) = circle(imports, file) {
            let first = circle.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(at, _)| at);
            let circle = [&circle[first..], &circle[..first]].concat();
            if !found.contains(&circle) {
                found.push(circle);
            }
        }
    }
    found.sort_by_key(Vec::len);
    let line = |from: &str, to: &str| format!("{} ({to})", imports[from][to]);
    let lines = |circle: &Vec<&str>| {
        (0..circle.len()).map(|i| line(circle[i], circle[(i + 1) % circle.len()])).collect()
    };
    found.iter().map(lines).collect()
}

/// The files by which a file imports itself, as few as possible, itself first.
fn circle<'a>(imports: &Imports<'a>, file: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![file]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in imports.get(way[way.len() - 1]).into_iter().flat_map(BTreeMap::keys) {
            if *next == file {
                return Some(way);
            }
            if seen.insert(*next) {
                ways.push_back([&way[..], &[*next]].concat());
            }
        }
    }
    None
}
