//! The cookies of a request.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use cookie::Cookie;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::CookieKeys;
use crate::Request;

/// The cookies that a client sent.
///
/// Each method parses them from the headers. Values are percent-decoded; one that is not UTF-8 then stays as it was sent. Of
/// several cookies with one name the first counts (Express, row 208), and for [`signed`](Cookies::signed) and
/// [`private`](Cookies::private) the first that was not changed.
///
/// ```
/// use connect::{http, Request};
///
/// let req: Request =
///     http::Request::get("/").header("cookie", "a=1; b=hello%20world; a=2").body("").unwrap().into();
/// assert_eq!(req.cookies().get("a").as_deref(), Some("1"));
/// assert_eq!(req.cookies().get("b").as_deref(), Some("hello world"));
/// let names: Vec<&str> = req.cookies().iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["a", "b"]);
/// ```
#[derive(Clone, Copy)]
pub struct Cookies<'a>(&'a HeaderMap);

impl<'a> Cookies<'a> {
    /// The value of a cookie, decoded. A client can send any value: what it must not forge goes into a
    /// [signed](Cookies::signed) or a [private](Cookies::private) cookie.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.raw().find(|(other, _)| *other == name).map(|(_, value)| decode(value))
    }

    /// All cookies, names and decoded values, in the order in which the client sent them.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let mut seen = HashSet::new();
        let first = self.raw().filter(move |(name, _)| seen.insert(*name));
        first.map(|(name, value)| (name, decode(value)))
    }

    /// The value of a cookie that Express set from an object, `j:` and JSON. `None` if it is not such a cookie, or does not
    /// fit `T`.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("cookie", "list=j%3A%5B1%2C2%5D").body("").unwrap().into();
    /// assert_eq!(req.cookies().json("list"), Some(vec![1, 2]));
    /// ```
    #[must_use]
    pub fn json<T: DeserializeOwned>(self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?.strip_prefix("j:")?).ok()
    }

    /// The value of a cookie that [`signed_cookie`](crate::Response::signed_cookie) set with one of these keys.
    /// `None` if there is no such cookie, or if it was changed. Of several cookies with the name the first that was not changed
    /// counts: a client sends those of other paths and domains too, which another application may have set.
    ///
    /// ```
    /// use connect::{http, CookieKeys, Request};
    ///
    /// let req: Request = http::Request::get("/").header("cookie", "user=made%20up").body("").unwrap().into();
    /// assert_eq!(req.cookies().signed(&CookieKeys::generate(), "user"), None);
    /// ```
    #[must_use]
    pub fn signed(self, keys: &CookieKeys, name: &str) -> Option<String> {
        self.all(name).find_map(|cookie| keys.verify(cookie))
    }

    /// The value of a cookie that [`private_cookie`](crate::Response::private_cookie) set with one of these keys.
    /// `None` if there is no such cookie, or if it was changed. Of several cookies with the name the first that was not changed
    /// counts, as for [`signed`](Cookies::signed).
    #[must_use]
    pub fn private(self, keys: &CookieKeys, name: &str) -> Option<String> {
        self.all(name).find_map(|cookie| keys.decrypt(cookie))
    }

    /// All cookies of a name, decoded.
    fn all(self, name: &str) -> impl Iterator<Item = Cookie<'static>> {
        let same = self.raw().filter(move |(other, _)| *other == name);
        same.map(|(name, value)| Cookie::new(name.to_owned(), decode(value).into_owned()))
    }

    /// Names and values as they were sent. One that is not UTF-8 hides none of the others: any script of a page can set it.
    fn raw(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let lines = self.0.get_all(header::COOKIE).into_iter();
        lines
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|one| str::from_utf8(one).ok())
            .filter_map(|one| Cookie::parse(one).ok())
            .filter_map(|cookie| Some((cookie.name_raw()?, cookie.value_raw()?)))
    }
}

impl fmt::Debug for Cookies<'_> {
    /// Shows the names alone: the values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

fn decode(value: &str) -> Cow<'_, str> {
    let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    percent_decode_str(bare).decode_utf8().unwrap_or(Cow::Borrowed(bare))
}

impl Request {
    /// The cookies that the client sent.
    #[must_use]
    pub fn cookies(&self) -> Cookies<'_> {
        Cookies(self.headers())
    }

    /// The value of a cookie, decoded: see [`Cookies::get`].
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        self.cookies().get(name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Request;

    fn request(lines: &[&str]) -> Request {
        let mut builder = http::Request::get("/");
        for line in lines {
            builder = builder.header("cookie", *line);
        }
        builder.body("").unwrap().into()
    }

    #[test]
    fn the_first_of_a_name_is_used_and_values_are_decoded() {
        let req = request(&["a=1; b=hello%20world; a=2; c=\"quoted%21\"; d=a=b", "e=x; b=y"]);
        let all: Vec<(String, String)> =
            req.cookies().iter().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
        let wanted = [("a", "1"), ("b", "hello world"), ("c", "quoted!"), ("d", "a=b"), ("e", "x")];
        assert_eq!(all, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(req.cookie("b").as_deref(), Some("hello world"));
        assert_eq!(req.cookie("x"), None);
        assert_eq!(format!("{:?}", req.cookies()), r#"["a", "b", "c", "d", "e"]"#);
    }

    #[test]
    fn a_value_that_cannot_be_decoded_stays_as_it_was_sent() {
        let req = request(&["a=%zz; b=%ff; nonsense; =x; c=1"]);
        assert_eq!(req.cookie("a").as_deref(), Some("%zz"));
        assert_eq!(req.cookie("b").as_deref(), Some("%ff"));
        assert_eq!(req.cookies().iter().count(), 3);
    }

    #[test]
    fn a_json_cookie_has_the_prefix_j() {
        let req = request(&["j=j%3A%7B%22x%22%3A1%7D; k=%7B%7D; l=j%3A%7B"]);
        assert_eq!(req.cookies().json("j"), Some(json!({ "x": 1 })));
        assert_eq!(req.cookies().json::<Value>("k"), None);
        assert_eq!(req.cookies().json::<Value>("l"), None);
    }
}
