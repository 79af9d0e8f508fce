//! Rendering templates.

#[cfg(feature = "minijinja")]
mod minijinja;

#[cfg(feature = "minijinja")]
pub use self::minijinja::MiniJinja;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::error::BoxError;
use crate::{Error, Html, Result};

/// A template engine, for [`Views`].
pub trait Engine: Send + Sync + 'static {
    /// Renders a template with a context.
    ///
    /// # Errors
    /// If there is no template of that name, or it cannot be rendered.
    fn render(&self, template: &str, context: &Value) -> Result<String, BoxError>;
}

/// The templates of an app: Express's `app.set("views", ..)` and `app.engine(..)` in one value.
///
/// [`provide`](crate::provide()) it once. A route takes it as `views: &Views`, and does not compile unless it is
/// provided above.
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
#[derive(Clone)]
pub struct Views {
    // Type-erased: a dynamic call for each page costs little beside the rendering.
    engine: Arc<dyn Engine>,
}

impl Views {
    /// Uses the templates of an engine.
    pub fn new(engine: impl Engine) -> Self {
        Views { engine: Arc::new(engine) }
    }

    /// Renders a template with a context, such as a struct or `json!({ .. })`.
    ///
    /// # Errors
    /// If the engine fails, or the context cannot be serialized as JSON: status 500, with the name of the template.
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
