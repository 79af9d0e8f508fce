//! The origins whose pages may open a WebSocket (RFC 6455, section 10.2).

use http::Uri;
use http::header::ORIGIN;

use crate::{Error, Request, Result};

/// The origin of a handshake, and whether it is allowed.
pub(super) struct Origin {
    /// As the browser sent it; `None` if the client is not a browser.
    sent: Option<String>,
    allowed: bool,
    /// A value given to `origins` that is not an origin.
    malformed: Option<String>,
}

impl Origin {
    /// By default, pages of the same host and clients that are not browsers are allowed.
    pub(super) fn of(req: &Request) -> Self {
        let sent =
            req.headers().get(ORIGIN).map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned());
        let allowed = sent.as_deref().is_none_or(|origin| is_same(req, origin));
        Origin { sent, allowed, malformed: None }
    }

    pub(super) fn allow_all(&mut self) {
        self.allowed = true;
    }

    pub(super) fn allow_only<O: AsRef<str>>(&mut self, origins: impl IntoIterator<Item = O>) {
        self.allowed = self.sent.is_none();
        for origin in origins {
            let origin = origin.as_ref();
            if !is_origin(origin) {
                self.malformed = Some(origin.to_owned());
            }
            self.allowed |= self.sent.as_deref().is_some_and(|sent| sent.eq_ignore_ascii_case(origin));
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        if let Some(origin) = &self.malformed {
            return Err(Error::msg(format!(
                "`{origin}`, given to `origins`, is not an origin: write it as browsers do, `https://example.com`, with \
                 a port only if it is not the default one, and nothing after it"
            )));
        }
        match &self.sent {
            Some(origin) if !self.allowed => Err(Error::new(
                403,
                format!(
                    "pages of `{origin}` may not open a WebSocket here; `WebSocketUpgrade::origins` sets which may"
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Whether a page is of the host that the request is for.
///
/// The scheme is compared only if the request is known to be encrypted: a proxy that is not trusted may have decrypted it.
fn is_same(req: &Request, origin: &str) -> bool {
    // Only the browser can set this header; behind a proxy the host may differ.
    if req.header("sec-fetch-site") == Some("same-origin") {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let usual = match scheme {
        "http" if !req.secure() => ":80",
        "https" => ":443",
        _ => return false,
    };
    let bare = |host| str::strip_suffix(host, usual).unwrap_or(host);
    req.host().is_some_and(|host| bare(host).eq_ignore_ascii_case(bare(authority)))
}

/// Whether a text is an origin, as browsers write it (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let usual = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    // Rejects anything after the authority, and user information in it.
    text.len() == scheme.len() + "://".len() + authority.as_str().len()
        && !authority.as_str().contains('@')
        // A port after the host must not be the default one, which browsers omit.
        && (authority.as_str() == authority.host() || authority.port_u16().is_some_and(|port| Some(port) != usual))
}

#[cfg(test)]
mod tests {
    use super::{Origin, is_origin};
    use crate::Request;

    fn request(headers: &[(&str, &str)]) -> Request {
        let builder = http::Request::get("/");
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        builder.body("").unwrap().into()
    }

    fn is_allowed(headers: &[(&str, &str)], encrypted: bool) -> bool {
        Origin::of(request(headers).set_encrypted(encrypted)).check().is_ok()
    }

    #[test]
    fn pages_of_the_same_host_and_other_clients_are_allowed() {
        for (host, origin, allowed) in [
            ("example.com", "https://example.com", true),
            ("example.com", "http://example.com", true),
            ("example.com:3000", "http://example.com:3000", true),
            ("EXAMPLE.com", "http://example.COM", true),
            ("example.com:80", "http://example.com", true),
            ("example.com:443", "https://example.com", true),
            ("[::1]:3000", "http://[::1]:3000", true),
            ("example.com", "https://evil.com", false),
            ("example.com", "https://example.com.evil.com", false),
            ("example.com", "https://evil.com/https://example.com", false),
            ("example.com", "https://sub.example.com", false),
            ("example.com", "http://example.com:3000", false),
            ("example.com:3000", "http://example.com:3001", false),
            ("example.com:80", "https://example.com", false),
            ("example.com", "null", false),
            ("example.com", "", false),
            ("example.com", "file://", false),
            ("example.com", "ftp://example.com", false),
        ] {
            assert_eq!(is_allowed(&[("host", host), ("origin", origin)], false), allowed, "{host} {origin}");
        }
        assert!(is_allowed(&[("host", "example.com")], false));
        assert!(is_allowed(&[], false));
        assert!(!is_allowed(&[("origin", "http://example.com")], false));
    }

    #[test]
    fn a_page_over_http_is_of_another_origin_than_the_same_page_over_https() {
        let page = |origin| is_allowed(&[("host", "example.com"), ("origin", origin)], true);
        assert!(page("https://example.com"));
        assert!(!page("http://example.com"));
    }

    #[test]
    fn sec_fetch_site_same_origin_is_allowed_behind_a_proxy_that_changes_the_host() {
        let site = |site| {
            is_allowed(
                &[("host", "internal"), ("origin", "https://example.com"), ("sec-fetch-site", site)],
                false,
            )
        };
        assert!(site("same-origin"));
        assert!(!site("same-site"));
        assert!(!site("cross-site"));
    }

    #[test]
    fn of_listed_origins_only_those_are_allowed() {
        let listed = |sent: &str| {
            let mut origin = Origin::of(&request(&[("host", "api.com"), ("origin", sent)]));
            origin.allow_only(["https://a.com", "http://localhost:5173"]);
            origin.check().is_ok()
        };
        assert!(listed("https://a.com"));
        assert!(listed("http://localhost:5173"));
        assert!(!listed("http://a.com"));
        assert!(!listed("http://localhost"));
        // With DNS rebinding, the host of the attacker's page is also the host of the request.
        assert!(!listed("http://api.com"));
    }

    #[test]
    fn a_malformed_origin_is_a_mistake_in_the_program() {
        for origin in [
            "example.com",
            "https://example.com/",
            "https://example.com/x",
            "https://example.com:443",
            "",
            "*",
        ] {
            assert!(!is_origin(origin), "{origin}");
            let mut of = Origin::of(&request(&[]));
            of.allow_only([origin]);
            assert_eq!(of.check().unwrap_err().status(), 500, "{origin}");
        }
        for origin in ["https://example.com", "http://localhost:3000", "http://[::1]:80000", "app://local"] {
            assert_eq!(is_origin(origin), origin != "http://[::1]:80000", "{origin}");
        }
    }
}
