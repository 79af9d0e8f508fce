//! `Location`, `Link` and redirects.

use std::fmt::Write;

use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};

use super::Response;
use crate::request::media_types;
use crate::text::{encode_url, escape_html};
use crate::{Body, Result, status};

impl Response {
    /// Sets `Location`, and percent-encodes what a URL cannot contain, as Express's `res.location` does.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// res.location("/notes/caf\u{e9} au lait?x=%20");
    /// assert_eq!(res.header("location"), Some("/notes/caf%C3%A9%20au%20lait?x=%20"));
    /// ```
    pub fn location(&mut self, url: impl AsRef<str>) -> &mut Self {
        self.set(header::LOCATION, &*encode_url(url.as_ref()))
    }

    /// Redirects the client: with status 302, or with the status that was set if it is one from 300 to 399.
    ///
    /// `Location` is [encoded](Response::location). The body names the location, as text or, for a client that prefers
    /// it, as HTML (`Vary: Accept`), as with Express's `res.redirect`. The format is chosen when the response is sent;
    /// until then the body is the text.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// let _ = res.redirect("/login");
    /// assert_eq!((res.status_code().as_u16(), res.header("location")), (302, Some("/login")));
    /// assert_eq!(res.body().as_bytes().unwrap(), "Found. Redirecting to /login");
    ///
    /// // After a form was posted: the browser loads the note with GET.
    /// let mut res = Response::new();
    /// let _ = res.status(303).redirect(format!("/notes/{}", 7));
    /// assert_eq!((res.status_code().as_u16(), res.header("location")), (303, Some("/notes/7")));
    /// ```
    ///
    /// A URL from a client may lead to another site (`//example.com` does too): check it first.
    ///
    /// # Errors
    /// As for [`send`](Response::send).
    pub fn redirect(&mut self, url: impl AsRef<str>) -> Result {
        self.begin()?;
        if !self.status.is_redirection() || self.status == StatusCode::NOT_MODIFIED {
            self.status = StatusCode::FOUND;
        }
        self.location(url).vary("Accept");
        let text = format!(
            "{}. Redirecting to {}",
            status::text(self.status),
            self.header("location").unwrap_or("")
        );
        let done = self.send_as(HeaderValue::from_static("text/plain; charset=utf-8"), text.into())?;
        self.late.redirect = true;
        Ok(done)
    }

    /// Gives the body of a redirect the format that the client prefers.
    #[cold]
    pub(super) fn settle_redirect(&mut self, req: &HeaderMap) {
        match media_types(req, &["text/plain", "text/html"]) {
            Some("text/plain") => {}
            Some(_) => {
                let title = status::text(self.status);
                let location = escape_html(self.header("location").unwrap_or(""));
                let page = format!(
                    "<!DOCTYPE html><head><title>{title}</title></head>\
                     <body><p>{title}. Redirecting to {location}</p></body>"
                );
                self.body = page.into();
                let html = HeaderValue::from_static("text/html; charset=utf-8");
                self.headers.insert(header::CONTENT_TYPE, html);
            }
            None => {
                self.headers.remove(header::CONTENT_TYPE);
                self.body = Body::empty();
            }
        }
    }

    /// Adds a `Link` header (RFC 8288): the relation and the URL of each link.
    ///
    /// ```
    /// # use connect::Response;
    /// let mut res = Response::new();
    /// res.links([("next", "/users?page=2"), ("last", "/users?page=5")]);
    /// assert_eq!(res.header("link"), Some("</users?page=2>; rel=\"next\", </users?page=5>; rel=\"last\""));
    /// ```
    pub fn links<R: AsRef<str>, U: AsRef<str>>(
        &mut self,
        links: impl IntoIterator<Item = (R, U)>,
    ) -> &mut Self {
        let mut value = String::new();
        for (relation, url) in links {
            let separator = if value.is_empty() { "" } else { ", " };
            let relation = relation.as_ref().replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(value, "{separator}<{}>; rel=\"{relation}\"", encode_url(url.as_ref()));
        }
        if value.is_empty() { self } else { self.append(header::LINK, value) }
    }
}

#[cfg(test)]
mod tests {
    use crate::Response;
    use http::{HeaderMap, Method};

    fn redirected(accept: Option<&str>, act: impl FnOnce(&mut Response)) -> (String, String) {
        let mut res = Response::new();
        act(&mut res);
        let req: HeaderMap =
            accept.into_iter().map(|value| (http::header::ACCEPT, value.parse().unwrap())).collect();
        let res = res.into_http(&Method::GET, &req, true);
        let content_type =
            res.headers().get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
        (content_type, String::from_utf8(res.body().as_bytes().unwrap().to_vec()).unwrap())
    }

    #[test]
    fn the_body_of_a_redirect_is_in_the_format_that_the_client_prefers() {
        let text = ("text/plain; charset=utf-8".to_owned(), "Found. Redirecting to /a&b".to_owned());
        let go = |res: &mut Response| drop(res.redirect("/a&b"));
        for accept in [None, Some("*/*"), Some("text/plain"), Some("text/html;q=0.5, text/*")] {
            assert_eq!(redirected(accept, go), text, "{accept:?}");
        }
        let page = "<!DOCTYPE html><head><title>Found</title></head>\
                    <body><p>Found. Redirecting to /a&amp;b</p></body>";
        for accept in ["text/html", "text/html, */*;q=0.8"] {
            let (content_type, body) = redirected(Some(accept), go);
            assert_eq!((&*content_type, &*body), ("text/html; charset=utf-8", page), "{accept:?}");
        }
        assert_eq!(redirected(Some("image/png"), go), (String::new(), String::new()));
    }

    #[test]
    fn a_body_that_took_the_place_of_the_redirects_own_stays() {
        let (_, body) = redirected(Some("text/html"), |res| {
            drop(res.redirect("/a"));
            res.set_body("mine");
        });
        assert_eq!(body, "mine");
        let (_, body) = redirected(Some("text/html"), |res| {
            drop(res.redirect("/a"));
            drop(res.status(200).send("mine"));
        });
        assert_eq!(body, "mine");
    }

    #[test]
    fn a_redirect_has_the_status_that_was_set_if_it_is_one_for_redirects() {
        for (set, sent) in [(200, 302), (303, 303), (308, 308), (304, 302), (404, 302)] {
            let mut res = Response::new();
            let _ = res.status(set).redirect("back");
            assert_eq!((res.status_code().as_u16(), res.header("location")), (sent, Some("back")));
            assert_eq!(res.header("vary"), Some("Accept"));
        }
    }

    #[test]
    fn a_location_cannot_inject_a_header() {
        let mut res = Response::new();
        res.location("/\r\nset-cookie: a=b");
        assert_eq!(res.header("location"), Some("/%0D%0Aset-cookie:%20a=b"));
    }

    #[test]
    fn links_are_added_and_escaped() {
        let mut res = Response::new();
        res.links([("a", "/>; rel=\"b\"")]).links([("\"c", "/c")]);
        let links: Vec<_> = res.headers().get_all("link").iter().collect();
        assert_eq!(links, ["</%3E;%20rel=%22b%22>; rel=\"a\"", "</c>; rel=\"\\\"c\""]);
        assert_eq!(Response::new().links::<&str, &str>([]).header("link"), None);
    }
}
