//! Translates one recorded function to Rust.

use serde_json::Value;

use super::error::{self, Failure};
use super::reason::Reason;
use super::recordings::Engine;
use super::response;
use super::template::{self, Place};
use super::translate;

/// A function with an attribute, all but its name.
pub(crate) struct Function {
    pub(crate) attribute: String,
    pub(crate) parameters: String,
    body: String,
    /// Whether it can be a plain `fn`.
    pub(crate) can_be_plain: bool,
}

impl Function {
    /// Its source.
    pub(crate) fn source(&self, name: &str, plain: bool) -> String {
        let Function { attribute, parameters, body, .. } = self;
        let qualifier = if plain && self.can_be_plain { "" } else { "async " };
        format!("#[{attribute}]\n{qualifier}fn {name}({parameters}) -> Result {{\n{body}}}\n")
    }
}

/// Translates a function, or gives the reason why it cannot be.
pub(crate) fn function(handler: &Value, engine: Engine, shows_fields: bool) -> Result<Function, Reason> {
    let Value::Object(object) = handler else { return Err(Reason::NoErrorOrArity) };
    if object.contains_key("raw") || object.get("misnamed").is_some_and(|value| *value != false) {
        return Err(Reason::NoErrorOrArity);
    }
    let known = ["arity", "actions", "async", "misnamed"];
    let (Some(arity), Some(actions)) = (handler["arity"].as_u64(), handler["actions"].as_array()) else {
        return Err(Reason::NotImplemented);
    };
    if arity > 4 {
        return Err(Reason::NoErrorOrArity);
    }
    let is_async = handler["async"] == true;
    let place = Place { engine, with_error: arity == 4, after_write: false, shows_fields };
    let mut writer = Writer { place, is_async, uses_next: false, resumes: false, rewrites: false };
    let mut worst = None;
    let body = writer.block(actions, State::default()).map_err(|reason| worst = Some(reason));
    if object.keys().any(|key| !known.contains(&key.as_str())) {
        worst = worst.max(Some(Reason::NotImplemented));
    }
    let body = match (worst, body) {
        (None, Ok(body)) => body,
        (reason, _) => return Err(reason.unwrap_or(Reason::NotImplemented)),
    };
    let ticks = body.contains(".await");
    let parameters = match (arity, writer.uses_next) {
        (4, _) => {
            let next = if writer.resumes { "Resume" } else { "Next" };
            format!("err: Error, req: &mut Request, res: &mut Response, next: {next}")
        }
        // Two parameters say that it always responds.
        (0..=2, false) => "req: &mut Request, res: &mut Response".to_owned(),
        _ => "req: &mut Request, res: &mut Response, next: Next".to_owned(),
    };
    // A layer that sets the URL or the method declares it.
    let parameters = match writer.rewrites {
        true => parameters.replace("req: &mut Request", "req: &mut Rewrite"),
        false => parameters,
    };
    Ok(Function {
        attribute: if arity == 4 { "error_handler" } else { "middleware" }.to_owned(),
        parameters,
        body,
        can_be_plain: !is_async && !ticks,
    })
}

/// What the function has done before this action.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    ticked: bool,
    wrote: bool,
}

struct Writer {
    place: Place,
    is_async: bool,
    uses_next: bool,
    resumes: bool,
    rewrites: bool,
}

impl Writer {
    /// Actions up to the one that ends the function, as a block that ends with its value.
    fn block(&mut self, actions: &[Value], mut state: State) -> Result<String, Reason> {
        let mut out = String::new();
        for (i, action) in actions.iter().enumerate() {
            let rest = &actions[i + 1..];
            let place = Place { after_write: state.wrote, ..self.place };
            match action["do"].as_str().unwrap_or_default() {
                "tick" if state.wrote => out.push_str("chunks.tick();\n"),
                "tick" => {
                    state.ticked = true;
                    out.push_str("tokio::task::yield_now().await;\n");
                }
                "trace" => {
                    let label = template::text(string(&action["label"])?, place)?;
                    out.push_str(&format!("let label = String::from({label});\ntrace(req, label);\n"));
                }
                "write" => {
                    if !state.wrote {
                        out.push_str("let mut chunks = Chunks::default();\n");
                    }
                    let text = template::text(string(&action["text"])?, place)?;
                    out.push_str(&format!("chunks.write({text});\n"));
                    state.wrote = true;
                }
                "end" if state.wrote => {
                    let text = end_text(action, place)?;
                    out.push_str(&format!("chunks.write({text});\nlet done = res.stream(chunks)?;\n"));
                    return self.after_response(out, rest);
                }
                "end" => {
                    let text = end_text(action, place)?;
                    out.push_str(&format!("let done = res.end({text})?;\n"));
                    return self.after_response(out, rest);
                }
                // Here the head is sent with the response.
                "write_head" => return Err(Reason::WriteBeforeNext),
                _ if state.wrote => return Err(Reason::WriteBeforeNext),
                "send" | "json" | "send_status" | "redirect" if self.place.engine == Engine::Express => {
                    let call = response::call(action, place)?;
                    out.push_str(&format!("let done = {call}?;\n"));
                    return self.after_response(out, rest);
                }
                "header" => {
                    let name = string(&action["name"])?;
                    let values = error::header_values(&action["value"])?;
                    if values.iter().any(|value| !error::is_header(name, value)) {
                        return Err(Reason::NoErrorOrArity);
                    }
                    match &values[..] {
                        [one] => {
                            let value = template::text(one, place)?;
                            out.push_str(&format!(
                                "let value = String::from({value});\nres.set({name:?}, value);\n"
                            ));
                        }
                        list => {
                            out.push_str(&format!("res.remove({name:?});\n"));
                            for value in list {
                                out.push_str(&format!("res.append({name:?}, {value:?});\n"));
                            }
                        }
                    }
                }
                "status" => {
                    // Any other is an error, which JavaScript throws, and again for every later response.
                    let code = action["code"].as_u64().filter(|code| (100..1000).contains(code));
                    out.push_str(&format!("res.status({}u16);\n", code.ok_or(Reason::NoErrorOrArity)?));
                }
                "set_url" => {
                    self.rewrites = true;
                    let value = string(&action["value"])?;
                    if !template::is_filled_in(value) && !translate::is_target(value) {
                        return Err(Reason::RefusedByHyper);
                    }
                    let url = template::text(value, place)?;
                    out.push_str(&format!("let url = String::from({url});\nreq.set_url(&url)?;\n"));
                }
                "set_method" => {
                    self.rewrites = true;
                    let method = string(&action["value"])?;
                    if http::Method::from_bytes(method.as_bytes()).is_err() {
                        return Err(Reason::RefusedByHyper);
                    }
                    out.push_str(&format!("req.set_method(method({method:?}));\n"));
                }
                "next" => {
                    // To wait, with nothing to do afterwards, is nothing.
                    if rest.iter().any(|action| action["do"] != "tick") {
                        return Err(Reason::ContinuesAfterNext);
                    }
                    return Ok(out + &self.next(action, place)?);
                }
                "throw" => {
                    if state.ticked && !self.is_async {
                        return Err(Reason::PromiseOrTiming);
                    }
                    let failure = error::failure(&action["error"], place)?;
                    if self.is_async && matches!(failure, Failure::Falsy) {
                        return Err(Reason::PromiseOrTiming);
                    }
                    return Ok(out + &self.fail(failure, false));
                }
                "return_rejected" => {
                    let error = action.get("error").ok_or(Reason::PromiseOrTiming)?;
                    return match error::failure(error, place)? {
                        Failure::Falsy => Err(Reason::PromiseOrTiming),
                        failure => Ok(out + &self.fail(failure, false)),
                    };
                }
                "if" => {
                    let condition = condition(&action["cond"])?;
                    let then = self.block(&branch(&action["then"], rest), state)?;
                    let otherwise = self.block(&branch(&action["else"], rest), state)?;
                    return Ok(format!("{out}if {condition} {{\n{then}}} else {{\n{otherwise}}}\n"));
                }
                _ => return Err(Reason::NotImplemented),
            }
        }
        Err(Reason::NeitherRespondsNorCallsNext)
    }

    /// The actions after a response: those that change nothing on the wire are allowed.
    fn after_response(&self, mut out: String, rest: &[Value]) -> Result<String, Reason> {
        for action in rest {
            match action["do"].as_str().unwrap_or_default() {
                "trace" => {
                    let place = Place { after_write: true, ..self.place };
                    let label = template::text(string(&action["label"])?, place)?;
                    out.push_str(&format!("let label = String::from({label});\ntrace(req, label);\n"));
                }
                "tick" => out.push_str("tokio::task::yield_now().await;\n"),
                _ => return Err(Reason::WriteBeforeNext),
            }
        }
        out.push_str("Ok(done)\n");
        Ok(out)
    }

    fn next(&mut self, action: &Value, place: Place) -> Result<String, Reason> {
        self.uses_next = true;
        let failure = if let Some(error) = action.get("error") {
            error::failure(error, place)?
        } else if let Some(signal) = action.get("signal") {
            error::text_value(string(signal)?, place)?
        } else if action["same_error"] == true {
            if !place.with_error {
                return Err(Reason::NoErrorOrArity);
            }
            Failure::Error("err".to_owned())
        } else {
            return Ok(format!("{}\n", self.go_on()));
        };
        Ok(self.fail(failure, true))
    }

    /// Without an error: to the next layer, or from an error handler back to the normal track.
    fn go_on(&mut self) -> &'static str {
        self.uses_next = true;
        if self.place.with_error {
            self.resumes = true;
            "next.resume()"
        } else {
            "next.pass()"
        }
    }

    fn fail(&mut self, failure: Failure, by_next: bool) -> String {
        match failure {
            Failure::Error(err) if by_next => format!("next.fail({err})\n"),
            Failure::Error(err) => format!("Err({err})\n"),
            Failure::LeaveRouter | Failure::LeaveRoute => {
                self.go_on();
                let what = if matches!(failure, Failure::LeaveRoute) { "route" } else { "router" };
                format!("next.{what}()\n")
            }
            Failure::Falsy => {
                let fail = if by_next { "next.fail(err)" } else { "Err(err)" };
                let on = self.go_on();
                format!("match None::<Error> {{\nSome(err) => {fail},\nNone => {on},\n}}\n")
            }
        }
    }
}

fn end_text(action: &Value, place: Place) -> Result<String, Reason> {
    match action.get("text") {
        None | Some(Value::Null) => Ok("\"\"".to_owned()),
        Some(Value::String(text)) => template::text(text, place),
        Some(_) => Err(Reason::NotImplemented),
    }
}

fn branch(actions: &Value, rest: &[Value]) -> Vec<Value> {
    actions.as_array().into_iter().flatten().chain(rest).cloned().collect()
}

fn condition(condition: &Value) -> Result<String, Reason> {
    let object = condition.as_object().ok_or(Reason::NotImplemented)?;
    let value = match (object.get("header"), object.get("param")) {
        (Some(Value::String(name)), None) => format!("req.header({name:?})"),
        (None, Some(Value::String(name))) => format!("req.params().get({name:?}).as_deref()"),
        _ => return Err(Reason::NotImplemented),
    };
    let mut others = object.iter().filter(|(key, _)| *key != "header" && *key != "param");
    match (others.next(), others.next()) {
        (None, _) => Ok(format!("{value}.is_some()")),
        (Some((key, Value::Bool(true))), None) if key == "absent" => Ok(format!("{value}.is_none()")),
        (Some((key, Value::String(text))), None) if key == "eq" => Ok(format!("{value} == Some({text:?})")),
        _ => Err(Reason::NotImplemented),
    }
}

fn string(value: &Value) -> Result<&str, Reason> {
    value.as_str().ok_or(Reason::NotImplemented)
}
