//! Forms without a type.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::ser::{Serialize, Serializer};

use crate::read::error::BodyError;
use crate::read::nested::{Fields, Node, fields_of};

/// The fields of a form, in the order of the body.
///
/// It serializes as a map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form(IndexMap<String, FormValue>);

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FormValue {
    /// The text of a field that appears once.
    Text(String),
    /// The values of a field that appears more than once, or as `a[]`.
    List(Vec<FormValue>),
    /// The fields in a field, as in `user[name]`; only with [`extended`](super::BodyParser::extended) forms.
    Fields(Form),
}

impl Form {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FormValue> {
        self.0.get(name)
    }

    /// The text of a field: the first if it appears more than once.
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

    /// Parses a form whose brackets are part of the name.
    pub(super) fn flat(text: &str) -> Self {
        let mut form = Form::default();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = FormValue::Text(value.into_owned());
            match form.0.entry(key.into_owned()) {
                Entry::Occupied(mut entry) => entry.get_mut().push(value),
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
            }
        }
        form
    }

    /// Parses a form whose brackets nest the fields.
    pub(super) fn nested(text: &str) -> Result<Self, BodyError> {
        fields_of(text).map(Form::of)
    }

    fn of(fields: Fields<'_>) -> Self {
        Form(fields.into_iter().map(|(name, node)| (name, FormValue::of(node))).collect())
    }
}

impl FormValue {
    fn push(&mut self, value: FormValue) {
        match self {
            FormValue::List(list) => list.push(value),
            before => {
                *before =
                    FormValue::List(vec![std::mem::replace(before, FormValue::List(Vec::new())), value]);
            }
        }
    }

    fn of(node: Node<'_>) -> Self {
        match node {
            Node::Pair(pair) => {
                let text = form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value);
                FormValue::Text(text.unwrap_or_default().into_owned())
            }
            // Missing indices are not kept.
            Node::List(list) => FormValue::List(list.into_values().map(FormValue::of).collect()),
            Node::Fields(fields) => FormValue::Fields(Form::of(fields)),
        }
    }
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
            ("a[5]=x&a[999]=y", r#"{"a":{"5":"x","999":"y"}}"#),
            ("a[1]=y&a[0]=x", r#"{"a":["x","y"]}"#),
            ("a[1][b]=y&a[0][b]=x", r#"{"a":[{"b":"x"},{"b":"y"}]}"#),
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
    fn every_form_keeps_all_of_its_values() {
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
