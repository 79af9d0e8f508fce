//! Decides whether a scenario can be written in Rust, and translates it.

use serde_json::{Value, json};

use super::differ;
use super::reason::Reason;
use super::recordings::{Engine, Scenario};
use super::stack::{self, Translation};

/// Every variant of a scenario, or why there is none.
pub(crate) fn translate(scenario: &Scenario) -> Result<Vec<Translation>, Reason> {
    let engine = scenario.engine?;
    let layers = called(scenario)?;
    let translated = stack::translate(&layers, engine);
    // What is refused before the app, and what the engines disagree on, stays; what is left for later does not.
    match translated {
        Err(reason) if reason < Reason::RefusedByHyper => return Err(reason),
        _ if refused(&scenario.request) || nameless(scenario) => return Err(Reason::RefusedByHyper),
        Err(reason) if reason < Reason::FollowsExpress => {
            // Connect overflows where Express waits for a turn of the event loop.
            let differs = differ::engines_differ(engine, &scenario.layers, &scenario.request);
            return Err(if differs { Reason::FollowsExpress } else { reason });
        }
        _ if differ::engines_differ(engine, &scenario.layers, &scenario.request)
            || differ::phrases_differ(engine, &scenario.response) =>
        {
            return Err(Reason::FollowsExpress);
        }
        _ => {}
    }
    if !["test", "development", "production"].contains(&&*scenario.env) {
        return Err(Reason::NotImplemented);
    }
    if !scenario.response["registration_error"].is_null() {
        return Err(Reason::DoesNotCompile);
    }
    // An empty path does not compile here. It is written as `/`, and in Express only `/` takes `*` too.
    if scenario.request["target"] == "*" && any(&scenario.layers, &|layer| layer["path"] == "") {
        return Err(Reason::NoErrorOrArity);
    }
    translated
}

/// Whether hyper, or the type it has for targets, refuses the request or changes its target.
fn refused(request: &Value) -> bool {
    let target = request["target"].as_str().unwrap_or_default();
    let method = request["method"].as_str().unwrap_or_default();
    http::Method::from_bytes(method.as_bytes()).is_err() || !is_target(target)
}

/// Whether there is such a target, and it stays as it is. A host alone is one for CONNECT only: it has no path.
pub(crate) fn is_target(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        // `==` on a `Uri` does not look at the case of a host; here the text counts.
        let stays = uri.to_string();
        uri.path_and_query().is_some() && stays == text
    })
}

/// Whether the page of the final handler shows what JavaScript makes of a phrase that is not there. The status
/// line names such a status "unknown", and here the page does too.
fn nameless(scenario: &Scenario) -> bool {
    let response = &scenario.response;
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let phrase = status.and_then(|status| http::StatusCode::from_u16(status).ok()?.canonical_reason());
    // To HEAD there is only its length.
    let page = match response["body"].as_str() {
        None | Some("") => response["headers"]["content-length"] == "136",
        Some(body) => body.contains("<pre>undefined</pre>"),
    };
    scenario.env == "production" && status.is_some() && phrase.is_none() && page
}

/// The layers, with what stands around the app where something else than a server calls it.
///
/// The layers do not tell that, and the English stack does: a function with a final callback is an app inside of
/// an app that ends with the callback, once as a middleware and once as an error handler.
fn called(scenario: &Scenario) -> Result<Vec<Value>, Reason> {
    let Some(how) = scenario
        .english
        .iter()
        .find(|text| text.contains("the app as a function"))
        .or_else(|| scenario.english.iter().find(|text| text.contains("app is called as a function")))
    else {
        return Ok(scenario.layers.clone());
    };
    if how.contains("writes ") {
        return Err(Reason::WriteBeforeNext);
    }
    let callback = "with a final callback that ends the response with '";
    let text = how.split_once(callback).and_then(|(_, text)| text.split_once('\''));
    let (text, _) = text.ok_or(Reason::NotImplemented)?;
    let alternatives = "error <message>|no error";
    if !text.contains(alternatives) {
        return Err(Reason::NotImplemented);
    }
    let ends_with = |arity: u8, what: &str| {
        let text = text.replace(alternatives, what);
        json!({ "kind": "use", "handlers": [{ "arity": arity, "actions": [{ "do": "end", "text": text }] }] })
    };
    Ok(vec![
        json!({ "kind": "sub_app", "layers": scenario.layers }),
        ends_with(3, "no error"),
        ends_with(4, "error {err}"),
    ])
}

/// Whether there is such a value anywhere.
fn any(values: &[Value], such: &dyn Fn(&Value) -> bool) -> bool {
    values.iter().any(|value| match value {
        Value::Array(list) => any(list, such),
        Value::Object(object) => {
            such(value) || object.values().any(|value| any(std::slice::from_ref(value), such))
        }
        _ => false,
    })
}

/// Whether Express would name itself in the response.
pub(crate) fn powered_by(scenario: &Scenario) -> bool {
    let off = |layer: &Value| {
        layer["kind"] == "setting" && layer["name"] == "x-powered-by" && layer["value"] == false
    };
    scenario.engine == Ok(Engine::Express) && !scenario.layers.iter().any(off)
}
