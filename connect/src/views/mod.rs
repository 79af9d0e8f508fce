//! Pages from templates.

#[cfg(feature = "minijinja")]
mod minijinja;

#[cfg(feature = "minijinja")]
pub use self::minijinja::MiniJinja;

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::error::BoxError;
use crate::{Error, Html, Result};

/// A template engine, for [`Views`].
pub trait Engine: Send + Sync + 'static {
    /// Fills a template.
    ///
    /// # Errors
    /// If there is no template of that name, or it cannot be filled.
    fn render(&self, template: &str, context: &Value) -> Result<String, BoxError>;
}

/// The templates of an app: Express's `app.set("views", ..)` and `app.engine(..)` in one value.
///
/// It is provided once, and who renders says so: below no such layer a route that needs it does not compile.
///
/// ```
/// use connect::{app, get, provide, Engine, Html, Result, Views};
/// use serde_json::{json, Value};
///
/// /// An engine with one template.
/// struct Hello;
///
/// impl Engine for Hello {
///     fn render(&self, template: &str, context: &Value) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
///         match template {
///             "hello.html" => Ok(format!("<p>Hello, {}</p>", context["name"].as_str().unwrap_or("you"))),
///             other => Err(format!("there is no template `{other}`").into()),
///         }
///     }
/// }
///
/// #[get("/:name")]
/// fn hello(name: &str, views: &Views) -> Result<Html<String>> {
///     views.render("hello.html", json!({ "name": name }))
/// }
///
/// let app = app![provide(Views::new(Hello)), hello];
/// ```
pub struct Views {
    // One call for a page, which takes longer than that.
    engine: Box<dyn Engine>,
}

impl Views {
    /// The templates of an engine.
    pub fn new(engine: impl Engine) -> Self {
        Views { engine: Box::new(engine) }
    }

    /// Fills a template with a context, such as a struct or `json!({ .. })`.
    ///
    /// # Errors
    /// If the engine cannot, or the context is not to be had as JSON: a 500 that says which template.
    pub fn render(&self, template: &str, context: impl Serialize) -> Result<Html<String>> {
        let failed = |err: BoxError| Error::msg(format!("cannot render `{template}`")).with_source(err);
        let context = serde_json::to_value(context).map_err(|err| failed(err.into()))?;
        self.engine.render(template, &context).map(Html).map_err(failed)
    }
}

impl fmt::Debug for Views {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Views")
    }
}
