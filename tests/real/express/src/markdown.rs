//! Express's example `markdown`: a template engine of the app's own.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use connect::{App, Chain, Engine, Html, Result, Views, app, get, provide};
use pulldown_cmark::{Parser, html};
use serde_json::{Value, json};

use crate::FOLDER;

/// Renders the Markdown files of a folder, with `{name}` for a value of the context.
struct Markdown {
    folder: PathBuf,
}

impl Engine for Markdown {
    fn render(&self, template: &str, context: &Value) -> Result<String, Box<dyn Error + Send + Sync>> {
        let text = fs::read_to_string(self.folder.join(template))?;
        let mut page = String::new();
        html::push_html(&mut page, Parser::new(&text));
        Ok(fill(&page, context))
    }
}

fn fill(page: &str, context: &Value) -> String {
    let mut parts = page.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => {
                filled += &escape(context[name].as_str().unwrap_or_default());
                filled += rest;
            }
            None => {
                filled.push('{');
                filled += part;
            }
        }
    }
    filled
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[get("/")]
fn index(views: &Views) -> Result<Html<String>> {
    views.render("index.md", json!({ "title": "Markdown Example" }))
}

/// There is no such template.
#[get("/fail")]
fn fail(views: &Views) -> Result<Html<String>> {
    views.render("missing.md", json!({ "title": "Markdown Example" }))
}

pub(crate) fn app() -> App<impl Chain> {
    app![provide(Views::new(Markdown { folder: format!("{FOLDER}/views/markdown").into() })), index, fail]
}
