//! Heads and bodies, as a failed assertion shows them.

use std::fmt::Write;

use http::HeaderMap;

/// The most bytes of a body that are shown.
const SHOWN: usize = 4096;

/// A head and a body, each line after a sign.
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
