//! The values that scenarios throw or hand to `next`.

use std::fmt::Write;

use serde_json::Value;

use super::reason::Reason;
use super::recordings::Engine;
use super::template::{self, Place};

/// What a layer fails with.
pub(crate) enum Failure {
    /// A value that is no error in JavaScript: the request goes on.
    Falsy,
    /// An expression of type `Error`.
    Error(String),
    /// Express: out of the router.
    LeaveRouter,
    LeaveRoute,
}

/// Reads an error.
pub(crate) fn failure(error: &Value, place: Place) -> Result<Failure, Reason> {
    let Value::Object(object) = error else { return Err(Reason::NoErrorOrArity) };
    if let Some(Value::String(message)) = object.get("message") {
        let mut code = format!("Error::msg({})", template::text(message, place)?);
        // The one given last counts, and `status` goes first in JavaScript. One that is no status for errors
        // changes nothing here either, so it is translated all the same.
        for name in ["statusCode", "status"] {
            // JavaScript cuts off what is behind the point, when the status is sent.
            if object
                .get(name)
                .and_then(Value::as_f64)
                .is_some_and(|n| (400.0..600.0).contains(&n) && n.fract() != 0.0)
            {
                return Err(Reason::NoErrorOrArity);
            }
            if let Some(status) = object.get(name).and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok())
            {
                let _ = write!(code, ".with_status({status}u16)");
            }
        }
        for (name, value) in headers(object.get("headers")) {
            for value in header_values(value)? {
                // The final handler fails on it, and there is no response.
                if !is_header(&name, &value) {
                    return Err(Reason::NoErrorOrArity);
                }
                let _ = write!(code, ".with_header({name:?}, {value:?})");
            }
        }
        if object.contains_key("stack") {
            return Err(Reason::NoErrorOrArity);
        }
        let shown = object.iter().filter(|(name, _)| *name != "message");
        let shown: Vec<_> = shown.map(|(name, value)| (name.as_str(), in_text(value))).collect();
        return Ok(Failure::Error(noted(code, &shown, place)));
    }
    match object.get("value") {
        Some(value) => plain_value(value, place),
        None => Err(Reason::NoErrorOrArity),
    }
}

/// The headers of an error. To JavaScript a list is an object too, with the names `0`, `1` and so on.
fn headers(value: Option<&Value>) -> Vec<(String, &Value)> {
    match value {
        Some(Value::Object(headers)) => headers.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Some(Value::Array(list)) => {
            list.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect()
        }
        _ => Vec::new(),
    }
}

/// A value that is no error object. What JavaScript would make of it as text is the message.
fn plain_value(value: &Value, place: Place) -> Result<Failure, Reason> {
    let text = match value {
        Value::Null | Value::Bool(false) => return Ok(Failure::Falsy),
        Value::Bool(true) => "true".to_owned(),
        Value::Number(number) if number.as_f64() == Some(0.0) => return Ok(Failure::Falsy),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => return Ok(Failure::Falsy),
        Value::String(text) => return text_value(text, place),
        Value::Object(object) if object.contains_key("undefined") || object.contains_key("nan") => {
            return Ok(Failure::Falsy);
        }
        Value::Object(_) | Value::Array(_) => return Err(Reason::NoErrorOrArity),
    };
    Ok(Failure::Error(plain(format!("Error::msg({text:?})"), place)))
}

/// A value that is no object has no field of that name.
fn plain(code: String, place: Place) -> String {
    noted(code, &[("message", "undefined".to_owned())], place)
}

/// An error, its fields noted where some layer shows them.
fn noted(code: String, fields: &[(&str, String)], place: Place) -> String {
    if place.shows_fields { format!("{{\nnote_fields(req, &{fields:?});\n{code}\n}}") } else { code }
}

/// As JavaScript puts a value into a text.
fn in_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(in_text).collect::<Vec<_>>().join(","),
        Value::Object(_) => "[object Object]".to_owned(),
        other => other.to_string(),
    }
}

/// Text as an error; to Express two texts are signals.
pub(crate) fn text_value(text: &str, place: Place) -> Result<Failure, Reason> {
    match (place.engine, text) {
        (Engine::Express, "router") => Ok(Failure::LeaveRouter),
        (Engine::Express, "route") => Ok(Failure::LeaveRoute),
        _ => Ok(Failure::Error(plain(format!("Error::msg({})", template::text(text, place)?), place))),
    }
}

/// Whether Node takes it. Otherwise setting it throws an error of Node's.
pub(crate) fn is_header(name: &str, value: &str) -> bool {
    http::HeaderName::try_from(name).is_ok()
        && http::HeaderValue::try_from(value).is_ok()
        && value.chars().all(|c| u32::from(c) < 256)
}

/// The value of a header, or its values.
pub(crate) fn header_values(value: &Value) -> Result<Vec<String>, Reason> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Number(number) => Ok(vec![number.to_string()]),
        Value::Array(list) => {
            let lists: Result<Vec<_>, _> = list.iter().map(header_values).collect();
            Ok(lists?.concat())
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => Err(Reason::NoErrorOrArity),
    }
}
