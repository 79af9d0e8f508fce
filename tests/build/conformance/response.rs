//! Translates the methods of Express's `res` that respond: `send`, `json`, `sendStatus` and `redirect`.

use serde_json::Value;

use super::reason::Reason;
use super::template::{self, Place};

/// A method call, as an expression of type `Result`.
pub(crate) fn call(action: &Value, place: Place) -> Result<String, Reason> {
    match action["do"].as_str().unwrap_or_default() {
        "send" => match &action["value"] {
            Value::String(text) => Ok(format!("res.send({})", template::text(text, place)?)),
            Value::Null => Ok("res.end(\"\")".to_owned()),
            // What JSON has no word for is recorded as an object with one field.
            Value::Object(object) if object.contains_key("undefined") => Ok("res.end(\"\")".to_owned()),
            Value::Object(object) if object.contains_key("nan") => Err(Reason::NoErrorOrArity),
            Value::Object(object) if object.contains_key("bytes") => {
                let bytes = object["bytes"].as_str().ok_or(Reason::NotImplemented)?;
                Ok(format!("res.send({bytes:?}.as_bytes())"))
            }
            value => sent_as_json(value, place),
        },
        "json" => sent_as_json(&action["value"], place),
        "send_status" => Ok(format!("res.send_status({}u16)", status(&action["code"])?)),
        "redirect" => match action["args"].as_array().map(|args| &args[..]) {
            Some([Value::String(url)]) => Ok(format!("res.redirect({})", template::text(url, place)?)),
            Some([code, Value::String(url)]) => {
                // Express takes any status here; elsewhere they are no redirects.
                let code = status(code)?;
                if !(300..400).contains(&code) || code == 304 {
                    return Err(Reason::NoErrorOrArity);
                }
                Ok(format!("res.status({code}u16).redirect({})", template::text(url, place)?))
            }
            _ => Err(Reason::NotImplemented),
        },
        _ => Err(Reason::NotImplemented),
    }
}

fn sent_as_json(value: &Value, place: Place) -> Result<String, Reason> {
    // The value first: a template borrows the response.
    Ok(format!("{{ let value = {}; res.json(value) }}", json(value, place)?))
}

/// A JSON value as an expression, with what is filled into its texts.
fn json(value: &Value, place: Place) -> Result<String, Reason> {
    Ok(match value {
        Value::String(text) => format!("Json::from({})", template::text(text, place)?),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(|value| json(value, place)).collect::<Result<_, _>>()?;
            format!("Json::Array(vec![{}])", list.join(", "))
        }
        Value::Object(object) => {
            let field = |(name, value): (&String, &Value)| {
                Ok(format!("({name:?}.to_owned(), {})", json(value, place)?))
            };
            let fields: Vec<String> = object.iter().map(field).collect::<Result<_, _>>()?;
            format!("Json::from_iter([{}])", fields.join(", "))
        }
        Value::Null => "Json::Null".to_owned(),
        other => format!("Json::from({other})"),
    })
}

/// Any other is an error, which JavaScript throws.
fn status(code: &Value) -> Result<u64, Reason> {
    code.as_u64().filter(|code| (100..1000).contains(code)).ok_or(Reason::NoErrorOrArity)
}
