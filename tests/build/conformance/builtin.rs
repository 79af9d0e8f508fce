//! Translates the middleware that comes with Express, or beside it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::reason::Reason;
use super::static_files;

/// The entry that stands for a middleware.
pub(crate) fn translate(name: &str, options: &Value) -> Result<String, Reason> {
    let nothing = Map::new();
    let options = options.as_object().unwrap_or(&nothing);
    match name {
        "json" => parser("json", options, &["strict"]),
        "urlencoded" => parser("urlencoded", options, &["extended", "parameterLimit"]),
        "text" => parser("text", options, &["defaultCharset"]),
        "raw" => parser("raw", options, &[]),
        "static" => static_files::translate(options),
        "cookie-parser" => cookies(options),
        // The recorder's own: it sends the cookies that the request has.
        "echo-cookies" if options.is_empty() => Ok("echo_cookies".to_owned()),
        _ => Err(Reason::NotImplemented),
    }
}

/// A layer of `body_parser`, with the options that all of them have and some of its own.
fn parser(name: &str, options: &Map<String, Value>, own: &[&str]) -> Result<String, Reason> {
    let mut code = format!("body_parser::{name}()");
    for (option, value) in options {
        let _ = match (&**option, value) {
            ("limit", limit) => write!(code, ".limit({})", bytes(limit).ok_or(Reason::NotImplemented)?),
            ("inflate", Value::Bool(inflate)) => write!(code, ".inflate({inflate})"),
            ("type", Value::String(kind)) => write!(code, ".content_type({kind:?})"),
            ("type", Value::Array(kinds)) => {
                for kind in kinds {
                    let _ = write!(code, ".content_type({:?})", kind.as_str().ok_or(Reason::NotImplemented)?);
                }
                Ok(())
            }
            ("strict", Value::Bool(strict)) if own.contains(&"strict") => write!(code, ".strict({strict})"),
            ("extended", Value::Bool(extended)) if own.contains(&"extended") => {
                write!(code, ".extended({extended})")
            }
            ("defaultCharset", Value::String(name)) if own.contains(&"defaultCharset") => {
                write!(code, ".default_charset({name:?}).expect(\"a charset\")")
            }
            ("parameterLimit", Value::Number(limit)) if own.contains(&"parameterLimit") => {
                write!(code, ".parameter_limit({})", limit.as_u64().ok_or(Reason::NotImplemented)?)
            }
            _ => return Err(Reason::NotImplemented),
        };
    }
    Ok(code)
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
        return Err(Reason::NotImplemented);
    }
    let secrets: Vec<&str> = match options.get("secret") {
        None => return Ok("stack![]".to_owned()),
        Some(Value::String(secret)) => vec![secret],
        Some(Value::Array(list)) => {
            list.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Reason::NotImplemented)?
        }
        Some(_) => return Err(Reason::NotImplemented),
    };
    let (current, former) = secrets.split_first().ok_or(Reason::NotImplemented)?;
    let former: String = former.iter().map(|secret| format!(".with_former({secret:?})")).collect();
    Ok(format!("provide(CookieSecrets::new({current:?}){former})"))
}
