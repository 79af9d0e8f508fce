//! Forms whose fields have names with brackets: `user[name]`, `tags[]`, `pets[0][name]` (Express's `extended: true`).

mod de;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::Deserialize;

use super::error::BodyError;
use super::fields;
use crate::Result;

/// How deep fields may be nested (body-parser's `depth`).
const DEPTH: usize = 32;

/// The highest number in brackets that is an index of a list, unless the form has more fields than that (body-parser's
/// `arrayLimit`). A list takes memory for its items, and none for missing indices.
const HIGHEST: usize = 100;

/// The content of a field.
#[derive(Debug)]
pub(super) enum Node<'a> {
    /// Text: the encoded pair of the form, `user%5Bname%5D=tj`.
    Pair(&'a str),
    /// The values of a field that appears more than once, or as `a[]` or `a[0]`, by their indices.
    List(BTreeMap<usize, Node<'a>>),
    Fields(Fields<'a>),
}

/// Fields in the order of the form.
pub(super) type Fields<'a> = IndexMap<String, Node<'a>>;

/// Deserializes a form.
pub(super) fn read<'a, T: Deserialize<'a>>(form: &'a str) -> Result<T> {
    const WHAT: &str = "the form";
    if !has_brackets(form) {
        return fields::read(form, WHAT);
    }
    let tree = fields_of(form)?;
    serde_path_to_error::deserialize(Node::Fields(tree)).map_err(|err| fields::wrong(err, form, WHAT))
}

/// Whether there is a bracket, encoded or not. A bracket in a value only makes parsing slower.
fn has_brackets(form: &str) -> bool {
    let bytes = form.as_bytes();
    bytes.contains(&b'[') || bytes.windows(3).any(|three| three.eq_ignore_ascii_case(b"%5b"))
}

/// The fields of a form, nested by their brackets.
pub(super) fn fields_of(form: &str) -> Result<Fields<'_>, BodyError> {
    let pairs = || form.split('&').filter(|pair| !pair.is_empty());
    let highest = pairs().count().max(HIGHEST);
    let mut fields = Fields::default();
    for pair in pairs() {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let name = form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name).unwrap_or_default();
        let (name, path) = path(&name);
        if path.len() > DEPTH {
            return Err(BodyError::malformed(format!("the form is nested more than {DEPTH} deep")));
        }
        add(&mut fields, name, Leaf { path: &path, pair, highest });
    }
    Ok(fields)
}

/// A value, and the brackets of its name that are still to be followed.
#[derive(Clone, Copy)]
struct Leaf<'p, 'a> {
    path: &'p [&'p str],
    pair: &'a str,
    highest: usize,
}

impl<'p> Leaf<'p, '_> {
    /// The content of the first brackets, and the rest.
    fn next(self) -> Option<(&'p str, Self)> {
        let (name, path) = self.path.split_first()?;
        Some((name, Leaf { path, ..self }))
    }

    /// Whether the content of brackets is an index: that of the next item if it is empty, or a number.
    fn index(self, name: &str) -> Option<Option<usize>> {
        if name.is_empty() {
            return Some(None);
        }
        let number: usize = name.parse().ok()?;
        (number <= self.highest && number.to_string() == name).then_some(Some(number))
    }
}

fn add<'a>(fields: &mut Fields<'a>, name: &str, leaf: Leaf<'_, 'a>) {
    match fields.entry(name.to_owned()) {
        Entry::Occupied(mut entry) => entry.get_mut().add(leaf),
        Entry::Vacant(entry) => {
            entry.insert(Node::new(leaf));
        }
    }
}

fn push<'a>(list: &mut BTreeMap<usize, Node<'a>>, node: Node<'a>) {
    let end = list.last_key_value().map_or(0, |(last, _)| last + 1);
    list.insert(end, node);
}

impl<'a> Node<'a> {
    fn new(leaf: Leaf<'_, 'a>) -> Self {
        let Some((name, inner)) = leaf.next() else { return Node::Pair(leaf.pair) };
        match leaf.index(name) {
            Some(index) => Node::List(BTreeMap::from([(index.unwrap_or(0), Node::new(inner))])),
            None => Node::Fields(Fields::from_iter([(name.to_owned(), Node::new(inner))])),
        }
    }

    fn add(&mut self, leaf: Leaf<'_, 'a>) {
        match (&mut *self, leaf.next()) {
            (Node::Fields(fields), Some((name, inner))) => add(fields, name, inner),
            (Node::List(list), None) => push(list, Node::Pair(leaf.pair)),
            (Node::List(list), Some((name, inner))) => match leaf.index(name) {
                Some(None) => push(list, Node::new(inner)),
                Some(Some(index)) => match list.get_mut(&index) {
                    Some(node) => node.add(inner),
                    None => drop(list.insert(index, Node::new(inner))),
                },
                // A list with a named item is a map: its indices become names.
                None => {
                    let named =
                        std::mem::take(list).into_iter().map(|(index, node)| (index.to_string(), node));
                    let mut fields = Fields::from_iter(named);
                    add(&mut fields, name, inner);
                    *self = Node::Fields(fields);
                }
            },
            // The field is there already, as text or as a map.
            (_, next) => {
                let before = std::mem::replace(self, Node::List(BTreeMap::new()));
                let node = match next {
                    Some((name, inner)) if leaf.index(name).is_some() => Node::new(inner),
                    _ => Node::new(leaf),
                };
                *self = Node::List(BTreeMap::from([(0, before), (1, node)]));
            }
        }
    }
}

/// The name in front of the brackets, and their contents. Brackets that are not closed, or at the start, belong to the
/// name.
fn path(key: &str) -> (&str, Vec<&str>) {
    let whole = (key, Vec::new());
    let Some(begin) = key.find('[').filter(|&begin| begin > 0) else { return whole };
    let (mut rest, mut path) = (&key[begin..], Vec::new());
    while let Some(inner) = rest.strip_prefix('[') {
        let Some((name, after)) = inner.split_once(']') else { return whole };
        path.push(name);
        rest = after;
    }
    (&key[..begin], path)
}
