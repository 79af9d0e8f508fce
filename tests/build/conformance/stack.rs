//! Translates recorded layers to the entries of `app![..]`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::builtin;
use super::handler;
use super::reason::Reason;
use super::recordings::Engine;
use super::template;

/// The most layers that are written by repeating one. What plain functions make of it is one link, however long.
const LONGEST: u64 = 2000;

/// The most layers in an app of `async fn`: each is a link, and about a hundred of them fit.
const LONGEST_ASYNC: usize = 60;

/// One variant of a stack: its functions and the list of its entries.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Translation {
    /// `#![strict]`, or nothing.
    pub(crate) options: String,
    pub(crate) functions: String,
    pub(crate) entries: String,
}

/// Translates layers to as many variants as there are: with plain functions wherever they can be, and all `async`.
pub(crate) fn translate(layers: &[Value], engine: Engine) -> Result<Vec<Translation>, Reason> {
    let mut variants = Vec::new();
    for plain in [true, false] {
        let mut writer = Writer {
            engine,
            plain,
            shows_fields: template::show_fields(layers),
            functions: Vec::new(),
            settings: settings(layers),
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
        let translated = Translation { options: options(&writer.settings), functions, entries };
        if !variants.contains(&translated) {
            variants.push(translated);
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
    /// The options that the app's settings stand for.
    settings: Vec<&'static str>,
    layers: usize,
    reasons: BTreeSet<Reason>,
}

impl Writer {
    fn list(&mut self, layers: &[Value]) -> Vec<String> {
        let entries = layers.iter().flat_map(|layer| self.layer(layer)).collect();
        self.reachable(entries)
    }

    /// The compiler refuses layers that nothing reaches, and the recordings have them to show that. An empty stack in
    /// front of such a layer does nothing, and hides from the compiler what stands above.
    fn reachable(&self, entries: Vec<String>) -> Vec<String> {
        let source =
            |entry: &str| entry.strip_prefix('f').and_then(|i| self.functions.get(i.parse::<usize>().ok()?));
        let is_handler =
            |entry: &str| source(entry).is_some_and(|source| source.contains("#[error_handler]"));
        let responds = |entry: &str| source(entry).is_some_and(|source| !source.contains("next: "));
        let mut reachable = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            let dead = if i == 0 { is_handler(entry) } else { responds(&entries[i - 1]) };
            reachable.extend(dead.then(|| "stack![]".to_owned()));
            reachable.push(entry.clone());
        }
        reachable
    }

    /// A layer as entries. Where it cannot be translated, the reason is kept and the rest is translated all the same: the
    /// reasons that stay go before the one that will not.
    fn layer(&mut self, layer: &Value) -> Vec<String> {
        let translated = match layer["kind"].as_str().unwrap_or_default() {
            "use" => self.registered(layer),
            "sub_app" => self.nested("app!", layer),
            "route" if self.engine == Engine::Express => {
                self.route(layer, &layer["method"], &layer["handlers"])
            }
            "all" if self.engine == Engine::Express => self.route(layer, &Value::Null, &layer["handlers"]),
            "route_object" if self.engine == Engine::Express => self.route_object(layer),
            "param" => {
                self.collect_reasons(layer);
                Err(Reason::ParamCallback)
            }
            "router" if self.engine == Engine::Express => self.nested("router!", layer),
            "http_server" if self.engine == Engine::Connect => self.http_server(layer),
            "repeat" => self.repeated(layer),
            "setting" => setting(layer).map(|()| Vec::new()),
            // Functions in what comes later are looked at for the reasons that will stay.
            _ => {
                self.collect_reasons(layer);
                Err(Reason::NotImplemented)
            }
        };
        translated.unwrap_or_else(|reason| {
            self.reasons.insert(reason);
            Vec::new()
        })
    }

    fn registered(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let handlers = layer["handlers"].as_array().ok_or(Reason::NotImplemented)?;
        // Connect takes one, and ignores others.
        let handlers = match self.engine {
            Engine::Connect => &handlers[..handlers.len().min(1)],
            Engine::Express => handlers,
        };
        let mut entries = Vec::new();
        self.handlers(handlers, &mut entries);
        if entries.is_empty() {
            return Err(Reason::NoErrorOrArity);
        }
        known_keys(layer, &["kind", "path", "handlers"])?;
        // Without a path they are part of the list around them.
        Ok(match self.path(layer)? {
            None => entries,
            path => mounted(path, self.reachable(entries)),
        })
    }

    /// A route: the last of its handlers is its function, the others are its own stack. A last one for errors has
    /// a function behind it that passes on, which is what falling off the end of a route is.
    fn route(&mut self, layer: &Value, method: &Value, handlers: &Value) -> Result<Vec<String>, Reason> {
        known_keys(layer, &["kind", "path", "method", "handlers", "entries"])?;
        let mut all = Vec::new();
        flatten(handlers, &mut all);
        let passes = json!({ "arity": 3, "actions": [{ "do": "next" }] });
        if all.last().is_none_or(|last| last["arity"] == 4) {
            all.push(&passes);
        }
        let Some((last, stack)) = all.split_last() else { return Err(Reason::NoErrorOrArity) };
        let stack: Vec<String> =
            stack.iter().map(|handler| self.function(handler)).collect::<Result<_, _>>()?;
        let path = self.path(layer)?.ok_or(Reason::NotImplemented)?;
        let method = match method {
            Value::Null => "all(".to_owned(),
            Value::String(name) if name == "ALL" => "all(".to_owned(),
            Value::String(name) => format!("route({name}, "),
            _ => return Err(Reason::NotImplemented),
        };
        let stack: String = stack.iter().map(|name| format!(", {name}")).collect();
        let mut function = handler::function(last, self.engine, self.shows_fields)?;
        // A route that cannot pass must not stand before one that it covers.
        if !function.parameters.contains("next") {
            function.parameters.push_str(", _next: Next");
        }
        function.attribute = format!("{method}{path:?}{stack})");
        Ok(vec![self.named(&function.source(NAME, self.plain))])
    }

    /// `app.route(path)`: the same as a route each, where nothing in it leaves or fails, and HEAD has no entry.
    fn route_object(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let entries = layer["entries"].as_array().ok_or(Reason::NotImplemented)?;
        let mut translated = Vec::new();
        for entry in entries {
            let [method, handlers @ ..] = &entry.as_array().ok_or(Reason::NotImplemented)?[..] else {
                return Err(Reason::NotImplemented);
            };
            let text = Value::from(handlers).to_string();
            let leaves =
                ["\"route\"", "\"arity\":4", "throw", "\"error\""].iter().any(|word| text.contains(word));
            if method == "HEAD" || leaves && entries.len() > 1 {
                return Err(Reason::NotOnePattern);
            }
            translated.extend(self.route(layer, method, &Value::from(handlers))?);
        }
        Ok(translated)
    }

    fn handlers(&mut self, handlers: &[Value], entries: &mut Vec<String>) {
        for handler in handlers {
            if let (Value::Array(inner), Engine::Express) = (handler, self.engine) {
                self.handlers(inner, entries);
                continue;
            }
            if let (Value::String(name), Engine::Express) = (&handler["builtin"], self.engine) {
                let translated = known_keys(handler, &["builtin", "opts"]);
                let translated = translated.and_then(|()| builtin::translate(name, &handler["opts"]));
                entries.push(translated.unwrap_or_else(|reason| {
                    self.reasons.insert(reason);
                    String::new()
                }));
                continue;
            }
            let translated = match handler["router"].as_array() {
                Some(layers) if self.engine == Engine::Express => {
                    let inner = self.list(layers).join(", ");
                    router_options(handler).map(|options| format!("router![{options}{inner}]"))
                }
                _ => self.function(handler),
            };
            // One that is missing still counts as one, or the list would look empty.
            entries.push(translated.unwrap_or_else(|reason| {
                self.reasons.insert(reason);
                String::new()
            }));
        }
    }

    /// A function, by the name of one that is the same.
    fn function(&mut self, handler: &Value) -> Result<String, Reason> {
        let source = handler::function(handler, self.engine, self.shows_fields)?.source(NAME, self.plain);
        self.layers += 1;
        Ok(self.named(&source))
    }

    fn named(&mut self, source: &str) -> String {
        let same = self.functions.iter().position(|other| *other == source);
        let i = same.unwrap_or_else(|| {
            self.functions.push(source.to_owned());
            self.functions.len() - 1
        });
        format!("f{i}")
    }

    fn nested(&mut self, makro: &str, layer: &Value) -> Result<Vec<String>, Reason> {
        let layers = layer["layers"].as_array().ok_or(Reason::NotImplemented)?;
        let inner = self.list(layers).join(", ");
        known_keys(layer, &["kind", "path", "layers", "options"])?;
        let options = if makro == "app!" {
            let own = settings(layer["layers"].as_array().map_or(&[][..], |layers| layers));
            options(&own)
        } else {
            router_options(layer)?
        };
        Ok(mounted(self.path(layer)?, vec![format!("{makro}[{options}{inner}]")]))
    }

    /// A server has no `next`: an app with one layer that responds.
    fn http_server(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let handler = &layer["handler"];
        let goes_on = |action: &Value| matches!(action["do"].as_str(), Some("next" | "throw"));
        if handler["actions"].as_array().into_iter().flatten().any(goes_on) {
            return Err(Reason::NoErrorOrArity);
        }
        let function = self.function(handler)?;
        known_keys(layer, &["kind", "path", "handler"])?;
        Ok(mounted(self.path(layer)?, vec![format!("app![{function}]")]))
    }

    fn repeated(&mut self, layer: &Value) -> Result<Vec<String>, Reason> {
        let n = layer["n"].as_u64().ok_or(Reason::NotImplemented)?;
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
            Some(_) => return Err(Reason::NotOnePattern),
        };
        if path.contains('#') {
            return Err(Reason::RefusedByHyper);
        }
        if !path.starts_with(['/', '{']) {
            return Err(Reason::NotImplemented);
        }
        // The characters that no client sends unencoded: such a path never matches.
        if path.contains(|c: char| !c.is_ascii() || c == ' ') {
            return Err(Reason::DoesNotCompile);
        }
        // To Express these are patterns.
        let reserved = |c: char| self.engine == Engine::Connect && r"()[]{}*:?+!\".contains(c);
        let escaped = path.chars().flat_map(|c| reserved(c).then_some('\\').into_iter().chain([c]));
        Ok(Some(escaped.collect()))
    }

    fn collect_reasons(&mut self, layer: &Value) {
        match layer {
            Value::Object(object) if object.contains_key("actions") || object.contains_key("raw") => {
                if let Err(reason) = handler::function(layer, self.engine, self.shows_fields) {
                    self.reasons.insert(reason);
                }
            }
            Value::Object(object) => object.values().for_each(|value| self.collect_reasons(value)),
            Value::Array(list) => list.iter().for_each(|value| self.collect_reasons(value)),
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

/// The settings that are applied elsewhere, when the app is set up.
fn setting(layer: &Value) -> Result<(), Reason> {
    match (layer["name"].as_str(), &layer["value"]) {
        (Some("x-powered-by" | "strict routing" | "case sensitive routing"), Value::Bool(_)) => Ok(()),
        _ => Err(Reason::NotImplemented),
    }
}

/// The options that settings stand for.
fn settings(layers: &[Value]) -> Vec<&'static str> {
    let on = |name: &str| {
        layers
            .iter()
            .any(|layer| layer["kind"] == "setting" && layer["name"] == name && layer["value"] == true)
    };
    [("strict routing", "strict"), ("case sensitive routing", "case_sensitive")]
        .into_iter()
        .filter(|(name, _)| on(name))
        .map(|(_, option)| option)
        .collect()
}

fn options(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!("#![{}] ", names.join(", ")) }
}

fn router_options(layer: &Value) -> Result<String, Reason> {
    let mut names = Vec::new();
    for (name, value) in layer.get("options").and_then(Value::as_object).into_iter().flatten() {
        match (&**name, value) {
            (_, Value::Bool(false)) => {}
            ("strict", Value::Bool(true)) => names.push("strict"),
            ("caseSensitive", Value::Bool(true)) => names.push("case_sensitive"),
            ("mergeParams", Value::Bool(true)) => names.push("merge_params"),
            _ => return Err(Reason::NotImplemented),
        }
    }
    Ok(options(&names))
}

fn flatten<'a>(handlers: &'a Value, out: &mut Vec<&'a Value>) {
    match handlers {
        Value::Array(list) => list.iter().for_each(|one| flatten(one, out)),
        one => out.push(one),
    }
}

/// A key that is not known may change what everything else means.
fn known_keys(layer: &Value, known: &[&str]) -> Result<(), Reason> {
    let mut keys = layer.as_object().into_iter().flat_map(|object| object.keys());
    if keys.all(|key| known.contains(&key.as_str())) { Ok(()) } else { Err(Reason::NotImplemented) }
}
