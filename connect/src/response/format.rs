//! One answer in several forms, and the client's choice among them.

use std::fmt;

use super::Response;
use crate::request::media_types;
use crate::{Error, Request, Result};

// The forms are a list, and each is another function; one request in many is asked for in several forms.
type Act<'a> = Box<dyn FnOnce(&mut Response) -> Result + 'a>;

impl Response {
    /// Answers in the form that the client likes best, by its `Accept` (Express's `res.format`).
    ///
    /// Each form has a function, and only that of the chosen one is called, with its `Content-Type` set. Of two that
    /// the client likes the same, the one that is written first counts, and without an `Accept` the first of all.
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
        Format { res: self, req, offers: Vec::new(), acts: Vec::new() }
    }
}

/// What [`Response::format`] makes: a choice among forms, which [`send`](Format::send) or
/// [`or`](Format::or) ends.
#[must_use = "nothing is answered before `send` or `or`"]
pub struct Format<'a> {
    res: &'a mut Response,
    req: &'a Request,
    /// The types, without parameters.
    offers: Vec<&'a str>,
    /// As the types were written, and what to do.
    acts: Vec<(&'a str, Act<'a>)>,
}

impl<'a> Format<'a> {
    /// The answer as plain text.
    pub fn text(self, act: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        self.when("text/plain", act)
    }

    /// The answer as HTML.
    pub fn html(self, act: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        self.when("text/html", act)
    }

    /// The answer as JSON.
    pub fn json(self, act: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        self.when("application/json", act)
    }

    /// The answer as another type, written as for [`content_type`](Response::content_type): `"text/csv"` or `"csv"`.
    pub fn when(mut self, name: &'a str, act: impl FnOnce(&mut Response) -> Result + 'a) -> Self {
        let essence = if name.contains('/') {
            name.split(';').next().unwrap_or(name).trim()
        } else {
            let extension = name.strip_prefix('.').unwrap_or(name);
            mime_guess::from_ext(extension).first_raw().unwrap_or("application/octet-stream")
        };
        self.offers.push(essence);
        self.acts.push((name, Box::new(act)));
        self
    }

    /// The response, of the chosen type, and what to do.
    fn choose(mut self) -> Result<(&'a mut Response, Act<'a>), Self> {
        let Some(chosen) = media_types(self.req.headers(), &self.offers) else { return Err(self) };
        let i = self.offers.iter().position(|offer| *offer == chosen).unwrap_or(0);
        let (name, act) = self.acts.swap_remove(i);
        self.res.content_type(name);
        Ok((self.res, act))
    }

    /// Answers in the form that was chosen.
    ///
    /// # Errors
    /// A 406 if the client accepts none of the forms, and what the form's function fails with.
    pub fn send(self) -> Result {
        match self.choose() {
            Ok((res, act)) => act(res),
            Err(format) => {
                let offered = format.offers.join(", ");
                Err(Error::new(406, format!("there is an answer as {offered} only")))
            }
        }
    }

    /// Answers in the form that was chosen, or this way if the client accepts none of them.
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
    /// What the function that is called fails with.
    pub fn or(self, act: impl FnOnce(&mut Response) -> Result) -> Result {
        match self.choose() {
            Ok((res, chosen)) => chosen(res),
            Err(format) => act(format.res),
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
    fn the_form_is_the_one_that_the_client_likes_best() {
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
    fn a_client_that_accepts_none_of_the_forms_is_told_which_there_are() {
        let err = formatted(Some("image/png")).unwrap_err();
        assert_eq!(err.status(), 406);
        assert_eq!(
            err.public_message(),
            "there is an answer as text/plain, text/html, text/csv, application/vnd.x+json only"
        );
    }
}
