//! The templates in the texts of scenarios, as `{url}` or `{err}`.

use serde_json::Value;

use super::reason::Reason;
use super::recordings::Engine;

/// Where a template stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) engine: Engine,
    /// In an error handler.
    pub(crate) with_error: bool,
    /// After the head was written.
    pub(crate) after_write: bool,
    /// In a scenario that shows fields of errors.
    pub(crate) shows_fields: bool,
}

/// The Rust expression for a text: a literal, or one that fills in the template.
pub(crate) fn text(template: &str, place: Place) -> Result<String, Reason> {
    let template = match place.after_write {
        true => template.replace("{headersSent}", "true"),
        false => template.to_owned(),
    };
    let words = words(&template);
    if let Some(reason) = words.iter().find_map(|word| refuse(word, place)) {
        return Err(reason);
    }
    if words.is_empty() {
        return Ok(format!("{template:?}"));
    }
    let err = if place.with_error { "Some(&err)" } else { "None" };
    Ok(format!("fill({template:?}, req, res, {err})"))
}

/// Whether anything is filled in.
pub(crate) fn is_filled_in(template: &str) -> bool {
    !words(template).is_empty()
}

/// What stands in braces and reads like a word: other braces are text.
fn words(template: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for (at, _) in template.match_indices('{') {
        let rest = &template[at + 1..];
        let Some(end) = rest.find(['{', '}']).filter(|&end| rest[end..].starts_with('}')) else { continue };
        let word = &rest[..end];
        let reads_like_one = word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        if reads_like_one {
            words.push(word);
        }
    }
    words
}

fn refuse(word: &str, place: Place) -> Option<Reason> {
    match word {
        "url" | "originalUrl" | "method" | "trace" | "headersSent" => None,
        "path" | "baseUrl" | "params" | "route" | "body" | "rawbody" if place.engine == Engine::Express => {
            None
        }
        // Connect has no such fields.
        "path" | "baseUrl" | "params" | "query" | "route" | "body" | "rawbody"
            if place.engine == Engine::Connect =>
        {
            Some(Reason::NoErrorOrArity)
        }
        "mountpath" | "apppath" => Some(Reason::AppAsObject),
        // The value in a callback of `router.param`.
        "value" => Some(Reason::ParamCallback),
        name if name.starts_with("params.") && place.engine == Engine::Express => None,
        "err" if place.with_error => None,
        // A stack trace, a class and the like.
        "err.stack" | "err.name" | "err.constructor" => Some(Reason::NoErrorOrArity),
        field if field.starts_with("err.") && place.with_error && place.shows_fields => None,
        _ => Some(Reason::NotImplemented),
    }
}

/// Whether a field of an error is shown somewhere.
pub(crate) fn show_fields(layers: &[Value]) -> bool {
    layers.iter().any(|layer| layer.to_string().contains("{err."))
}
