//! Express's example `content-negotiation`: a list of users as HTML, text or JSON, by the client's `Accept`.

use connect::{App, Chain, Request, Response, Result, app, get};
use serde::Serialize;

#[derive(Serialize)]
struct User {
    name: &'static str,
}

static USERS: [User; 3] = [User { name: "Tobi" }, User { name: "Loki" }, User { name: "Jane" }];

#[get("/")]
fn index(req: &Request, res: &mut Response) -> Result {
    res.format(req)
        // The names are constants, and need no escaping.
        .html(|res| res.html(format!("<ul>{}</ul>", lines("<li>", "</li>"))))
        .text(|res| res.text(lines(" - ", "\n")))
        .json(|res| res.json(&USERS))
        .send()
}

fn lines(before: &str, after: &str) -> String {
    USERS.iter().map(|user| format!("{before}{}{after}", user.name)).collect()
}

/// A value with one method for each form, so that any route can send it.
trait Format: Serialize {
    fn html(&self) -> String;
    fn text(&self) -> String;

    fn format(&self, req: &Request, res: &mut Response) -> Result {
        res.format(req)
            .html(|res| res.html(self.html()))
            .text(|res| res.text(self.text()))
            .json(|res| res.json(self))
            .send()
    }
}

impl Format for [User] {
    fn html(&self) -> String {
        format!("<ul>{}</ul>", lines("<li>", "</li>"))
    }

    fn text(&self) -> String {
        lines(" - ", "\n")
    }
}

#[get("/users")]
fn users(req: &Request, res: &mut Response) -> Result {
    USERS.format(req, res)
}

pub(crate) fn app() -> App<impl Chain> {
    app![index, users]
}
