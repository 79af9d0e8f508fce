//! Functions that the generated layers call, for what the recordings have and the library has not.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use connect::{
    BodyError, CookieSecrets, Error, Next, ParamValue, ParsedBody, Request, Response, Result, middleware,
};
use futures_core::Stream;
use http::Method;
use serde_json::{Map, Value, json};

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
        "query" => query(req),
        "body" => body(req),
        "rawbody" => raw_body(req),
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

/// The query as JSON: a list for a key that comes several times.
fn query(req: &Request) -> String {
    let pairs: Vec<(String, Value)> = req.query().expect("pairs of texts fit any query");
    let mut fields = Map::new();
    for (name, value) in pairs {
        match fields.get_mut(&name) {
            None => drop(fields.insert(name, value)),
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = json!([one, value]),
        }
    }
    Value::Object(fields).to_string()
}

/// The parsed body as JSON. Bytes have a form of Node's there.
fn body(req: &Request) -> String {
    let json = match req.parsed_body() {
        None => return "undefined".to_owned(),
        Some(ParsedBody::Raw(bytes)) => json!({ "type": "Buffer", "data": bytes.to_vec() }),
        Some(parsed) => json!(parsed),
    };
    json.to_string()
}

/// The type of the parsed body, and its text.
fn raw_body(req: &Request) -> String {
    match req.parsed_body() {
        None => "undefined:undefined".to_owned(),
        Some(ParsedBody::Text(text)) => format!("string:{text}"),
        Some(ParsedBody::Raw(bytes)) => format!("buffer:{}", String::from_utf8_lossy(bytes)),
        Some(_) => "object:[object Object]".to_owned(),
    }
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
        (None, "expose") if noted.is_none() && err.own_status().is_some() => err.is_exposed().to_string(),
        (None, "type" | "limit" | "length") => field_of_body(name, err).unwrap_or("undefined".to_owned()),
        (None, _) => "undefined".to_owned(),
    }
}

/// A field of an error that a reader of the body made.
fn field_of_body(name: &str, err: &Error) -> Option<String> {
    let err: &BodyError = err.downcast_ref()?;
    match name {
        "type" => Some(err.kind().as_str().to_owned()),
        "limit" => err.limit().map(|limit| limit.to_string()),
        _ => err.length().map(|length| length.to_string()),
    }
}

/// Sends the cookies, and the signed ones apart: `false` for those that were changed.
#[middleware]
pub(crate) fn echo_cookies(req: &mut Request, res: &mut Response) -> Result {
    let secrets = req.provided::<CookieSecrets>();
    let (mut plain, mut signed) = (Map::new(), Map::new());
    for (name, value) in req.cookies().iter() {
        let json = |text: &str| {
            let parsed = text.strip_prefix("j:").and_then(|json| serde_json::from_str(json).ok());
            parsed.unwrap_or_else(|| Value::from(text))
        };
        match secrets.filter(|_| value.starts_with("s:")) {
            Some(secrets) => {
                let value = secrets.unsign(&value).map_or(Value::Bool(false), json);
                signed.insert(name.to_owned(), value);
            }
            None => {
                plain.insert(name.to_owned(), json(&value));
            }
        }
    }
    let both = json!({ "cookies": plain, "signedCookies": signed });
    res.json(both)
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
