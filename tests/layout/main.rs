//! How the files of `connect/src` import each other: in no circle, and each folder what ARCHITECTURE.md says.
//!
//! A file imports the file that defines what it names: a `use` and a path are followed through re-exports. What tests, doc
//! comments and strings name does not count, and neither does a `mod` line or what a file re-exports without using it.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::slice::Iter;

/// A token, and its line.
type Token = (String, usize);

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The tokens of a file without its comments. A string is one token, a character none.
fn tokens(text: &str) -> Vec<Token> {
    let text: Vec<char> = text.chars().collect();
    let at = |i: usize| text.get(i).copied().unwrap_or('\0');
    let (mut all, mut i, mut line) = (Vec::new(), 0, 1);
    while i < text.len() {
        let start = i;
        match (at(i), at(i + 1)) {
            ('/', '/') => i += text[i..].iter().take_while(|c| **c != '\n').count(),
            ('r', '"' | '#') if !is_word(at(i.wrapping_sub(1))) && at(i + 2) != '[' => {
                let hashes = text[i + 1..].iter().take_while(|c| **c == '#').count();
                let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                let rest: String = text[i + hashes + 2..].iter().collect();
                let length = rest.find(&end).map_or(rest.len(), |to| rest[..to].chars().count() + end.len());
                i += hashes + 2 + length;
            }
            ('"', _) => {
                i += 1;
                while at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
                all.push((text[start..i].iter().collect(), line));
            }
            ('\'', '\\') => i += 3 + text[i + 3..].iter().take_while(|c| **c != '\'').count() + 1,
            ('\'', _) if at(i + 2) == '\'' => i += 3,
            (':', ':') => {
                i += 2;
                all.push(("::".to_owned(), line));
            }
            (c, _) if is_word(c) => {
                i += text[i..].iter().take_while(|c| is_word(**c)).count();
                all.push((text[start..i].iter().collect(), line));
            }
            (c, _) => {
                i += 1;
                if !c.is_whitespace() {
                    all.push((c.to_string(), line));
                }
            }
        }
        line += text[start..i.min(text.len())].iter().filter(|c| **c == '\n').count();
    }
    all
}

/// A path in the code, and its line.
type Named = (Vec<String>, usize);

#[derive(Default)]
struct Module {
    parent: usize,
    file: String,
    children: BTreeMap<String, usize>,
    items: BTreeSet<String>,
    /// What a `use` binds a name to.
    names: BTreeMap<String, Vec<String>>,
    /// The name that each `use` binds, and whether it is a re-export.
    uses: Vec<(Named, String, bool)>,
    paths: Vec<Named>,
}

/// The modules of the crate, `lib.rs` first. Those in a file with others are modules of that file.
struct Crate(Vec<Module>);

impl Crate {
    fn read() -> Crate {
        let mut all = Crate(Vec::new());
        all.load(0, &source().join("lib.rs"));
        all
    }

    fn load(&mut self, parent: usize, path: &Path) -> usize {
        let text = fs::read_to_string(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        let file = path.strip_prefix(source()).unwrap().to_str().unwrap().replace('\\', "/");
        let is_head = file == "lib.rs" || file.ends_with("/mod.rs");
        let folder = if is_head { path.parent().unwrap().to_owned() } else { path.with_extension("") };
        self.add(parent, file, &tokens(&text), &folder)
    }

    fn add(&mut self, parent: usize, file: String, tokens: &[Token], folder: &Path) -> usize {
        let me = self.0.len();
        self.0.push(Module { parent, file, ..Module::default() });
        let word = |i: usize| tokens.get(i).map_or("", |(token, _)| token.as_str());
        let (mut i, mut depth, mut own_path) = (0, 0, None);
        while i < tokens.len() {
            let line = tokens[i].1;
            match word(i) {
                "#" if word(i + 1) == "[" || word(i + 1) == "!" => {
                    let end = end_of_group(tokens, i);
                    let text: String = tokens[i..end].iter().map(|(token, _)| token.as_str()).collect();
                    i = end;
                    if let Some(path) = text.strip_prefix("#[path=\"") {
                        own_path = Some(path.trim_end_matches("\"]").to_owned());
                    } else if ["#[cfg(test)]", "#[cfg(doc)]", "#[cfg(doctest)]"].contains(&text.as_str()) {
                        i = end_of_item(tokens, i);
                    }
                }
                "mod" if word(i + 2) == ";" => {
                    let path = match own_path.take() {
                        Some(path) => source().join(path),
                        None => Some(folder.join(format!("{}.rs", word(i + 1))))
                            .filter(|path| path.exists())
                            .unwrap_or_else(|| folder.join(word(i + 1)).join("mod.rs")),
                    };
                    let child = self.load(me, &path);
                    self.0[me].children.insert(word(i + 1).to_owned(), child);
                    i += 3;
                }
                "mod" if word(i + 2) == "{" => {
                    let end = end_of_group(tokens, i);
                    let child = self.add(me, self.0[me].file.clone(), &tokens[i + 3..end - 1], folder);
                    // Of two for two configurations the first is looked into.
                    self.0[me].children.entry(word(i + 1).to_owned()).or_insert(child);
                    i = end;
                }
                "use" if word(i + 1) != "<" => {
                    let before = tokens[..i].iter().rposition(|(token, _)| token == "pub");
                    let is_public = before.is_some_and(|at| {
                        at + 1 == i || (word(at + 1) == "(" && end_of_group(tokens, at) == i)
                    });
                    let end = i + tokens[i..].iter().position(|(token, _)| token == ";").unwrap();
                    for (path, alias) in use_tree(&mut tokens[i + 1..end].iter().peekable(), &[]) {
                        let of_me = &mut self.0[me];
                        of_me.names.entry(alias.clone()).or_insert(path.0.clone());
                        of_me.uses.push((path, alias, is_public));
                    }
                    i = end + 1;
                }
                "{" | "(" | "[" => (depth, i) = (depth + 1, i + 1),
                "}" | ")" | "]" => (depth, i) = (depth - 1, i + 1),
                first if first.starts_with(is_word) => {
                    let kinds = ["struct", "enum", "trait", "fn", "const", "static", "type", "union"];
                    if depth == 0 && kinds.contains(&first) {
                        self.0[me].items.insert(word(i + 1).to_owned());
                    } else if first == "macro_rules" {
                        self.0[me].items.insert(word(i + 2).to_owned());
                    }
                    let is_visibility = i > 1 && word(i - 1) == "in" && word(i - 2) == "(";
                    let is_part = i > 0 && (word(i - 1) == "::" || word(i - 1) == ".");
                    let mut path = vec![first.to_owned()];
                    while word(i + 1) == "::" && word(i + 2).starts_with(is_word) {
                        path.push(word(i + 2).to_owned());
                        i += 2;
                    }
                    if !is_visibility && !is_part {
                        self.0[me].paths.push((path, line));
                    }
                    i += 1;
                }
                _ => i += 1,
            }
        }
        me
    }

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

    /// Which file imports which, and the first line that does.
    fn imports(&self) -> BTreeMap<&str, BTreeMap<&str, String>> {
        let mut all: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
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

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../connect/src")
}

/// Behind the first group in brackets from a place on.
fn end_of_group(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0;
    for (i, (token, _)) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 1 => return i + 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Behind the item at a place, with its attributes.
fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    while tokens[at].0 == "#" {
        at = end_of_group(tokens, at);
    }
    while !matches!(tokens[at].0.as_str(), ";" | "{") {
        at = if matches!(tokens[at].0.as_str(), "(" | "[") { end_of_group(tokens, at) } else { at + 1 };
    }
    if tokens[at].0 == ";" { at + 1 } else { end_of_group(tokens, at) }
}

/// The paths of a `use`, each with the name that it binds.
fn use_tree(tokens: &mut Peekable<Iter<'_, Token>>, prefix: &[String]) -> Vec<(Named, String)> {
    let (mut path, mut all, mut last, mut alias) = (prefix.to_vec(), Vec::new(), 0, None);
    while let Some((token, line)) = tokens.next_if(|(token, _)| token != "," && token != "}") {
        match token.as_str() {
            "::" => {}
            "as" => alias = tokens.next().map(|(alias, _)| alias.clone()),
            "{" => loop {
                all.extend(use_tree(tokens, &path));
                if tokens.next().is_none_or(|(token, _)| token == "}") {
                    return all;
                }
            },
            _ => (path, last) = ([path, vec![token.clone()]].concat(), *line),
        }
    }
    if path.len() > prefix.len() {
        path.truncate(path.len() - usize::from(path.ends_with(&["self".to_owned()])));
        let alias = alias.unwrap_or_else(|| path[path.len() - 1].clone());
        all.push(((path, last), alias));
    }
    all
}

/// The imports by which a file comes back to itself, as few as possible.
fn circle(imports: &BTreeMap<&str, BTreeMap<&str, String>>, file: &str) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([(file, Vec::new())]);
    let mut seen = BTreeSet::new();
    while let Some((at, way)) = ways.pop_front() {
        for (next, line) in imports.get(at).into_iter().flatten() {
            let way = [way.clone(), vec![format!("{line} ({next})")]].concat();
            if *next == file {
                return Some(way);
            }
            if seen.insert(*next) {
                ways.push_back((*next, way));
            }
        }
    }
    None
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let all = Crate::read();
    let imports = all.imports();
    let circles = imports.keys().filter_map(|file| circle(&imports, file));
    if let Some(circle) = circles.min_by_key(Vec::len) {
        panic!("these files import each other in a circle:\n{}", circle.join("\n"));
    }
}

#[test]
fn the_table_of_folders_says_what_each_imports() {
    let all = Crate::read();
    let folder = |file: &str| file.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
    let mut folders: BTreeMap<String, BTreeSet<String>> =
        BTreeMap::from([("guide".to_owned(), BTreeSet::new())]);
    for module in all.0.iter().filter(|module| module.file != "lib.rs") {
        folders.entry(folder(&module.file)).or_default();
    }
    for (from, to) in all.imports() {
        let to = to.into_keys().map(folder).filter(|to| *to != folder(from));
        folders.entry(folder(from)).or_default().extend(to);
    }
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md")).unwrap();
    let (_, table) = page.split_once("## The folders of `connect/src`").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let mut wrong = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let names: Vec<&str> = columns[0].split(", ").map(|name| name.trim_matches('`')).collect();
        let imports = names.iter().map(|name| {
            let imports = folders
                .remove(*name)
                .unwrap_or_else(|| panic!("there is no folder `{name}`, or it has two rows"));
            let imports =
                if imports.is_empty() { "nothing".to_owned() } else { Vec::from_iter(imports).join(", ") };
            if names.len() == 1 { imports } else { format!("`{name}`: {imports}") }
        });
        let imports = imports.collect::<Vec<_>>().join("; ");
        wrong.extend(
            Some(format!("| {} | {} | {imports} |", columns[0], columns[1])).filter(|right| right != row),
        );
    }
    assert!(wrong.is_empty(), "these rows of ARCHITECTURE.md should be:\n{}", wrong.join("\n"));
    assert!(folders.is_empty(), "the table lacks rows: {folders:?}");
}
