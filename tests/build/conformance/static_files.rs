//! Translates Express's `static`.

use serde_json::{Map, Value};

use super::reason::Reason;

/// The layer, for the folder of the recordings.
pub(crate) fn translate(options: &Map<String, Value>) -> Result<String, Reason> {
    let options: String =
        options.iter().map(|(name, value)| option(name, value)).collect::<Result<_, _>>()?;
    Ok(format!("serve_static(PUB){options}"))
}

fn option(name: &str, value: &Value) -> Result<String, Reason> {
    let switch = |method: &str| match value {
        Value::Bool(on) => Ok(format!(".{method}({on})")),
        _ => Err(Reason::NotImplemented),
    };
    match (name, value) {
        ("acceptRanges", _) => switch("accept_ranges"),
        ("cacheControl", _) => switch("cache_control"),
        ("dotfiles", Value::String(what)) => match &**what {
            "allow" => Ok(".dotfiles(Dotfiles::Allow)".to_owned()),
            "deny" => Ok(".dotfiles(Dotfiles::Deny)".to_owned()),
            "ignore" => Ok(".dotfiles(Dotfiles::Ignore)".to_owned()),
            _ => Err(Reason::NotImplemented),
        },
        ("etag", _) => switch("etag"),
        ("extensions", Value::Array(_)) => Ok(format!(".extensions({})", texts(value)?)),
        ("fallthrough", _) => switch("fallthrough"),
        ("immutable", _) => switch("immutable"),
        ("index", Value::Bool(false)) => Ok(".index([\"\"; 0])".to_owned()),
        ("index", Value::String(_) | Value::Array(_)) => Ok(format!(".index({})", texts(value)?)),
        ("lastModified", _) => switch("last_modified"),
        ("maxAge", Value::Number(_)) => {
            let millis = value.as_u64().ok_or(Reason::NotImplemented)?;
            Ok(format!(".max_age(Duration::from_millis({millis}))"))
        }
        ("redirect", _) => switch("redirect"),
        _ => Err(Reason::NotImplemented),
    }
}

fn texts(value: &Value) -> Result<String, Reason> {
    let list = match value {
        Value::Array(list) => &list[..],
        one => std::slice::from_ref(one),
    };
    let texts: Vec<&str> =
        list.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Reason::NotImplemented)?;
    Ok(if texts.is_empty() { "[\"\"; 0]".to_owned() } else { format!("{texts:?}") })
}
