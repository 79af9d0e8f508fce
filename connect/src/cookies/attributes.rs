//! Checks a cookie's attributes before it is sent.

use cookie::{Cookie, SameSite};

use crate::Error;

/// Prefixes of names that require attributes. Clients compare them without case (RFC 6265bis, section 4.1.3).
const SECURE: &str = "__Secure-";
const HOST: &str = "__Host-";

/// Whether a client keeps a cookie of this name only with `Secure`.
pub(super) fn needs_secure(name: &str) -> bool {
    begins(name, SECURE) || begins(name, HOST)
}

fn begins(name: &str, prefix: &str) -> bool {
    name.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Fails for a path or a domain that would be parsed as further attributes, and for a cookie without the attributes
/// that its name requires, which clients silently drop.
pub(super) fn check(cookie: &Cookie<'_>) -> Result<(), Error> {
    let name = cookie.name();
    let refused = |why: String| Err(Error::msg(format!("cannot set the cookie `{name}`: {why}")));
    for (attribute, value) in [("path", cookie.path()), ("domain", cookie.domain())] {
        if let Some(c) = value.and_then(|value| value.chars().find(|c| *c == ';' || c.is_control())) {
            return refused(format!(
                "its {attribute} has a {c:?} in it, which would begin another attribute"
            ));
        }
    }
    if needs_secure(name) && !is_secure(cookie) {
        let prefix = if begins(name, HOST) { HOST } else { SECURE };
        return refused(format!("a name that begins with `{prefix}` needs `secure(true)`"));
    }
    if begins(name, HOST) && (cookie.path() != Some("/") || cookie.domain().is_some()) {
        return refused(format!("a name that begins with `{HOST}` needs the path `/` and no domain"));
    }
    Ok(())
}

/// Whether `Secure` is sent, as the crate `cookie` decides it.
fn is_secure(cookie: &Cookie<'_>) -> bool {
    cookie.secure() == Some(true)
        || cookie.partitioned() == Some(true)
        || cookie.secure().is_none() && cookie.same_site() == Some(SameSite::None)
}

#[cfg(test)]
mod tests {
    use cookie::{Cookie, SameSite};

    use crate::Response;

    /// The header, or the error that sending reports.
    fn set(cookie: impl Into<Cookie<'static>>) -> Result<String, String> {
        let mut res = Response::new();
        res.cookie(cookie);
        match res.text("") {
            Ok(_) => Ok(res.header("set-cookie").unwrap().to_owned()),
            Err(err) => {
                assert_eq!((res.header("set-cookie"), err.status().as_u16()), (None, 500));
                Err(err.to_string())
            }
        }
    }

    #[test]
    fn a_path_or_a_domain_adds_no_attributes() {
        for (cookie, attribute) in [
            (Cookie::build(("a", "1")).path("/x; Domain=evil.com"), "path"),
            (Cookie::build(("a", "1")).path("/x;"), "path"),
            (Cookie::build(("a", "1")).path("/x\r\nset-cookie: b=2"), "path"),
            (Cookie::build(("a", "1")).domain("e.com; Path=/"), "domain"),
            (Cookie::build(("a", "1")).domain("e.com\0"), "domain"),
        ] {
            let err = set(cookie).unwrap_err();
            assert!(err.starts_with(&format!("cannot set the cookie `a`: its {attribute} has a ")), "{err}");
        }
        assert_eq!(set(Cookie::build(("a", "1")).path("/x,y z")).unwrap(), "a=1; Path=/x,y z");
    }

    #[test]
    fn a_name_with_a_prefix_needs_what_it_promises() {
        let secure = |name| Cookie::build((name, "1")).secure(true);
        assert!(set(secure("__Secure-a").path("/x").domain("e.com")).is_ok());
        assert!(set(Cookie::build(("__Secure-a", "1")).same_site(SameSite::None)).is_ok());
        assert!(set(secure("__Host-a")).is_ok() && set(secure("__Host-a").path("/")).is_ok());
        assert!(set(("__Secure", "1")).is_ok() && set(("x__Host-a", "1")).is_ok());
        for cookie in [
            Cookie::build(("__Secure-a", "1")),
            Cookie::build(("__SECURE-a", "1")).secure(false).same_site(SameSite::None),
            Cookie::build(("__Host-a", "1")),
            secure("__Host-a").path("/x"),
            secure("__host-a").path("/").domain("e.com"),
        ] {
            let name = cookie.inner().name().to_owned();
            let err = set(cookie).unwrap_err();
            assert!(err.starts_with(&format!("cannot set the cookie `{name}`: a name that begins")), "{err}");
        }
    }

    #[test]
    fn a_cookie_with_a_prefix_can_be_cleared_by_its_name() {
        let mut res = Response::new();
        let _ = res.clear_cookie("__Host-sid").clear_cookie("__Secure-sid").text("").unwrap();
        for line in res.headers().get_all("set-cookie") {
            assert!(
                line.to_str().unwrap().contains("; Secure; Path=/; Expires=Thu, 01 Jan 1970"),
                "{line:?}"
            );
        }
    }
}
