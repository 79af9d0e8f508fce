//! Express's example `cookies`: a form that sets a cookie, and a link that clears it.

use connect::cookie::{Cookie, time::Duration};
use connect::{
    App, Chain, Html, ParsedBody, Redirect, Request, Response, Result, app, body_parser, get, post,
};

#[get("/")]
fn index(req: &Request) -> Html<&'static str> {
    Html(match req.cookie("remember") {
        Some(_) => r#"Remembered :). Click to <a href="/forget">forget</a>!."#,
        None => {
            r#"<form method="post"><p>Check to <label><input type="checkbox" name="remember"> remember me</label>
<input type="submit" value="Submit"></p></form>"#
        }
    })
}

/// The page that the client comes from.
fn back(req: &Request) -> Redirect {
    Redirect::to(req.header("referrer").unwrap_or("/").to_owned())
}

#[get("/forget")]
fn forget(req: &Request, res: &mut Response) -> Result {
    res.clear_cookie("remember").respond(back(req))
}

/// A body that is no form is a box that was not checked.
#[post("/")]
fn remember(req: &Request, res: &mut Response) -> Result {
    if let Some(ParsedBody::Form(form)) = req.parsed_body()
        && form.text("remember").is_some_and(|value| !value.is_empty())
    {
        res.cookie(Cookie::build(("remember", "1")).max_age(Duration::minutes(1)));
    }
    res.respond(back(req))
}

pub(crate) fn app() -> App<impl Chain> {
    app![body_parser::urlencoded(), index, forget, remember]
}
