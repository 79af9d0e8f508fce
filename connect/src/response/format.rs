//! One response in several formats, and the client's choice among them.

use std::fmt;

use super::Response;
use crate::request::media_types;
use crate::{Error, Request, Result};

// Boxed and type-erased: the formats are a list of different functions, and few requests need one.
type Call<'a> = Box<dyn FnOnce(&mut Response) -> Result + 'a>;

impl Response {
    /// Answers in the format that the client prefers, by its `Accept` header (Express's `res.format`).
    ///
    /// Each format has a function, and only that of the chosen one is called, with its `Content-Type` set. Of two that
    /// the client prefers equally, the first in the code is chosen, and without an `Accept` header the first of all.
    /// `Vary: Accept` is set in any case.
    ///
    /// ```
    /// use connect::{middleware, Request, Response, Result};
    ///
    /// #[middleware]
    /// fn greet(req: &mut Request, res: &mut Response) -> Result {
    ///     res.format(req)
    ///         .text(|res| res.text("hello"))
    ///         .html(|res| res.send("<p>hello</p>"))
    ///         .json(|res| res.json(["hello"]))
    ///         .when("csv", |res| res.send("greeting\nhello\n"))
    ///         .send()
    /// }
    /// ```
    pub fn format<'a>(&'a mut self, req: &'a Request) -> Format<'a> {
        self.vary("Accept");
        Format { res: self, req, offers: Vec::new(), calls: Vec::new() }
    }
}

/// A choice among formats, from [`Response::format`]. [`send`](Format::send) or [`or`](Format::or) ends it.
#[must_use = "nothing is answered before `send` or `or`"]
pub struct Format<'a> {
    res: &'a mut Response,
    req: &'a Request,
    /// The media types, without parameters.
    offers: Vec<&'a str>,
    /// The types as they were written, and their functions.
    calls: Vec<(&'a str, Call<'a>)>,
}

impl<'a> Format<'a> {
    /// Adds plain text.
    pub fn text(self, call: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        self.when("text/plain", call)
    }

    /// Adds HTML.
    pub fn html(self, call: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        self.when("text/html", call)
    }

    /// Adds JSON.
    pub fn json(self, call: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        self.when("application/json", call)
    }

    /// Adds another type, written as for [`content_type`](Response::content_type): `"text/csv"` or `"csv"`.
    pub fn when(mut self, name: &'a str, call: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        let essence = if name.contains('/') {
            name.split(';').next().unwrap_or(name).trim()
        } else {
            let extension = name.strip_prefix('.').unwrap_or(name);
            mime_guess::from_ext(extension).first_raw().unwrap_or("application/octet-stream")
        };
        self.offers.push(essence);
        self.calls.push((name, Box::new(call)));
        self
    }

    /// Returns the response, with the chosen type set, and the function of that type.
    fn choose(mut self) -> Result<(&'a mut Response, Call<'a>), Self> {
        let Some(chosen) = media_types(self.req.headers(), &self.offers) else { return Err(self) };
        let i = self.offers.iter().position(|offer| *offer == chosen).unwrap_or(0);
        let (name, call) = self.calls.swap_remove(i);
        self.res.content_type(name);
        Ok((self.res, call))
    }

    /// Answers in the format that the client prefers.
    ///
    /// # Errors
    /// With status 406 if the client accepts none of the formats, and with the error of the function that is called.
    pub fn send(self) -> Result {
        match self.choose() {
            Ok((res, call)) => call(res),
            Err(format) => {
                let offered = format.offers.join(", ");
                Err(Error::new(406, format!("the response is available only as {offered}")))
            }
        }
    }

    /// Answers in the format that the client prefers, or with this function if the client accepts none.
    ///
    /// ```
    /// # use connect::{Request, Response};
    /// let req: Request = http::Request::get("/").header("accept", "image/png").body("").unwrap().into();
    /// let mut res = Response::new();
    /// let _ = res.format(&req).json(|res| res.json([1])).or(|res| res.send_status(404));
    /// assert_eq!(res.status_code(), 404);
    /// ```
    ///
    /// # Errors
    /// The error of the function that is called.
    pub fn or(self, call: impl FnOnce(&mut Response) -> Result) -> Result {
        match self.choose() {
            Ok((res, chosen)) => chosen(res),
            Err(format) => call(format.res),
        }
    }
}

impl fmt::Debug for Format<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("offers", &self.offers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Request, Response, Result};

    fn formatted(accept: Option<&str>) -> Result<Response> {
        let mut req = http::Request::get("/");
        if let Some(accept) = accept {
            req = req.header("accept", accept);
        }
        let req: Request = req.body("").unwrap().into();
        let mut res = Response::new();
        let _ = res
            .format(&req)
            .text(|res| res.send("text"))
            .html(|res| res.send("html"))
            .when("csv", |res| res.send("csv"))
            .when("application/vnd.x+json", |res| res.json(1))
            .send()?;
        Ok(res)
    }

    #[test]
    fn the_format_is_the_one_that_the_client_prefers() {
        for (accept, content_type, body) in [
            (None, "text/plain; charset=utf-8", "text"),
            (Some("text/html"), "text/html; charset=utf-8", "html"),
            (Some("text/plain;q=0.1, text/csv"), "text/csv; charset=utf-8", "csv"),
            (Some("application/*"), "application/vnd.x+json", "1"),
        ] {
            let res = formatted(accept).unwrap();
            assert_eq!(res.header("content-type"), Some(content_type), "{accept:?}");
            assert_eq!(res.body().as_bytes().unwrap(), body);
            assert_eq!(res.header("vary"), Some("Accept"));
        }
    }

    #[test]
    fn a_client_that_accepts_no_format_gets_the_list() {
        let err = formatted(Some("image/png")).unwrap_err();
        assert_eq!(err.status(), 406);
        assert_eq!(
            err.public_message(),
            "the response is available only as text/plain, text/html, text/csv, application/vnd.x+json"
        );
    }
}
