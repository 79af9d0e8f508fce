//! The bodies that the layers of `body_parser` parse.

use bytes::Bytes;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::body_parser::Form;

/// A body as one of the layers in [`body_parser`](crate::body_parser) parsed it.
///
/// It serializes as the value that it holds, and bytes as a list of numbers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ParsedBody {
    /// A value that [`json`](crate::body_parser::json) parsed.
    Json(Value),
    /// A form that [`urlencoded`](crate::body_parser::urlencoded) parsed.
    Form(Form),
    /// A text that [`text`](crate::body_parser::text()) decoded.
    Text(String),
    /// The bytes that [`raw`](crate::body_parser::raw) read.
    Raw(Bytes),
}

impl Serialize for ParsedBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ParsedBody::Json(value) => value.serialize(serializer),
            ParsedBody::Form(form) => form.serialize(serializer),
            ParsedBody::Text(text) => text.serialize(serializer),
            ParsedBody::Raw(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}
