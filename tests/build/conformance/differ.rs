//! Where Connect and Express 5 respond differently with the same stack, Express 5 is followed: finds the recordings of
//! Connect that this concerns, by walking its layers as Connect does.

use std::ops::ControlFlow::{self, Break, Continue};

use serde_json::Value;

use super::recordings::Engine;

/// From somewhere in the low thousands of layers on, Connect overflows the stack.
const OVERFLOW: u64 = 2500;

/// Whether the engines differ here. Only Connect's recordings can be the ones that are not followed.
pub(crate) fn engines_differ(engine: Engine, layers: &[Value], request: &Value) -> bool {
    if engine != Engine::Connect {
        return false;
    }
    let target = request["target"].as_str().unwrap_or_default();
    if target == "*" {
        // No layer is reached in Connect; here, as in Express, those without a path are.
        return layers.iter().any(|layer| matches!(layer["path"].as_str(), None | Some("" | "/")));
    }
    let path =
        target.split_once("://").map_or(target, |(_, rest)| &rest[rest.find('/').unwrap_or(rest.len())..]);
    let mut walk = Walk { path: before_query(path), described: false, respelled: false, rewrites: 0 };
    let mut stripped = 0;
    match walk.layers(layers, &mut stripped, false) {
        Break(End::Differs) => true,
        // The default page: what described another body goes in Express, and stays in Connect, which encodes some
        // characters of a path that Express leaves as they are.
        Continue(failed) => walk.described || (!failed && before_query(path).contains(['|', '^', '\\'])),
        Break(End::Answered) => false,
    }
}

/// Whether this is the default page for one of the statuses that have another text in Connect's final handler.
pub(crate) fn phrases_differ(engine: Engine, response: &Value) -> bool {
    let old = [(418, "I'm a teapot"), (425, "Unordered Collection")];
    engine == Engine::Connect
        && old.iter().any(|&(status, phrase)| response["status"] == status && response["reason"] == phrase)
}

fn before_query(path: &str) -> String {
    path[..path.find(['?', '#']).unwrap_or(path.len())].to_owned()
}

enum End {
    Answered,
    Differs,
}

/// Goes on, with an error on the way or without.
type Step = ControlFlow<End, bool>;

struct Walk {
    path: String,
    /// A header was set that describes another body than the default page.
    described: bool,
    /// A mount was left whose path the client spells otherwise: Connect puts back its own spelling.
    respelled: bool,
    rewrites: usize,
}

impl Walk {
    fn layers(&mut self, layers: &[Value], stripped: &mut usize, mut failed: bool) -> Step {
        for layer in layers {
            failed = self.layer(layer, stripped, failed)?;
        }
        Continue(failed)
    }

    fn layer(&mut self, layer: &Value, stripped: &mut usize, failed: bool) -> Step {
        if layer["kind"] == "repeat" {
            let n = layer["n"].as_u64().unwrap_or(0);
            if n > OVERFLOW {
                return Break(End::Differs);
            }
            return (0..n).try_fold(failed, |failed, _| self.layer(&layer["layer"], stripped, failed));
        }
        let mount = layer["path"].as_str().unwrap_or("").trim_end_matches('/');
        let rest = self.path.get(*stripped..).unwrap_or("");
        let matches = rest.get(..mount.len()).is_some_and(|start| start.eq_ignore_ascii_case(mount));
        if !matches {
            return Continue(failed);
        }
        let exact = !mount.is_empty() && rest.len() == mount.len();
        let respelled = rest.get(..mount.len()) != Some(mount);
        match rest.as_bytes().get(mount.len()) {
            None | Some(b'/') => {}
            // A dot ends a segment in Connect.
            Some(b'.') if self.runs(layer, failed) => return Break(End::Differs),
            // The target is `*`: in Connect that is no boundary for a layer without a path either.
            Some(b'*') if self.runs(layer, failed) => return Break(End::Differs),
            Some(_) if mount.is_empty() => {}
            Some(_) => return Continue(failed),
        }
        let rewrites = self.rewrites;
        let mut inside = *stripped + mount.len();
        let left = match layer["kind"].as_str() {
            Some("use") if !self.runs(layer, failed) => return Continue(failed),
            Some("use") => {
                layer["handlers"].get(0).map_or(Continue(failed), |one| self.call(one, inside, failed))
            }
            Some("http_server") => self.call(&layer["handler"], inside, failed),
            // An app is an ordinary layer: an error goes past it.
            Some("sub_app") if !failed => {
                let layers = layer["layers"].as_array().map_or(&[][..], |layers| layers);
                self.layers(layers, &mut inside, false)
            }
            _ => return Continue(failed),
        };
        // Connect takes off the slash that it had put in front of the empty rest.
        if left.is_continue() && exact && self.rewrites > rewrites {
            return Break(End::Differs);
        }
        self.respelled |= respelled;
        left
    }

    /// Whether a layer is on the track that the request is on.
    fn runs(&self, layer: &Value, failed: bool) -> bool {
        (layer["handlers"][0]["arity"] == 4) == failed
    }

    fn call(&mut self, handler: &Value, stripped: usize, failed: bool) -> Step {
        if (handler["arity"] == 4) != failed || handler["arity"].as_u64() > Some(4) {
            return Continue(failed);
        }
        let is_async = handler["async"] == true;
        if self.respelled && handler.to_string().contains("{url}") {
            return Break(End::Differs);
        }
        for action in handler["actions"].as_array().into_iter().flatten() {
            match action["do"].as_str().unwrap_or_default() {
                "header" => {
                    let name = action["name"].as_str().unwrap_or_default().to_ascii_lowercase();
                    self.described |=
                        ["content-encoding", "content-language", "content-range"].contains(&&*name);
                }
                "set_url" => {
                    let value = action["value"].as_str().unwrap_or_default();
                    let prefix = self.path.get(..stripped).unwrap_or("");
                    self.path = format!("{prefix}{}", before_query(value));
                    self.rewrites += 1;
                }
                "next" | "throw" | "return_rejected" | "end" | "send" | "json" => {
                    let ends = !matches!(action["do"].as_str(), Some("next" | "throw" | "return_rejected"));
                    if ends {
                        return Break(End::Answered);
                    }
                    // Connect does not look at promises.
                    if action["do"] == "return_rejected" || (action["do"] == "throw" && is_async) {
                        return Break(End::Differs);
                    }
                    let error = &action["error"];
                    let falsy = [Value::Null, Value::Bool(false), "".into(), 0.into()];
                    let fails = match error.get("value") {
                        Some(value) => !falsy.contains(value) && value.get("undefined").is_none(),
                        None => !error.is_null() || action["same_error"] == true,
                    };
                    return Continue(fails || !action["signal"].is_null());
                }
                _ => {}
            }
        }
        // It hangs; nothing below is reached.
        Break(End::Answered)
    }
}
