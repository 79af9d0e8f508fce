//! What is wrong with what was sent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use connect::Error;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// One error of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    field: String,
    pointer: String,
    message: Cow<'static, str>,
}

impl FieldError {
    fn new(field: String, message: Cow<'static, str>) -> Self {
        FieldError { pointer: pointer(&field), field, message }
    }

    /// The path of the field, such as `address.city` or `tags[0]`; empty for the value as a whole.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// A path as a JSON pointer in a URI fragment, as RFC 9457 shows it: `#/address/city`.
fn pointer(path: &str) -> String {
    let mut pointer = String::from("#");
    for name in path.split(['.', '[', ']']).filter(|name| !name.is_empty()) {
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

/// A page does not send back what should not be on it, however deep it is.
fn remove_passwords(values: &mut Map<String, Value>) {
    fn look_into(value: &mut Value) {
        match value {
            Value::Object(values) => remove_passwords(values),
            Value::Array(values) => values.iter_mut().for_each(look_into),
            _ => {}
        }
    }
    values.retain(|name, _| !name.to_ascii_lowercase().contains("password"));
    values.values_mut().for_each(look_into);
}

/// What is wrong with a value, field by field, and what was sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Invalid {
    errors: Vec<FieldError>,
    values: Map<String, Value>,
}

impl Invalid {
    /// No errors yet, of a value that is kept for the form. A value that is no struct is not kept.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        let values = match serde_json::to_value(value) {
            Ok(Value::Object(values)) => values,
            _ => Map::new(),
        };
        Invalid::default().keep(values)
    }

    pub(super) fn keep(mut self, values: impl IntoIterator<Item = (String, Value)>) -> Self {
        self.values = values.into_iter().collect();
        remove_passwords(&mut self.values);
        self
    }

    /// Adds an error.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        self.errors.push(FieldError::new(field.into(), message.into()));
        self
    }

    /// The errors, in garde's order: by the names of the fields.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The messages by the path of their field, for a template: `errors.name`, `errors["address.city"]`, `errors["tags[0]"]`.
    #[must_use]
    pub fn messages(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut messages: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for error in &self.errors {
            messages.entry(error.field()).or_default().push(error.message());
        }
        messages
    }

    /// What was sent, for a template, in the shape of the type: in a form `address[city]` is `values.address.city`, and `tags[]` is the list
    /// `values.tags`. What is no JSON is a text, and in those of [`Invalid::of`] a number is a number. Names that contain `password` are left
    /// out, at any depth.
    #[must_use]
    pub fn values(&self) -> Value {
        Value::Object(self.values.clone())
    }

    /// The problem with status 422 that it is on the error track.
    #[must_use]
    pub fn to_problem(&self) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail(self.to_string()).with("errors", &self.errors)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            let between = if at == 0 { "" } else { "; " };
            match error.field() {
                "" => write!(f, "{between}{}", error.message)?,
                field => write!(f, "{between}{field}: {}", error.message)?,
            }
        }
        Ok(())
    }
}

/// The error on the error track. `Invalid` itself is no `std::error::Error`: `?` would make a 500 of it.
impl From<Invalid> for Error {
    #[track_caller]
    fn from(invalid: Invalid) -> Self {
        invalid.to_problem().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Invalid, pointer};

    #[test]
    fn passwords_are_kept_at_no_depth() {
        let sent = json!({
            "name": "tobi",
            "account": {"Password": "a", "mail": "b"},
            "users": [{"new_password": "c", "id": 1}, [{"password": "d"}]],
            "account[password]": "e",
        });
        let expected = json!({"name": "tobi", "account": {"mail": "b"}, "users": [{"id": 1}, [{}]]});
        assert_eq!(Invalid::of(&sent).values(), expected);
    }

    #[test]
    fn paths_are_json_pointers() {
        for (path, expected) in [
            ("", "#"),
            ("name", "#/name"),
            ("address.city", "#/address/city"),
            ("tags[0].a/b", "#/tags/0/a~1b"),
        ] {
            assert_eq!(pointer(path), expected);
        }
    }
}
