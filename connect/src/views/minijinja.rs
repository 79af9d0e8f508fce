//! Jinja templates, with minijinja.

use std::path::Path;

use minijinja::value::Serde;
use serde_json::Value;

use super::Engine;
use crate::Environment;
use crate::error::BoxError;

/// A folder of Jinja templates: an [`Engine`] on [minijinja](https://docs.rs/minijinja), with the feature `minijinja`.
///
/// A template's name is its path in the folder. Values in templates whose name ends in `.html` are escaped. In development a
/// template that changes is re-read.
///
/// ```no_run
/// use connect::{app, get, provide, Html, MiniJinja, Result, Views};
/// use serde_json::json;
///
/// #[get("/")]
/// fn index(views: &Views) -> Result<Html<String>> {
///     views.render("index.html", json!({ "title": "Notes" }))
/// }
///
/// let app = app![provide(Views::new(MiniJinja::new("templates"))), index];
/// ```
#[derive(Debug)]
pub struct MiniJinja {
    templates: minijinja::Environment<'static>,
}

impl MiniJinja {
    /// Uses the templates in a folder. A template is read when it is first rendered.
    #[must_use]
    pub fn new(folder: impl AsRef<Path>) -> Self {
        let mut templates = minijinja::Environment::new();
        templates.set_loader(minijinja::path_loader(folder));
        templates.set_auto_reload(Environment::current() == Environment::Development);
        MiniJinja { templates }
    }
}

impl Engine for MiniJinja {
    fn render(&self, template: &str, context: &Value) -> Result<String, BoxError> {
        Ok(self.templates.get_template(template)?.render(Serde(context))?)
    }
}
