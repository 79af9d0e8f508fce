//! What is worth compressing.

/// Types that are compressed beside `text/*`, `*+json`, `*+xml` and `*+text`.
const TYPES: &[&str] = &[
    "application/ecmascript",
    "application/javascript",
    "application/json",
    "application/ndjson",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-sh",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/yaml",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
    "image/x-icon",
];

/// Whether bodies of this `Content-Type` get smaller when they are compressed: texts, JSON, XML, JavaScript, SVG, WebAssembly, fonts
/// without compression of their own. Server-sent events are not among them.
#[must_use]
pub fn is_compressible(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let begins =
        |prefix: &str| essence.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    let ends = |suffix: &str| {
        let at = essence.len().checked_sub(suffix.len());
        at.and_then(|at| essence.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
    };
    if begins("text/") {
        return !essence.eq_ignore_ascii_case("text/event-stream");
    }
    ends("+json")
        || ends("+xml")
        || ends("+text")
        || TYPES.iter().any(|known| essence.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::is_compressible;

    #[test]
    fn texts_are_compressible_and_what_is_compressed_is_not() {
        for yes in [
            "text/html; charset=utf-8",
            "TEXT/plain",
            "application/JSON",
            "image/svg+xml",
            "application/vnd.api+json;v=1",
        ] {
            assert!(is_compressible(yes), "{yes}");
        }
        for no in [
            "text/event-stream",
            "image/png",
            "application/octet-stream",
            "video/mp4",
            "",
            "json",
            "font/woff2",
        ] {
            assert!(!is_compressible(no), "{no}");
        }
    }
}
