//! Says recorded layers as the entries of `app![..]`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::handler;
use super::reason::Reason;
use super::recordings::Engine;
use super::template;

/// The most layers that are said by repeating one. What plain functions make of it is one link, however long.
const LONGEST: u64 = 2000;

/// The most layers in an app of `async fn`: each is a link, and about a hundred of them fit.
const LONGEST_ASYNC: usize = 60;

/// One way of saying a stack: its functions and the list of its entries.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Said {
    pub(crate) functions: String,
    pub(crate) entries: String,
}

/// Says layers in as many ways as there are: with plain functions wherever they can be, and all `async`.
pub(crate) fn say(layers: &[Value], engine: Engine) -> Result<Vec<Said>, Reason> {
    let mut variants = Vec::new();
    for plain in [true, false] {
        let mut writer = Writer {
            engine,
            plain,
            shows_fields: template::show_fields(layers),
            functions: Vec::new(),
            layers: 0,
            reasons: BTreeSet::new(),
        };
        let entries = writer.list(layers).join(", ");
        if let Some(&reason) = writer.reasons.first() {
            return Err(reason);
        }
        if !plain && writer.layers > LONGEST_ASYNC {
            continue;
        }
        let functions = writer.functions.iter().enumerate();
        let functions = functions.map(|(i, source)| source.replace(NAME, &format!("f{i}"))).collect();
        let said = Said { functions, entries };
        if !variants.contains(&said) {
            variants.push(said);
        }
    }
    Ok(variants)
}

/// Stands for the name of a function until it is known whether there is one like it.
const NAME: &str = "__name__";

struct Writer {
    engine: Engine,
    plain: bool,
    shows_fields: bool,
    functions: Vec<String>,
    layers: usize,
    reasons: BTreeSet<Reason>,
}

impl Writer {
    fn list(&mut self, layers: &[Value]) -> Vec<String> {
        layers.iter().flat_map(|layer| self.layer(layer)).collect()
    }

    /// A layer as entries. Where it cannot be said, the reason is kept and the rest looked at all the same: the
    /// reasons that stay go before the one that will not.
    fn layer(&mut self, layer: &Value) -> Vec<String> {
        let said = match layer["kind"].as_str().unwrap_or_default() {
            "use" => self.registered(layer),
            "sub_app" => self.nested("app!", layer),
            "router" if self.engine == Engine::Express => self.nested("router!", layer),
            "http_server" if self.engine == Engine::Connect => self.http_server(layer),
            "repeat" => self.repeated(layer),
            "setting" => setting(layer).map(|()| Vec::new()),
            // Functions in what comes later are looked at for the reasons that will stay.
            _ => {
                self.look_into(layer);
                Err(Reason::LaterIssue)
            }
        };
        said.unwrap_or_else(|reason| {
            self.reasons.insert(reason);
            Vec::new()
        })
    }

    fn registered(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let handlers = layer["handlers"].as_array().ok_or(Reason::LaterIssue)?;
        // Connect takes one, and ignores others.
        let handlers = match self.engine {
            Engine::Connect => &handlers[..handlers.len().min(1)],
            Engine::Express => handlers,
        };
        let mut entries = Vec::new();
        self.handlers(handlers, &mut entries);
        if entries.is_empty() {
            return Err(Reason::NoErrorOrNoArity);
        }
        known_keys(layer, &["kind", "path", "handlers"])?;
        Ok(mounted(self.path(layer)?, entries))
    }

    fn handlers(&mut self, handlers: &[Value], entries: &mut Vec<String>) {
        for handler in handlers {
            if let (Value::Array(inner), Engine::Express) = (handler, self.engine) {
                self.handlers(inner, entries);
                continue;
            }
            let said = match handler["router"].as_array() {
                Some(layers) if self.engine == Engine::Express => {
                    let inner = self.list(layers).join(", ");
                    no_options(handler).map(|()| format!("router![{inner}]"))
                }
                _ => self.function(handler),
            };
            // One that is missing still counts as one, or the list would look empty.
            entries.push(said.unwrap_or_else(|reason| {
                self.reasons.insert(reason);
                String::new()
            }));
        }
    }

    /// A function, by the name of one that is the same.
    fn function(&mut self, handler: &Value) -> Result<String, Reason> {
        let source = handler::function(handler, self.engine, self.shows_fields)?.source(NAME, self.plain);
        self.layers += 1;
        let same = self.functions.iter().position(|other| *other == source);
        let i = same.unwrap_or_else(|| {
            self.functions.push(source);
            self.functions.len() - 1
        });
        Ok(format!("f{i}"))
    }

    fn nested(&mut self, makro: &str, layer: &Value) -> Result<Vec<String>, Reason> {
        let layers = layer["layers"].as_array().ok_or(Reason::LaterIssue)?;
        let inner = self.list(layers).join(", ");
        known_keys(layer, &["kind", "path", "layers", "options"])?;
        no_options(layer)?;
        Ok(mounted(self.path(layer)?, vec![format!("{makro}[{inner}]")]))
    }

    /// A server takes requests and has no way on: an app with one layer that answers.
    fn http_server(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let handler = &layer["handler"];
        let goes_on = |action: &Value| matches!(action["do"].as_str(), Some("next" | "throw"));
        if handler["actions"].as_array().into_iter().flatten().any(goes_on) {
            return Err(Reason::NoErrorOrNoArity);
        }
        let function = self.function(handler)?;
        known_keys(layer, &["kind", "path", "handler"])?;
        Ok(mounted(self.path(layer)?, vec![format!("app![{function}]")]))
    }

    fn repeated(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let n = layer["n"].as_u64().ok_or(Reason::LaterIssue)?;
        let once = self.layer(&layer["layer"]);
        known_keys(layer, &["kind", "n", "layer"])?;
        // What is this long is about Node's call stack: Express waits for a turn of the event loop after every
        // hundred synchronous steps. rustc does not take a list of many thousands either.
        if n > LONGEST {
            return Err(Reason::PromiseOrTiming);
        }
        let is_plain = |entry: &String| {
            let i = entry.strip_prefix('f').and_then(|i| i.parse::<usize>().ok());
            i.is_some_and(|i| self.functions[i].starts_with("#[middleware]\nfn"))
        };
        let links = !once.iter().all(is_plain);
        if links && self.plain && n > LONGEST_ASYNC as u64 {
            return Err(Reason::PromiseOrTiming);
        }
        self.layers += once.len() * n as usize;
        Ok((0..n).flat_map(|_| once.iter().cloned()).collect())
    }

    /// The path of a layer as the macros write it.
    fn path(&self, layer: &Value) -> Result<Option<String>, Reason> {
        let path = match layer.get("path") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(path)) if path.is_empty() => return Ok(Some("/".to_owned())),
            Some(Value::String(path)) => path,
            Some(_) => return Err(Reason::LaterIssue),
        };
        if path.contains('#') {
            return Err(Reason::RefusedByHyper);
        }
        let reserved = |c: char| r"()[]{}*:?+!\".contains(c);
        // To Express these are patterns.
        if !path.starts_with('/') || (self.engine == Engine::Express && path.contains(reserved)) {
            return Err(Reason::LaterIssue);
        }
        let escaped = path.chars().flat_map(|c| reserved(c).then_some('\\').into_iter().chain([c]));
        Ok(Some(escaped.collect()))
    }

    fn look_into(&mut self, layer: &Value) {
        match layer {
            Value::Object(object) if object.contains_key("actions") || object.contains_key("raw") => {
                if let Err(reason) = handler::function(layer, self.engine, self.shows_fields) {
                    self.reasons.insert(reason);
                }
            }
            Value::Object(object) => object.values().for_each(|value| self.look_into(value)),
            Value::Array(list) => list.iter().for_each(|value| self.look_into(value)),
            _ => {}
        }
    }
}

fn mounted(path: Option<String>, entries: Vec<String>) -> Vec<String> {
    match (path, &entries[..]) {
        (None, _) => entries,
        (Some(path), [one]) => vec![format!("{path:?} => {one}")],
        (Some(path), several) => vec![format!("{path:?} => [{}]", several.join(", "))],
    }
}

/// The settings that are said elsewhere, when the app is set up.
fn setting(layer: &Value) -> Result<(), Reason> {
    match (layer["name"].as_str(), &layer["value"]) {
        (Some("x-powered-by"), Value::Bool(_)) => Ok(()),
        _ => Err(Reason::LaterIssue),
    }
}

fn no_options(layer: &Value) -> Result<(), Reason> {
    match layer.get("options") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(options)) if options.is_empty() => Ok(()),
        Some(_) => Err(Reason::LaterIssue),
    }
}

/// A key that is not known may change what everything else means.
fn known_keys(layer: &Value, known: &[&str]) -> Result<(), Reason> {
    let mut keys = layer.as_object().into_iter().flat_map(|object| object.keys());
    if keys.all(|key| known.contains(&key.as_str())) { Ok(()) } else { Err(Reason::LaterIssue) }
}
