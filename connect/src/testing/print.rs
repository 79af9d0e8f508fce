//! Prints heads and bodies for failed assertions.

use std::fmt::Write;

use http::HeaderMap;

/// How many bytes of a body are shown.
const SHOWN: usize = 4096;

/// Prints a head and a body, with a sign in front of each line.
pub(super) fn message(sign: char, first: &str, headers: &HeaderMap, body: Option<&[u8]>) -> String {
    let mut text = format!("{sign} {first}\n");
    for (name, value) in headers {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{sign} {name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    match body {
        None => {
            let _ = writeln!(text, "{sign}\n{sign} (a stream)");
        }
        Some([]) => {}
        Some(bytes) => {
            let shown = &bytes[..bytes.len().min(SHOWN)];
            let _ = writeln!(text, "{sign}");
            for line in String::from_utf8_lossy(shown).lines() {
                let _ = writeln!(text, "{sign} {line}");
            }
            if bytes.len() > SHOWN {
                let _ = writeln!(text, "{sign} (and {} bytes more)", bytes.len() - SHOWN);
            }
        }
    }
    text
}
