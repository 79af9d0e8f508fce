//! What the generated layers call: the words of the recordings that are no words of the library.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use connect::{Error, Next, ParamValue, Request, Response, Result, middleware};
use futures_core::Stream;
use http::Method;
use serde_json::Value;

/// What `trace` has noted for a request.
#[derive(Clone, Default)]
struct Trace(Vec<String>);

/// Notes a label.
pub(crate) fn trace(req: &mut Request, label: String) {
    req.extensions_mut().get_or_insert_default::<Trace>().0.push(label);
}

/// The fields that an error has in JavaScript.
#[derive(Clone)]
struct Fields(&'static [(&'static str, &'static str)]);

/// Notes the fields of the error that the request fails with.
pub(crate) fn note_fields(req: &mut Request, fields: &'static [(&'static str, &'static str)]) {
    req.extensions_mut().insert(Fields(fields));
}

/// Fills in a template.
pub(crate) fn fill(template: &str, req: &Request, res: &Response, err: Option<&Error>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let word =
            after.split_once('}').and_then(|(word, after)| Some((word_of(word, req, res, err)?, after)));
        rest = match word {
            Some((text, after)) => {
                out.push_str(&text);
                after
            }
            None => {
                out.push('{');
                after
            }
        };
    }
    out + rest
}

fn word_of(word: &str, req: &Request, res: &Response, err: Option<&Error>) -> Option<String> {
    Some(match word {
        "url" => req.url().into_owned(),
        "originalUrl" => req.original_uri().to_string(),
        "baseUrl" => req.mount_path().to_owned(),
        "path" => req.path().to_owned(),
        "method" => req.method().to_string(),
        "params" => params(req),
        "route" => req.route().unwrap_or("none".to_owned()),
        _ if word.starts_with("params.") => req
            .params()
            .get(&word["params.".len()..])
            .map_or("undefined".to_owned(), |text| text.into_owned()),
        "headersSent" => res.is_finished().to_string(),
        "trace" => req.extensions().get::<Trace>().map(|trace| trace.0.join(",")).unwrap_or_default(),
        "err" => err?.to_string(),
        _ if word.starts_with("err.") => field(&word["err.".len()..], req, err?),
        _ => return None,
    })
}

/// The parameters as JSON: the outermost first, and of two with one name the place of the first and the value of
/// the second.
fn params(req: &Request) -> String {
    let mut all: Vec<(&str, Value)> = Vec::new();
    for (name, given) in req.params().iter().collect::<Vec<_>>().into_iter().rev() {
        let value = match given {
            ParamValue::Text(text) => Value::from(text),
            ParamValue::Segments(list) => Value::from(list),
        };
        match all.iter_mut().find(|(other, _)| *other == name) {
            Some(known) => known.1 = value,
            None => all.push((name, value)),
        }
    }
    let fields: Vec<String> =
        all.iter().map(|(name, value)| format!("{}:{value}", Value::from(*name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// A field of an error. One that was never set is `undefined` in JavaScript.
fn field(name: &str, req: &Request, err: &Error) -> String {
    let noted = req.extensions().get::<Fields>();
    let field = noted.and_then(|fields| fields.0.iter().find(|(other, _)| *other == name));
    let status = || err.own_status().map(|status| status.as_u16().to_string());
    match (field, name) {
        (Some((_, text)), _) => (*text).to_owned(),
        (None, "message") => err.to_string(),
        // An error that the library made.
        (None, "status" | "statusCode") if noted.is_none() => status().unwrap_or("undefined".to_owned()),
        (None, _) => "undefined".to_owned(),
    }
}

/// A method by its name.
pub(crate) fn method(name: &str) -> Method {
    name.parse().unwrap_or_default()
}

/// What Express sets before all layers.
#[middleware]
pub(crate) fn powered_by(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-powered-by", "Express");
    next.pass()
}

/// A body that is written in pieces, with turns of the event loop between them.
#[derive(Default)]
pub(crate) struct Chunks(VecDeque<Option<Bytes>>);

impl Chunks {
    /// A piece.
    pub(crate) fn write(&mut self, text: impl Into<Bytes>) {
        self.0.push_back(Some(text.into()));
    }

    /// A turn.
    pub(crate) fn tick(&mut self) {
        self.0.push_back(None);
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.pop_front() {
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            piece => Poll::Ready(piece.flatten().map(Ok)),
        }
    }
}
