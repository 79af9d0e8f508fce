//! Requests as they were recorded, and answers in the form in which they are compared.

use std::collections::BTreeMap;
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
        bodies.push(response.text().to_owned());
        answers.push(answer(&response, &case.headers));
    }
    answers
}

fn answer(response: &TestResponse, compared: &[String]) -> Answer {
    let values = |name: &String| -> Vec<String> {
        let values = response.headers().get_all(name.as_str()).iter();
        values.map(|value| normalized(name, value.to_str().unwrap())).collect()
    };
    let headers =
        compared.iter().map(|name| (name.clone(), values(name))).filter(|(_, values)| !values.is_empty());
    let body = match response.text() {
        page if page.starts_with("<!DOCTYPE html>") => "(a page)",
        // Its use is compared, in the requests that follow.
        text if is_token(text) => "(a token)",
        text => text,
    };
    Answer { status: response.status().as_u16(), headers: headers.collect(), body: body.to_owned() }
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
        _ => value.to_owned(),
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
