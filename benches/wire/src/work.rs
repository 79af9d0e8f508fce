//! The requests that are sent, and the responses that are expected.

use crate::load::{Expected, Load, Pace};

const HEADERS: &str = "host: localhost\r\naccept: text/html\r\nuser-agent: bench\r\n";

/// The path of the parameter route, and the body of its response.
pub(crate) const USER: (&str, &[u8]) = ("/users/42", b"user 42");

/// The number of connections, by default.
const CONNECTIONS: usize = 64;
/// The number of connections for bodies of a megabyte.
const LONG_CONNECTIONS: usize = 8;
const MEGABYTE: usize = 1 << 20;

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\n{HEADERS}").into_bytes()
}

fn post(path: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\n{HEADERS}content-type: {content_type}\r\ncontent-length: {length}\r\n")
        .into_bytes()
}

/// The parameter route, with `at_once` requests sent together, and `a_connection` requests on a connection.
pub(crate) fn user(at_once: usize, a_connection: Option<usize>) -> Load {
    Load {
        connections: CONNECTIONS,
        at_once,
        a_connection,
        head: get(USER.0),
        body: Vec::new(),
        expected: Expected::Body(USER.1.to_vec()),
    }
}

/// A JSON document of about 300 bytes, answered with one that is a little longer.
pub(crate) fn json() -> Load {
    let names =
        ["Difference engine", "Analytical engine", "Punched cards, 100", "Brass gear", "Crank handle"];
    let items: Vec<String> = names
        .iter()
        .zip(1..)
        .map(|(name, n)| format!(r#"{{"name":"{name}","quantity":{n},"cents":{}}}"#, n * 1000 + 99))
        .collect();
    let items = items.join(",");
    let total: u64 = (1..=5).map(|n| n * (n * 1000 + 99)).sum();
    let order = format!(r#"{{"id":7,"customer":"Ada Lovelace","items":[{items}]}}"#).into_bytes();
    let receipt = format!(r#"{{"id":8,"customer":"Ada Lovelace","items":[{items}],"total":{total}}}"#);
    Load {
        connections: CONNECTIONS,
        at_once: 1,
        a_connection: None,
        head: post("/json", "application/json", &order),
        body: order,
        expected: Expected::Body(receipt.into_bytes()),
    }
}

pub(crate) fn upload() -> Load {
    let body = vec![b'u'; MEGABYTE];
    Load {
        connections: LONG_CONNECTIONS,
        at_once: 1,
        a_connection: None,
        head: post("/upload", "application/octet-stream", &body),
        body,
        expected: Expected::Body(MEGABYTE.to_string().into_bytes()),
    }
}

pub(crate) fn stream() -> Load {
    Load {
        connections: LONG_CONNECTIONS,
        at_once: 1,
        a_connection: None,
        head: get("/stream"),
        body: Vec::new(),
        expected: Expected::Chunks(MEGABYTE),
    }
}

/// The parameter route at a fixed rate, with one request in a thousand to a route that uses the CPU for 2 ms.
pub(crate) fn paced(a_second: f64) -> Pace {
    let whole = |path| [get(path), b"\r\n".to_vec()].concat();
    Pace {
        connections: CONNECTIONS,
        a_second,
        slow_each: 1000,
        fast: (whole(USER.0), Expected::Body(USER.1.to_vec())),
        slow: (whole("/slow"), Expected::Body(b"slow".to_vec())),
    }
}

/// One request of the parameter route, after which a connection is idle.
pub(crate) fn once() -> (Vec<u8>, Expected) {
    let fast = paced(1.0).fast;
    (fast.0, fast.1)
}
