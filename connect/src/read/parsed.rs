//! What the layers of `body_parser` make of a body.

use bytes::Bytes;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::body_parser::Form;

/// A body as one of the layers in [`body_parser`](crate::body_parser) parsed it.
///
/// It serializes as what it holds; bytes as a list of numbers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ParsedBody {
    /// By [`json`](crate::body_parser::json).
    Json(Value),
    /// By [`urlencoded`](crate::body_parser::urlencoded).
    Form(Form),
    /// By [`text`](crate::body_parser::text()).
    Text(String),
    /// By [`raw`](crate::body_parser::raw).
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
