//! Says the middleware that comes with Express, or beside it.

use serde_json::{Map, Value};

use super::reason::Reason;
use super::static_files;

/// The entry that stands for a middleware.
pub(crate) fn say(name: &str, options: &Value) -> Result<String, Reason> {
    let nothing = Map::new();
    let options = options.as_object().unwrap_or(&nothing);
    match name {
        "static" => static_files::say(options),
        _ => Err(Reason::LaterIssue),
    }
}
