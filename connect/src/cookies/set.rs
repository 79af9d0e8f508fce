//! The cookies of a response.

use cookie::time::OffsetDateTime;
use cookie::{Cookie, Expiration};
use http::header::{self, HeaderValue};

use super::{CookieKeys, attributes};
use crate::Response;

/// Cookies.
impl Response {
    /// Sets a cookie, in addition to those set before; one of the same name, path and domain is replaced (RFC 6265, section
    /// 4.1.1).
    ///
    /// It is a [`Cookie`] with its attributes, or a name and a value. The value is percent-encoded, and the path is `/` by
    /// default, as in Express. A cookie with `max_age` gets `Expires` too, as in Express, for clients that know only that.
    ///
    /// The cookie is not set, and sending the response fails with status 500, if
    ///
    /// - its path or domain has a `;` or a control character in it, which would begin another attribute;
    /// - its name begins with `__Secure-` and it is not `secure`;
    /// - its name begins with `__Host-` and it is not `secure`, has a domain or another path than `/`.
    ///
    /// Clients drop cookies with such a name and without these attributes (RFC 6265bis, section 4.1.3).
    ///
    /// ```
    /// use connect::{cookie::{time::Duration, Cookie, SameSite}, Response};
    ///
    /// let mut res = Response::new();
    /// res.cookie(("theme", "dark mode"));
    /// assert_eq!(res.header("set-cookie"), Some("theme=dark%20mode; Path=/"));
    ///
    /// let mut res = Response::new();
    /// let cookie = Cookie::build(("sid", "x")).http_only(true).secure(true).same_site(SameSite::Lax);
    /// res.cookie(cookie.max_age(Duration::hours(1)));
    /// let set = res.header("set-cookie").unwrap();
    /// assert!(set.starts_with("sid=x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600; Expires="));
    ///
    /// let mut res = Response::new();
    /// res.cookie(Cookie::build(("__Host-sid", "x")));
    /// let error = res.send("hello").unwrap_err().to_string();
    /// assert_eq!(error, "cannot set the cookie `__Host-sid`: a name that begins with `__Host-` needs `secure(true)`");
    /// ```
    pub fn cookie(&mut self, cookie: impl Into<Cookie<'static>>) -> &mut Self {
        let mut cookie = cookie.into();
        if cookie.path().is_none() {
            cookie.set_path("/");
        }
        if let Err(err) = attributes::check(&cookie) {
            return self.fault(err);
        }
        if let Some(max_age) = cookie.max_age() {
            cookie.set_expires(OffsetDateTime::now_utc().saturating_add(max_age));
        }
        self.remove_cookie(&cookie);
        self.append(header::SET_COOKIE, cookie.encoded().to_string())
    }

    /// Removes the cookies that clients would take another one for.
    fn remove_cookie(&mut self, cookie: &Cookie<'_>) {
        let is_same = |line: &HeaderValue| {
            let other = line.to_str().ok().and_then(|line| Cookie::parse_encoded(line).ok());
            other.is_some_and(|other| {
                let place = |cookie: &Cookie<'_>| {
                    (cookie.path().map(str::to_owned), cookie.domain().map(str::to_ascii_lowercase))
                };
                other.name() == cookie.name() && place(&other) == place(cookie)
            })
        };
        let lines = self.headers().get_all(header::SET_COOKIE);
        if lines.iter().any(is_same) {
            let others: Vec<_> = lines.iter().filter(|line| !is_same(line)).cloned().collect();
            self.remove(header::SET_COOKIE.as_str());
            for line in others {
                self.append(header::SET_COOKIE, line);
            }
        }
    }

    /// Clears a cookie: the client deletes it.
    ///
    /// A cookie that was set with a path or a domain has to be cleared with the same. One whose name begins with `__Secure-`
    /// or `__Host-` gets `Secure`, without which the client would ignore the header.
    ///
    /// ```
    /// use connect::{cookie::Cookie, Response};
    ///
    /// let mut res = Response::new();
    /// res.clear_cookie("sid");
    /// assert_eq!(res.header("set-cookie"), Some("sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
    /// res.clear_cookie(Cookie::build("sid").path("/admin"));
    /// ```
    pub fn clear_cookie(&mut self, cookie: impl Into<Cookie<'static>>) -> &mut Self {
        let mut cookie = cookie.into();
        cookie.set_value("");
        cookie.set_max_age(None);
        cookie.set_expires(Expiration::DateTime(OffsetDateTime::UNIX_EPOCH));
        if attributes::needs_secure(cookie.name()) {
            cookie.set_secure(true);
        }
        self.cookie(cookie)
    }

    /// Sets a signed cookie, which the client can read but not forge; [`Cookies::signed`](crate::Cookies::signed) reads it.
    ///
    /// The signature covers the name and the value.
    ///
    /// ```
    /// use connect::{CookieKeys, Response};
    ///
    /// let mut res = Response::new();
    /// res.signed_cookie(&CookieKeys::generate(), ("user", "ann"));
    /// assert!(res.header("set-cookie").unwrap().starts_with("user="));
    /// ```
    pub fn signed_cookie(&mut self, keys: &CookieKeys, cookie: impl Into<Cookie<'static>>) -> &mut Self {
        self.cookie(keys.sign(cookie.into()))
    }

    /// Sets an encrypted cookie, which the client can neither read nor forge; [`Cookies::private`](crate::Cookies::private)
    /// reads it.
    ///
    /// ```
    /// use connect::{http, CookieKeys, Request, Response};
    ///
    /// let keys = CookieKeys::generate();
    /// let mut res = Response::new();
    /// res.private_cookie(&keys, ("user", "ann"));
    /// let cookie = res.header("set-cookie").unwrap().split(';').next().unwrap();
    /// assert!(!cookie.contains("ann"));
    ///
    /// let req: Request = http::Request::get("/").header("cookie", cookie).body("").unwrap().into();
    /// assert_eq!(req.cookies().private(&keys, "user").as_deref(), Some("ann"));
    /// ```
    pub fn private_cookie(&mut self, keys: &CookieKeys, cookie: impl Into<Cookie<'static>>) -> &mut Self {
        self.cookie(keys.encrypt(cookie.into()))
    }
}

#[cfg(test)]
mod tests {
    use crate::{CookieKeys, Request, Response};

    const OLD: &str = "an old secret that is long enough";
    const NEW: &str = "a new secret, which is long enough too";

    /// The cookies that a client would send back.
    fn back(res: &Response) -> Request {
        let mut builder = http::Request::get("/");
        for line in res.headers().get_all("set-cookie") {
            builder = builder.header("cookie", line.to_str().unwrap().split(';').next().unwrap());
        }
        builder.body("").unwrap().into()
    }

    #[test]
    fn several_cookies_are_set_beside_each_other() {
        let mut res = Response::new();
        res.cookie(("a", "1; 2")).cookie(("b", "\u{e9}")).clear_cookie("c");
        assert_eq!(res.headers().get_all("set-cookie").iter().count(), 3);
        let req = back(&res);
        assert_eq!((req.cookie("a").as_deref(), req.cookie("b").as_deref()), (Some("1; 2"), Some("\u{e9}")));
    }

    #[test]
    fn a_cookie_of_the_same_name_path_and_domain_is_replaced() {
        use cookie::Cookie;
        let mut res = Response::new();
        res.cookie(("a b", "1")).cookie(("c", "1")).cookie(Cookie::build(("a b", "1")).path("/x"));
        res.cookie(Cookie::build(("c", "1")).domain("Example.com")).append("set-cookie", "a b=raw");
        res.cookie(("a b", "2")).cookie(Cookie::build(("c", "2")).domain("example.com")).clear_cookie("c");
        let lines: Vec<_> = res.headers().get_all("set-cookie").iter().map(|l| l.to_str().unwrap()).collect();
        let cleared = "c=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        let wanted =
            ["a%20b=1; Path=/x", "a b=raw", "a%20b=2; Path=/", "c=2; Path=/; Domain=example.com", cleared];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn a_cookie_that_was_changed_does_not_hide_one_of_the_same_name() {
        let keys = CookieKeys::generate();
        let mut res = Response::new();
        res.signed_cookie(&keys, ("s", "me")).private_cookie(&keys, ("p", "me"));
        let mut req = back(&res);
        let good = req.headers().get_all("cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        let both: Vec<_> = ["s=forged".to_owned(), "p=forged".to_owned()].into_iter().chain(good).collect();
        req.headers_mut().insert("cookie", both.join("; ").parse().unwrap());
        assert_eq!(req.cookies().signed(&keys, "s").as_deref(), Some("me"));
        assert_eq!(req.cookies().private(&keys, "p").as_deref(), Some("me"));
        assert_eq!(req.cookie("s").as_deref(), Some("forged"));
    }

    #[test]
    fn an_age_is_sent_as_a_date_too() {
        use cookie::Cookie;
        use cookie::time::{Duration, OffsetDateTime};
        let mut res = Response::new();
        res.cookie(Cookie::build(("a", "1")).max_age(Duration::hours(1)));
        let line = res.header("set-cookie").unwrap().to_owned();
        let cookie = Cookie::parse(line).unwrap();
        assert_eq!(cookie.max_age(), Some(Duration::hours(1)));
        let left = cookie.expires_datetime().unwrap() - OffsetDateTime::now_utc();
        assert!(left > Duration::minutes(59) && left <= Duration::hours(1), "{left}");

        let mut res = Response::new();
        res.cookie(Cookie::build(("a", "1")).max_age(Duration::MAX));
        assert!(res.header("set-cookie").unwrap().ends_with("Expires=Fri, 31 Dec 9999 23:59:59 GMT"));
    }

    #[test]
    fn keys_can_be_rotated_without_invalidating_cookies() {
        let old = CookieKeys::new(OLD).unwrap();
        let both = CookieKeys::new(NEW).unwrap().with_former(OLD).unwrap();
        let new = CookieKeys::new(NEW).unwrap();
        let mut res = Response::new();
        res.signed_cookie(&old, ("s", "signed")).private_cookie(&old, ("p", "private"));
        let req = back(&res);
        for (keys, signed, private) in [
            (&old, Some("signed"), Some("private")),
            (&both, Some("signed"), Some("private")),
            (&new, None, None),
        ] {
            assert_eq!(req.cookies().signed(keys, "s").as_deref(), signed);
            assert_eq!(req.cookies().private(keys, "p").as_deref(), private);
        }
    }

    #[test]
    fn a_cookie_that_was_changed_is_not_accepted() {
        let keys = CookieKeys::generate();
        let mut res = Response::new();
        res.signed_cookie(&keys, ("s", "user=1")).private_cookie(&keys, ("p", "user=1"));
        let mut req = back(&res);
        let swapped: Vec<String> =
            req.cookies().iter().map(|(name, value)| format!("{name}={value}x")).collect();
        req.headers_mut().insert("cookie", swapped.join("; ").parse().unwrap());
        assert_eq!(req.cookies().signed(&keys, "s"), None);
        assert_eq!(req.cookies().private(&keys, "p"), None);
        assert_eq!(req.cookies().signed(&keys, "none"), None);
    }

    #[test]
    fn the_value_of_one_cookie_is_not_valid_in_another() {
        let keys = CookieKeys::generate();
        let mut res = Response::new();
        res.signed_cookie(&keys, ("theme", "7")).private_cookie(&keys, ("secret", "7"));
        let mut req = back(&res);
        assert_eq!(req.cookies().signed(&keys, "theme").as_deref(), Some("7"));
        let line = res.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let moved: Vec<String> = line
            .map(|line| line.replace("theme=", "user=").replacen("secret=", "hidden=", 1))
            .map(|line| line.split(';').next().unwrap_or_default().to_owned())
            .collect();
        req.headers_mut().insert("cookie", moved.join("; ").parse().unwrap());
        assert!(req.cookie("user").is_some() && req.cookie("hidden").is_some());
        assert_eq!(req.cookies().signed(&keys, "user"), None);
        assert_eq!(req.cookies().private(&keys, "hidden"), None);
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(CookieKeys::new("keyboard cat").is_err());
        assert!(CookieKeys::new(OLD).unwrap().with_former("short").is_err());
        assert_eq!(format!("{:?}", CookieKeys::new(OLD).unwrap()), "CookieKeys(0 former)");
    }
}
