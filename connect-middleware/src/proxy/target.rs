//! The server that requests are sent to, and the path there.

use connect::{Error, Result};
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

/// Where requests go: nothing that a client sends changes the authority, as it is never parsed out of text.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// In front of each path: empty, or with a slash at the beginning and none at the end.
    pub(super) prefix: String,
}

impl Target {
    pub(super) fn parse(text: &str) -> std::result::Result<Self, String> {
        let uri: Uri = text.parse().map_err(|err| format!("`{text}` is not a URL: {err}"))?;
        let scheme = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => Scheme::HTTP,
            Some(scheme) if *scheme == Scheme::HTTPS && cfg!(feature = "proxy-tls") => Scheme::HTTPS,
            Some(scheme) if *scheme == Scheme::HTTPS => {
                return Err(format!("`{text}` needs the feature `proxy-tls` of connect-middleware"));
            }
            _ => return Err(format!("`{text}` begins neither with `http://` nor with `https://`")),
        };
        let authority = uri.authority().cloned().ok_or_else(|| format!("`{text}` has no host"))?;
        if authority.as_str().contains('@') || uri.query().is_some() || text.contains('#') {
            return Err(format!("`{text}` is more than a host with an optional port and an optional path"));
        }
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Target { scheme, authority, prefix })
    }

    /// The URL of a path with the query as the client sent it.
    pub(super) fn uri(&self, path: &str, query: Option<&str>) -> Result<Uri> {
        let mut full =
            String::with_capacity(self.prefix.len() + path.len() + query.map_or(0, |query| query.len() + 1));
        full.push_str(&self.prefix);
        full.push_str(path);
        if let Some(query) = query {
            full.push('?');
            full.push_str(query);
        }
        let path = PathAndQuery::try_from(full)
            .map_err(|err| Error::new(400, "the path cannot be sent on").with_source(err))?;
        let uri =
            Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path);
        uri.build().map_err(Error::from)
    }

    /// What a `Location` of the target is for the client: a path below the mount if it is one of the target's.
    pub(super) fn location(&self, location: &str, mount: &str) -> Option<String> {
        let after_scheme = location.strip_prefix(self.scheme.as_str());
        let path = match after_scheme.and_then(|rest| rest.strip_prefix("://")) {
            Some(rest) => {
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                if !rest[..end].eq_ignore_ascii_case(self.authority.as_str()) {
                    return None;
                }
                &rest[end..]
            }
            None if location.starts_with('/') && !location.starts_with("//") => location,
            None => return None,
        };
        let rest = path.strip_prefix(self.prefix.as_str())?;
        if !(rest.is_empty() || rest.starts_with(['/', '?', '#'])) {
            return None;
        }
        let slash = if rest.starts_with('/') { "" } else { "/" };
        // `//host` would be another host for the client.
        let is_host = mount.is_empty() && (rest.starts_with("//") || rest.starts_with("/\\"));
        (!is_host).then(|| format!("{mount}{slash}{rest}"))
    }
}

/// Whether a path has a segment that leaves its folder, in any spelling that a server may understand.
pub(super) fn has_dot_segments(path: &str) -> bool {
    // Without dots there are none: most paths end here. `%2e` is decoded already, except in what a function returned.
    if !path.contains('.') && !path.contains('%') {
        return false;
    }
    let plain = path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\");
    plain.split(['/', '\\']).any(|segment| {
        // Some servers drop what follows a `;`.
        let segment = segment.split([';']).next().unwrap_or_default();
        let segment = segment.split("%3b").next().unwrap_or_default();
        segment == "." || segment == ".."
    })
}

#[cfg(test)]
mod tests {
    use super::{Target, has_dot_segments};

    #[test]
    fn no_path_changes_the_authority() {
        let target = Target::parse("http://127.0.0.1:3000/v1/").unwrap();
        for path in
            ["//evil.example/x", "/@evil.example", "/\\evil.example", "/http://evil.example/", "/:80@x/"]
        {
            let Ok(uri) = target.uri(path, Some("a=http://evil")) else { continue };
            assert_eq!(uri.authority().unwrap().as_str(), "127.0.0.1:3000", "{path}");
            assert!(uri.path().starts_with("/v1/"), "{uri}");
        }
        let bare = Target::parse("http://a.example").unwrap();
        assert_eq!(bare.uri("//evil.example/x", None).unwrap().authority().unwrap(), "a.example");
    }

    #[test]
    fn a_target_has_a_scheme_of_http_and_only_host_and_path() {
        assert_eq!(Target::parse("https://a").is_ok(), cfg!(feature = "proxy-tls"));
        for text in ["a:80", "/x", "http://u:p@a/", "http://a/?x", "http://", "ftp://a"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
        assert_eq!(Target::parse("http://[::1]:80/a/").unwrap().prefix, "/a");
    }

    #[test]
    fn a_segment_that_leaves_its_folder_is_seen_in_each_spelling() {
        for path in [
            "/..",
            "/a/../b",
            "/./",
            "/a/..;x/b",
            "/%2e%2E/b",
            "/..%2fb",
            "/..%5Cb",
            "/..\\b",
            "/a%2f..",
            "/..%3bx/",
        ] {
            assert!(has_dot_segments(path), "{path}");
        }
        for path in ["/a..b", "/.well-known/x", "/...", "/a.b/c%20d", "/"] {
            assert!(!has_dot_segments(path), "{path}");
        }
    }

    #[test]
    fn a_location_of_the_target_becomes_one_of_the_mount() {
        let target = Target::parse("http://127.0.0.1:3000/v1").unwrap();
        for (location, seen) in [
            ("http://127.0.0.1:3000/v1/x?y", Some("/api/x?y")),
            ("http://127.0.0.1:3000/v1", Some("/api/")),
            ("/v1/x", Some("/api/x")),
            ("/v10/x", None),
            ("http://127.0.0.1:30001/v1/x", None),
            ("https://example.com/", None),
            ("//example.com/", None),
            ("next", None),
        ] {
            assert_eq!(target.location(location, "/api").as_deref(), seen, "{location}");
        }
        let bare = Target::parse("http://a").unwrap();
        assert_eq!(bare.location("http://a//evil.example/", ""), None);
    }
}
