//! Says the acts of Express that answer: `send`, `json`, `sendStatus` and `redirect`.

use serde_json::Value;

use super::reason::Reason;
use super::template::{self, Place};

/// An act, as a call that gives a `Result`.
pub(crate) fn said(action: &Value, place: Place) -> Result<String, Reason> {
    match action["do"].as_str().unwrap_or_default() {
        "send" => match &action["value"] {
            Value::String(text) => Ok(format!("res.send({})", template::text(text, place)?)),
            Value::Null => Ok("res.end(\"\")".to_owned()),
            Value::Object(object) if object.contains_key("undefined") => Ok("res.end(\"\")".to_owned()),
            Value::Object(object) if object.contains_key("bytes") => {
                let bytes = object["bytes"].as_str().ok_or(Reason::LaterIssue)?;
                Ok(format!("res.send({bytes:?}.as_bytes())"))
            }
            value => json(value, place),
        },
        "json" => json(&action["value"], place),
        "send_status" => Ok(format!("res.send_status({}u16)", status(&action["code"])?)),
        "redirect" => match action["args"].as_array().map(|args| &args[..]) {
            Some([Value::String(url)]) => Ok(format!("res.redirect({})", template::text(url, place)?)),
            Some([code, Value::String(url)]) => {
                // Express takes any status here; elsewhere they are no redirects.
                let code = status(code)?;
                if !(300..400).contains(&code) || code == 304 {
                    return Err(Reason::NoErrorOrNoArity);
                }
                Ok(format!("res.status({code}u16).redirect({})", template::text(url, place)?))
            }
            _ => Err(Reason::LaterIssue),
        },
        _ => Err(Reason::LaterIssue),
    }
}

fn json(value: &Value, place: Place) -> Result<String, Reason> {
    let text = value.to_string();
    if template::is_filled_in(&text) {
        // First for the reasons that stay.
        template::text(&text, place)?;
        return Err(Reason::LaterIssue);
    }
    Ok(format!("res.json(value({text:?}))"))
}

/// Any other is an error, which JavaScript throws.
fn status(code: &Value) -> Result<u64, Reason> {
    code.as_u64().filter(|code| (100..1000).contains(code)).ok_or(Reason::NoErrorOrNoArity)
}
