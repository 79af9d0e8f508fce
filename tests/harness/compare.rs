//! A recorded exchange, and how a response differs from it.

use std::net::SocketAddr;

use serde_json::Value;

use super::client::{Head, RawResponse};

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Outcome {
    #[default]
    Complete,
    /// Nothing came.
    NoBytes,
    /// Something came, and the end did not.
    Unfinished,
    /// The connection was closed before the end.
    Aborted,
    /// Recorded in words that are not known here.
    Unknown,
}

impl Outcome {
    fn recorded(text: &str) -> Self {
        match text {
            "complete" => Outcome::Complete,
            "incomplete" => Outcome::Aborted,
            text if text.starts_with("aborted") => Outcome::Aborted,
            text if text.starts_with("hang: no response bytes") => Outcome::NoBytes,
            text if text.starts_with("hang") => Outcome::Unfinished,
            _ => Outcome::Unknown,
        }
    }

    pub(crate) fn is_hang(self) -> bool {
        matches!(self, Outcome::NoBytes | Outcome::Unfinished)
    }
}

/// A recorded request, and the response to it.
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    response: Value,
    pub(crate) outcome: Outcome,
    /// Whether the server closes the connection, where that was recorded.
    pub(crate) closes: Option<bool>,
}

impl Exchange {
    pub(crate) fn parse(json: &str) -> Exchange {
        let value: Value = serde_json::from_str(json).expect("the build script wrote JSON");
        let (request, response) = (&value["request"], &value["response"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let headers = request["headers"].as_object().into_iter().flatten();
        let headers = headers.flat_map(|(name, value)| {
            let values = match value {
                Value::Array(list) => list.iter().map(text).collect(),
                value => vec![text(value)],
            };
            values.into_iter().map(|value| (name.clone(), value))
        });
        Exchange {
            method: text(&request["method"]),
            target: text(&request["target"]),
            headers: headers.collect(),
            body: body(&request["body"]),
            outcome: Outcome::recorded(response["outcome"].as_str().unwrap_or("complete")),
            closes: response["connection_after"].as_str().map(|after| after.starts_with("closed")),
            response: response.clone(),
        }
    }

    /// The request as it goes on the wire: what the recorder sent, which asked for the connection to be closed
    /// unless that is what was looked at.
    pub(crate) fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let mut add = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        let has = |name: &str| self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !has("host") {
            add("Host", &address.to_string());
        }
        if !has("connection") && self.closes.is_none() {
            add("Connection", "close");
        }
        for (name, value) in &self.headers {
            add(name, value);
        }
        if let Some(body) = self.body.as_ref().filter(|_| !has("content-length") && !has("transfer-encoding"))
        {
            add("Content-Length", &body.len().to_string());
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(self.body.iter().flatten());
        bytes
    }
}

/// A body. A long one is recorded as `x repeated 50000 times`.
fn body(value: &Value) -> Option<Vec<u8>> {
    let text = match value {
        Value::String(text) => text,
        Value::Object(object) => object.get("bytes")?.as_str()?,
        _ => return None,
    };
    let repeated = text.split_once(" repeated ").and_then(|(piece, times)| {
        let times: usize = times.strip_suffix(" times")?.parse().ok()?;
        Some(piece.repeat(times).into_bytes())
    });
    Some(repeated.unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// How a response differs from the recorded one.
pub(crate) fn differences(exchange: &Exchange, response: &RawResponse) -> Vec<String> {
    let recorded = &exchange.response;
    let mut found = Vec::new();
    let mut compare = |what: &str, expected: String, got: String| {
        if expected != got {
            found.push(format!("{what}\n      recorded: {expected:?}\n      received: {got:?}"));
        }
    };
    compare("outcome", format!("{:?}", exchange.outcome), format!("{:?}", response.outcome));
    let empty = Head::default();
    let head = response.head.as_ref().unwrap_or(&empty);
    compare("status", recorded["status"].as_u64().unwrap_or(0).to_string(), head.status.to_string());
    if let Some(reason) = recorded["reason"].as_str() {
        compare("reason phrase", reason.to_owned(), head.reason.clone());
    }
    let got = String::from_utf8_lossy(&response.body);
    let expected = recorded["body"].as_str().unwrap_or_default();
    let (expected, shorter) = Page::of(expected, &got);
    for (name, value) in recorded["headers"].as_object().into_iter().flatten() {
        let expected = match value {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        };
        let expected = match expected.parse::<usize>() {
            Ok(length) if name == "content-length" => (length - shorter.min(length)).to_string(),
            _ => expected,
        };
        compare(&format!("header `{name}`"), expected, head.all(name).collect::<Vec<_>>().join(", "));
    }
    if !expected.matches(&got) {
        compare("body", expected.text(), got.into_owned());
    }
    if let Some(closes) = exchange.closes {
        let word = |closed| if closed { "closed" } else { "left open" };
        compare("connection", word(closes).to_owned(), response.closed.map_or("?", word).to_owned());
    }
    found
}

/// An expected body, in which any text may stand in the place of `{{STACK}}`.
struct Page(String);

impl Page {
    /// Where the page begins with the class of a JavaScript error and the one that came does not, that goes; with
    /// it comes how much shorter the body is for it.
    fn of(expected: &str, got: &str) -> (Self, usize) {
        let whole = Page(expected.to_owned());
        let without_class = expected.split_once("<pre>").and_then(|(before, text)| {
            // An error without a message is its class alone.
            let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
            let (class, text) = text.split_at(end);
            let text = text.strip_prefix(": ").or(text.starts_with("{{STACK}}").then_some(text))?;
            class.ends_with("Error").then(|| format!("{before}<pre>{text}"))
        });
        match without_class {
            Some(text) if !whole.matches(got) => {
                let shorter = expected.len() - text.len();
                (Page(text), shorter)
            }
            _ => (whole, 0),
        }
    }

    fn matches(&self, got: &str) -> bool {
        let pieces: Vec<&str> = self.0.split("{{STACK}}").collect();
        let [first, between @ .., last] = &pieces[..] else { return self.0 == got };
        let Some(mut rest) = got.strip_prefix(first) else { return false };
        for piece in between {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}
