//! Forms of any shape.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::ser::{Serialize, Serializer};

use crate::read::error::BodyError;

/// How deep fields may be nested (Express's `depth`).
const DEPTH: usize = 32;

/// The highest number in brackets that stands for a place in a list (Express's `arrayLimit`).
const HIGHEST: usize = 20;

/// The fields of a form, in the order in which they came.
///
/// It serializes as a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form(IndexMap<String, FormValue>);

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FormValue {
    /// Of a field that came once.
    Text(String),
    /// Of a field that came several times, or as `a[]`.
    List(Vec<FormValue>),
    /// Of a field with fields in it, as `user[name]`; only if forms are [nested](super::BodyParser::extended).
    Fields(Form),
}

impl Form {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FormValue> {
        self.0.get(name)
    }

    /// The text of a field: the first, if it came several times.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            FormValue::Text(text) => Some(text),
            FormValue::List(list) => match list.first()? {
                FormValue::Text(text) => Some(text),
                _ => None,
            },
            FormValue::Fields(_) => None,
        }
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FormValue)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Every key as it stands.
    pub(super) fn flat(text: &str) -> Self {
        let mut form = Form::default();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            form.add(key.into_owned(), &[], value.into_owned());
        }
        form
    }

    /// What stands in brackets behind a key is where the value goes.
    pub(super) fn nested(text: &str) -> Result<Self, BodyError> {
        let mut form = Form::default();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let (name, path) = path(&key);
            if path.len() > DEPTH {
                return Err(BodyError::malformed(format!("the form is nested more than {DEPTH} deep")));
            }
            form.add(name.to_owned(), &path, value.into_owned());
        }
        Ok(form)
    }

    fn add(&mut self, name: String, path: &[&str], text: String) {
        match self.0.entry(name) {
            Entry::Occupied(mut entry) => entry.get_mut().add(path, text),
            Entry::Vacant(entry) => {
                entry.insert(FormValue::new(path, text));
            }
        }
    }
}

impl FormValue {
    /// A value at the end of a path.
    fn new(path: &[&str], text: String) -> Self {
        match path {
            [] => FormValue::Text(text),
            [name, rest @ ..] if place(name).is_some() => FormValue::List(vec![FormValue::new(rest, text)]),
            [name, rest @ ..] => {
                let mut form = Form::default();
                form.add((*name).to_owned(), rest, text);
                FormValue::Fields(form)
            }
        }
    }

    /// Adds a value at the end of a path.
    fn add(&mut self, path: &[&str], text: String) {
        match (&mut *self, path) {
            (FormValue::Fields(form), [name, rest @ ..]) => form.add((*name).to_owned(), rest, text),
            (FormValue::List(list), []) => list.push(FormValue::Text(text)),
            (FormValue::List(list), [name, rest @ ..]) => match place(name) {
                // Places in between that nothing came for are not kept.
                Some(place) => match place.and_then(|place| list.get_mut(place)) {
                    Some(value) => value.add(rest, text),
                    None => list.push(FormValue::new(rest, text)),
                },
                // A list with a name in it is none: what was there has its places for names.
                None => {
                    let named = list.drain(..).enumerate().map(|(i, value)| (i.to_string(), value));
                    let mut form = Form(named.collect());
                    form.add((*name).to_owned(), rest, text);
                    *self = FormValue::Fields(form);
                }
            },
            // It came before.
            (_, path) => {
                let before = std::mem::replace(self, FormValue::List(Vec::new()));
                let list = match path {
                    [] => vec![before, FormValue::Text(text)],
                    [name, rest @ ..] if place(name).is_some() => vec![before, FormValue::new(rest, text)],
                    path => vec![before, FormValue::new(path, text)],
                };
                *self = FormValue::List(list);
            }
        }
    }
}

/// Whether what stands in brackets is a place in a list: the next one, or one with a number.
fn place(name: &str) -> Option<Option<usize>> {
    if name.is_empty() {
        return Some(None);
    }
    let number: usize = name.parse().ok()?;
    (number <= HIGHEST && number.to_string() == name).then_some(Some(number))
}

/// The name in front of the brackets, and what stands in them. Brackets that are not closed, or stand in front,
/// belong to the name.
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

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl Serialize for FormValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            FormValue::Text(text) => text.serialize(serializer),
            FormValue::List(list) => list.serialize(serializer),
            FormValue::Fields(form) => form.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    fn json(form: &Form) -> String {
        serde_json::to_string(form).unwrap()
    }

    #[test]
    fn a_flat_form_keeps_its_keys_and_their_order() {
        let form = Form::flat("user[name]=tj&a=1&a=2&c=x+y%21&empty&a=3");
        assert_eq!(json(&form), r#"{"user[name]":"tj","a":["1","2","3"],"c":"x y!","empty":""}"#);
        assert_eq!((form.text("a"), form.text("c"), form.text("x")), (Some("1"), Some("x y!"), None));
    }

    #[test]
    fn a_nested_form_follows_its_brackets() {
        for (text, wanted) in [
            ("user[name]=tj&a[]=1&a[]=2", r#"{"user":{"name":"tj"},"a":["1","2"]}"#),
            ("a[b][c]=1&a[b][d]=2&a[e]=3", r#"{"a":{"b":{"c":"1","d":"2"},"e":"3"}}"#),
            ("a[0]=x&a[1]=y", r#"{"a":["x","y"]}"#),
            ("a[0][b]=x&a[0][c]=y&a[1][b]=z", r#"{"a":[{"b":"x","c":"y"},{"b":"z"}]}"#),
            ("a[5]=x&a[999]=y", r#"{"a":{"0":"x","999":"y"}}"#),
            ("a[]=x&a[b]=y", r#"{"a":{"0":"x","b":"y"}}"#),
            ("a=x&a[]=y", r#"{"a":["x","y"]}"#),
            ("a=1&a=2", r#"{"a":["1","2"]}"#),
            ("[a]=1&b[c=2&b]=3", r#"{"[a]":"1","b[c":"2","b]":"3"}"#),
            ("", "{}"),
        ] {
            assert_eq!(json(&Form::nested(text).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn whatever_comes_keeps_all_of_its_values() {
        // Every key of up to four of these pieces, three keys a form.
        let pieces = ["a", "[", "]", "[]", "[0]", "[b]"];
        let mut keys = vec![String::new()];
        for _ in 0..4 {
            let longer = keys.iter().flat_map(|key| pieces.map(|piece| format!("{key}{piece}")));
            keys = keys.iter().cloned().chain(longer).collect();
            keys.sort();
            keys.dedup();
        }
        for (i, key) in keys.iter().enumerate() {
            let (second, third) = (&keys[(i * 7) % keys.len()], &keys[(i * 31) % keys.len()]);
            let text = format!("{key}=v1&{second}=v2&{third}=v3");
            let nested = json(&Form::nested(&text).unwrap());
            assert!(["v1", "v2", "v3"].iter().all(|value| nested.contains(value)), "{text}: {nested}");
        }
    }

    #[test]
    fn a_form_is_not_nested_without_end() {
        let deep = |n: usize| format!("a{}=1", "[b]".repeat(n));
        assert!(Form::nested(&deep(32)).is_ok());
        assert!(Form::nested(&deep(33)).is_err());
        assert!(Form::nested(&deep(30_000)).is_err());
    }
}
