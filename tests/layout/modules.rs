//! The modules of a crate: what each defines, and what its code names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Component, Path, PathBuf};
use std::slice::Iter;

use crate::tokens::{Token, end_of_group, end_of_item, is_word, tokens};

/// A path in the code, and its line.
pub(crate) type Named = (Vec<String>, usize);

#[derive(Default)]
pub(crate) struct Module {
    pub(crate) parent: usize,
    /// The file's path, from the root of the repository.
    pub(crate) file: String,
    pub(crate) children: BTreeMap<String, usize>,
    pub(crate) items: BTreeSet<String>,
    /// What a `use` binds a name to.
    pub(crate) names: BTreeMap<String, Vec<String>>,
    /// The name that each `use` binds, and whether it is a re-export.
    pub(crate) uses: Vec<(Named, String, bool)>,
    pub(crate) paths: Vec<Named>,
}

/// The modules of a crate, its root first. An inline module has the file that it is written in.
pub(crate) struct Crate(pub(crate) Vec<Module>);

impl Crate {
    /// Reads a crate, from the file of its root.
    pub(crate) fn read(root: &str) -> Crate {
        let mut all = Crate(Vec::new());
        all.load(0, &repository().join(root), true);
        all
    }

    /// Adds the module of a file. `owns_folder`: its submodules are files beside it, and not in a folder of its name.
    fn load(&mut self, parent: usize, path: &Path, owns_folder: bool) -> usize {
        let text = fs::read_to_string(path).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        let file = path.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/");
        let owns_folder = owns_folder || path.ends_with("mod.rs");
        let folder = if owns_folder { path.parent().unwrap().to_owned() } else { path.with_extension("") };
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
                    let child = self.submodule(me, word(i + 1), own_path.take(), folder);
                    self.0[me].children.insert(word(i + 1).to_owned(), child);
                    i += 3;
                }
                "mod" if word(i + 2) == "{" => {
                    let end = end_of_group(tokens, i);
                    let file = self.0[me].file.clone();
                    let folder = folder.join(word(i + 1));
                    let child = self.add(me, file, &tokens[i + 3..end - 1], &folder);
                    // Of two for two configurations, paths lead to the first.
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

    /// Loads the file of `mod name;`.
    fn submodule(&mut self, me: usize, name: &str, own_path: Option<String>, folder: &Path) -> usize {
        if let Some(path) = own_path {
            let beside = repository().join(&self.0[me].file);
            return self.load(me, &normalized(&beside.parent().unwrap().join(path)), true);
        }
        let file = folder.join(format!("{name}.rs"));
        let path = if file.exists() { file } else { folder.join(name).join("mod.rs") };
        self.load(me, &path, false)
    }
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A path without its `..`.
fn normalized(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = out.pop(),
            part => out.push(part),
        }
    }
    out
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
