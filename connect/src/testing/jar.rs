//! The cookies that an app has set in a test client.

use cookie::time::OffsetDateTime;
use cookie::{Cookie, Expiration};
use http::HeaderMap;
use http::header::SET_COOKIE;

/// Cookies of one host, by name and path (RFC 6265, section 5.3). `Domain`, `Secure` and `SameSite` do not matter, because
/// there is one host.
#[derive(Default)]
pub(super) struct Jar {
    cookies: Vec<Cookie<'static>>,
}

impl Jar {
    /// Stores the cookies that a response to a request for `path` sets.
    pub(super) fn keep(&mut self, headers: &HeaderMap, path: &str) {
        for value in headers.get_all(SET_COOKIE) {
            let Some(mut cookie) = value.to_str().ok().and_then(|text| Cookie::parse(text.to_owned()).ok())
            else {
                continue;
            };
            if !cookie.path().is_some_and(|path| path.starts_with('/')) {
                cookie.set_path(default_path(path).to_owned());
            }
            self.cookies.retain(|kept| (kept.name(), kept.path()) != (cookie.name(), cookie.path()));
            if !is_expired(&cookie) {
                self.cookies.push(cookie);
            }
        }
    }

    /// The `cookie` header of a request for `path`.
    pub(super) fn header(&self, path: &str) -> Option<String> {
        let mut fitting: Vec<_> =
            self.cookies.iter().filter(|cookie| fits(cookie.path().unwrap_or("/"), path)).collect();
        // Longer paths first; of equal ones the older (section 5.4).
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path().map_or(0, str::len)));
        let pairs: Vec<String> =
            fitting.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.cookies.iter().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }
}

/// RFC 6265, section 5.1.4.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

fn fits(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

fn is_expired(cookie: &Cookie<'_>) -> bool {
    match (cookie.max_age(), cookie.expires()) {
        (Some(age), _) => !age.is_positive(),
        (None, Some(Expiration::DateTime(time))) => time <= OffsetDateTime::now_utc(),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Jar;
    use http::HeaderMap;
    use http::header::SET_COOKIE;

    fn set(jar: &mut Jar, path: &str, cookies: &[&'static str]) {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, http::HeaderValue::from_static(cookie));
        }
        jar.keep(&headers, path);
    }

    #[test]
    fn a_cookie_is_sent_below_its_path_until_it_expires() {
        let mut jar = Jar::default();
        set(&mut jar, "/user/login", &["a=1; Path=/", "b=2", "c=3; Path=/admin"]);
        assert_eq!(jar.header("/user/7").as_deref(), Some("b=2; a=1"));
        assert_eq!(jar.header("/users").as_deref(), Some("a=1"));
        assert_eq!(jar.header("/admin").as_deref(), Some("c=3; a=1"));
        set(
            &mut jar,
            "/",
            &["a=; Path=/; Max-Age=0", "c=; Path=/admin; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
        );
        assert_eq!(jar.header("/admin"), None);
        assert_eq!(jar.value("b").as_deref(), Some("2"));
    }
}
