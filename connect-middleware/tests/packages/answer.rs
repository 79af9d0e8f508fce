//! Requests as they were recorded, and answers in the form in which they are compared.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::time::{SystemTime, UNIX_EPOCH};

use connect::cookie::Cookie;
use connect::testing::{Client, TestResponse};
use serde::{Deserialize, Serialize};

/// `recorded.json`.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    pub versions: BTreeMap<String, String>,
    pub cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
pub struct Case {
    pub package: String,
    pub case: String,
    pub configuration: String,
    /// The text of the configuration on the side of Express.
    pub express: String,
    /// The headers that are compared.
    pub headers: Vec<String>,
    pub exchanges: Vec<Exchange>,
}

#[derive(Debug, Deserialize)]
pub struct Exchange {
    pub request: Sent,
    pub answer: Answer,
}

#[derive(Debug, Deserialize)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, Vec<String>>,
    pub body: String,
}

/// Sends the requests of a case, one after the other, and keeps cookies.
pub async fn ask(client: &Client, case: &Case) -> Vec<Answer> {
    let mut bodies: Vec<String> = Vec::new();
    let mut answers = Vec::new();
    for Exchange { request, .. } in &case.exchanges {
        // `{0}` stands for the body of the first answer.
        let filled = |text: &str| {
            bodies
                .iter()
                .enumerate()
                .fold(text.to_owned(), |text, (at, body)| text.replace(&format!("{{{at}}}"), body))
        };
        let mut builder = client.request(request.method.parse().unwrap(), &filled(&request.path));
        for (name, value) in &request.headers {
            builder = builder.header(name.as_str(), filled(value));
        }
        let response = builder.body(filled(&request.body)).send().await;
        let body = decoded(&response);
        answers.push(answer(&response, &body, case));
        bodies.push(body);
    }
    answers
}

fn answer(response: &TestResponse, body: &str, case: &Case) -> Answer {
    let values = |name: &String| -> Vec<String> {
        let values = response.headers().get_all(name.as_str()).iter();
        values.map(|value| normalized(name, value.to_str().unwrap())).collect()
    };
    let headers =
        case.headers.iter().map(|name| (name.clone(), values(name))).filter(|(_, values)| !values.is_empty());
    let is_page = body.get(..15).is_some_and(|begin| begin.eq_ignore_ascii_case("<!doctype html>"));
    let body = match &*case.package {
        "errorhandler" => super::errorhandler::said(body),
        "serve-favicon" if body.starts_with('\0') => "(the icon)".to_owned(),
        _ if is_page => "(a page)".to_owned(),
        "morgan" => super::morgan::normalized(body),
        // Its use is compared, in the requests that follow.
        _ if is_token(body) => "(a token)".to_owned(),
        _ => body.to_owned(),
    };
    Answer { status: response.status().as_u16(), headers: headers.collect(), body }
}

/// The body without its `Content-Encoding`.
fn decoded(response: &TestResponse) -> String {
    let bytes = &**response.bytes();
    let mut text = String::new();
    let _ = match response.header("content-encoding") {
        Some("gzip") if !bytes.is_empty() => {
            flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap()
        }
        Some("br") if !bytes.is_empty() => {
            brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text).unwrap()
        }
        Some("zstd") if !bytes.is_empty() => {
            zstd::Decoder::new(bytes).unwrap().read_to_string(&mut text).unwrap()
        }
        _ => {
            text.push_str(&String::from_utf8_lossy(bytes));
            0
        }
    };
    text
}

/// A token of `CsrfTokens`.
fn is_token(text: &str) -> bool {
    text.len() == 86 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// As `normalized` of `tests/real/packages.cjs`: what is random or a time is replaced.
fn normalized(name: &str, value: &str) -> String {
    match name {
        "set-cookie" => cookie(value),
        "x-ratelimit-reset" => format!("in {} s", tens(value.parse::<i64>().unwrap() - now())),
        "retry-after" | "ratelimit-reset" => tens(value.parse().unwrap()).to_string(),
        "ratelimit" => value.split(';').map(whole_tens).collect::<Vec<_>>().join(";"),
        "content-security-policy" => {
            let mut parts = value.split("'nonce-");
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |text, part| {
                text + "'nonce-*'" + part.split_once('\'').map_or("", |(_, rest)| rest)
            })
        }
        "x-response-time" | "x-took" => time(value),
        // What a tag is made of is each one's own.
        "etag" => match value.split_once('"') {
            Some((weak, tag)) if tag.contains('-') || tag.len() > 32 => format!("{weak}\"*\""),
            _ => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}

/// A time without its digits: what is left is how many there are.
fn time(value: &str) -> String {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = value.split_at(digits(value));
    let whole = if whole.is_empty() { "" } else { "*" };
    match rest.strip_prefix('.') {
        Some(fraction) => {
            let (fraction, unit) = fraction.split_at(digits(fraction));
            format!("{whole}.{}{unit}", "*".repeat(fraction.len()))
        }
        None => format!("{whole}{rest}"),
    }
}

fn whole_tens(part: &str) -> String {
    match part.trim().split_once('=') {
        Some((key @ ("t" | "reset"), seconds)) => format!("{key}={}", tens(seconds.parse().unwrap())),
        _ => part.to_owned(),
    }
}

/// Up to the next multiple of ten, so that a slow machine has the same.
fn tens(seconds: i64) -> i64 {
    (seconds + 9).div_euclid(10) * 10
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

fn cookie(line: &str) -> String {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let expires = Cookie::parse(line).ok().and_then(|cookie| cookie.expires_datetime());
    let shown = |attribute: &str| match (attribute.trim().to_ascii_lowercase(), expires) {
        (text, Some(date)) if text.starts_with("expires=") => match date.unix_timestamp() - now() {
            ..0 => "expires=past".to_owned(),
            seconds => format!("expires=in {} s", tens(seconds)),
        },
        (text, _) => text,
    };
    let mut attributes: Vec<String> =
        attributes.split(';').filter(|text| !text.is_empty()).map(shown).collect();
    attributes.sort();
    attributes.insert(0, format!("{name}={}", if value.is_empty() { "" } else { "*" }));
    attributes.join("; ")
}
