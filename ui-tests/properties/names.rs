//! Names of the library in messages.

use std::path::Path;

/// What a message may name: what a user of the library writes or reads about.
pub(crate) const PUBLISHED: &[&str] = &[
    "App",
    "Body",
    "BodyError",
    "BodyErrorKind",
    "BodyLimit",
    "BoundServer",
    "Chain",
    "ConnectionInfo",
    "CookieKeys",
    "CookieSecrets",
    "Cookies",
    "Declared",
    "Declares",
    "Done",
    "Dotfiles",
    "Ended",
    "Engine",
    "Environment",
    "Error",
    "Event",
    "Events",
    "Fact",
    "Facts",
    "Finish",
    "Form",
    "Format",
    "FromError",
    "FromParam",
    "FromRequest",
    "Guarded",
    "Html",
    "IntoError",
    "IntoLayer",
    "IntoStatus",
    "InvalidNetwork",
    "InvalidStatus",
    "Json",
    "Law",
    "Layer",
    "ListedRoute",
    "Listener",
    "MiniJinja",
    "Multipart",
    "Next",
    "Mountable",
    "Outcome",
    "Outermost",
    "Panic",
    "ParamError",
    "ParamValue",
    "ParamsView",
    "ParsedBody",
    "Part",
    "Peer",
    "PlainFn",
    "PlainLayer",
    "Query",
    "ReadsBody",
    "ReadsHead",
    "Ready",
    "Redirect",
    "Request",
    "Responder",
    "Response",
    "Rest",
    "Result",
    "ResultExt",
    "Resume",
    "ErrorHandler",
    "Resumes",
    "Resuming",
    "ResumingLayer",
    "Rewrite",
    "RewritingLayer",
    "StartedApp",
    "Startup",
    "Straight",
    "RouteHandler",
    "RouteUrl",
    "SendFile",
    "Sendable",
    "Sending",
    "ServeStatic",
    "Server",
    "Shutdown",
    "SocketResult",
    "Stack",
    "Stated",
    "StatesFacts",
    "SwitchingProtocols",
    "Tls",
    "TlsInfo",
    "TowerRest",
    "TowerService",
    "TrustProxy",
    "Views",
    "WebSocket",
    "WebSocketReceiver",
    "WebSocketSender",
    "WebSocketUpgrade",
    "With",
    "Writer",
];

/// The types and traits of the library's source that are not published.
pub(crate) fn private(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut exported = String::new();
    read(folder, &mut |text| {
        let mut in_list = false;
        for line in text.lines() {
            // A list of names on lines of their own.
            if in_list || line.starts_with("pub use ") {
                exported += line;
                in_list = !line.ends_with(';');
            }
            let Some(rest) = line.trim_start().strip_prefix("pub") else { continue };
            let rest = rest.strip_prefix("(crate)").or_else(|| rest.strip_prefix("(super)")).unwrap_or(rest);
            let mut words = rest.split_whitespace();
            if let (Some("struct" | "enum" | "trait" | "type"), Some(name)) = (words.next(), words.next()) {
                names.push(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    });
    for name in PUBLISHED {
        assert!(words(&exported).any(|word| word == *name), "`{name}` is not exported by the library");
    }
    // `$name` in a macro.
    names.retain(|name: &String| !name.is_empty() && !PUBLISHED.contains(&name.as_str()));
    names
}

fn read(folder: &Path, each: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, each);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&std::fs::read_to_string(path).unwrap());
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).flat_map(|path| path.split("::"))
}

/// Names in a message that are not published: types and traits, and paths through the library's modules.
pub(crate) fn strange(text: &str, private: &[String]) -> Vec<String> {
    let mut strange: Vec<String> = words(text)
        .filter(|word| word.starts_with("__") || private.iter().any(|name| name == word))
        .map(str::to_owned)
        .collect();
    let paths = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    for path in paths.filter(|path| path.starts_with("connect::")) {
        let inside: Vec<_> = path.trim_end_matches(':').split("::").skip(1).collect();
        let foreign = matches!(inside[..], ["bytes" | "http", ..]);
        if !foreign && !matches!(inside[..], [name, ..] if PUBLISHED.contains(&name)) {
            strange.push(path.to_owned());
        }
    }
    strange.sort();
    strange.dedup();
    strange
}
