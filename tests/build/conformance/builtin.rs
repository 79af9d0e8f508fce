//! Says the middleware that comes with Express, or beside it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::reason::Reason;
use super::static_files;

/// The entry that stands for a middleware.
pub(crate) fn say(name: &str, options: &Value) -> Result<String, Reason> {
    let nothing = Map::new();
    let options = options.as_object().unwrap_or(&nothing);
    match name {
        "json" => parser("json", options, &["strict"]),
        "urlencoded" => parser("urlencoded", options, &["extended", "parameterLimit"]),
        "text" => parser("text", options, &["defaultCharset"]),
        "raw" => parser("raw", options, &[]),
        "static" => static_files::say(options),
        "cookie-parser" => cookies(options),
        // The recorder's own: it sends the cookies that the request has.
        "echo-cookies" if options.is_empty() => Ok("echo_cookies".to_owned()),
        _ => Err(Reason::LaterIssue),
    }
}

/// A layer of `body_parser`, with the options that all of them have and some of its own.
fn parser(name: &str, options: &Map<String, Value>, own: &[&str]) -> Result<String, Reason> {
    let mut said = format!("body_parser::{name}()");
    for (option, value) in options {
        let _ = match (&**option, value) {
            ("limit", limit) => write!(said, ".limit({})", bytes(limit).ok_or(Reason::LaterIssue)?),
            ("inflate", Value::Bool(inflate)) => write!(said, ".inflate({inflate})"),
            ("type", Value::String(kind)) => write!(said, ".content_type({kind:?})"),
            ("type", Value::Array(kinds)) => {
                for kind in kinds {
                    let _ = write!(said, ".content_type({:?})", kind.as_str().ok_or(Reason::LaterIssue)?);
                }
                Ok(())
            }
            ("strict", Value::Bool(strict)) if own.contains(&"strict") => write!(said, ".strict({strict})"),
            ("extended", Value::Bool(extended)) if own.contains(&"extended") => {
                write!(said, ".extended({extended})")
            }
            ("defaultCharset", Value::String(name)) if own.contains(&"defaultCharset") => {
                write!(said, ".default_charset({name:?}).expect(\"a charset\")")
            }
            ("parameterLimit", Value::Number(limit)) if own.contains(&"parameterLimit") => {
                write!(said, ".parameter_limit({})", limit.as_u64().ok_or(Reason::LaterIssue)?)
            }
            _ => return Err(Reason::LaterIssue),
        };
    }
    Ok(said)
}

/// A size, as `10b`, `100kb` or a number.
fn bytes(value: &Value) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let text = value.as_str()?.to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim() {
        "" | "b" => 1,
        "kb" => 1 << 10,
        "mb" => 1 << 20,
        "gb" => 1 << 30,
        _ => return None,
    };
    Some(text[..digits].parse::<u64>().ok()? * unit)
}

/// Here every request has its cookies; the secrets for signed ones are values that are provided.
fn cookies(options: &Map<String, Value>) -> Result<String, Reason> {
    if options.keys().any(|option| option != "secret") {
        return Err(Reason::LaterIssue);
    }
    let secrets: Vec<&str> = match options.get("secret") {
        None => return Ok("stack![]".to_owned()),
        Some(Value::String(secret)) => vec![secret],
        Some(Value::Array(list)) => {
            list.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Reason::LaterIssue)?
        }
        Some(_) => return Err(Reason::LaterIssue),
    };
    let (current, former) = secrets.split_first().ok_or(Reason::LaterIssue)?;
    let former: String = former.iter().map(|secret| format!(".with_former({secret:?})")).collect();
    Ok(format!("provide(CookieSecrets::new({current:?}){former})"))
}
