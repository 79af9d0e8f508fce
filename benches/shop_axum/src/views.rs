//! Pages: what every one of them shows, and forms that are shown again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::response::Html;
use garde::Report;
use minijinja::value::Serde;
use minijinja::{Environment, path_loader};
use serde::Serialize;
use tower_sessions::Session;

use crate::auth::SignedIn;
use crate::cart::Cart;
use crate::error::Result;
use crate::flash::{self, Message};

/// The templates.
#[derive(Debug, Clone)]
pub struct Views(Arc<Environment<'static>>);

/// What the layout shows, around the content of a page.
#[derive(Serialize)]
struct Page<C> {
    is_signed_in: bool,
    is_admin: bool,
    in_cart: u32,
    messages: Vec<Message>,
    #[serde(flatten)]
    content: C,
}

impl Views {
    pub fn new(folder: impl AsRef<Path>) -> Self {
        let mut templates = Environment::new();
        templates.set_loader(path_loader(folder));
        Views(Arc::new(templates))
    }

    pub fn render(&self, template: &str, content: impl Serialize) -> Result<Html<String>> {
        Ok(Html(self.0.get_template(template)?.render(Serde(content))?))
    }

    /// Renders a page, and takes the messages that are left for the next one.
    pub async fn page(
        &self,
        session: &Session,
        template: &str,
        content: impl Serialize,
    ) -> Result<Html<String>> {
        let signed_in = SignedIn::of(session).await?;
        let page = Page {
            is_signed_in: signed_in.is_some(),
            is_admin: signed_in.is_some_and(|signed_in| signed_in.is_admin),
            in_cart: Cart::of(session).await?.count(),
            messages: flash::take(session).await?,
            content,
        };
        self.render(template, page)
    }
}

/// What is wrong with a form, by field.
pub fn faults(report: &Report) -> BTreeMap<String, Vec<String>> {
    let mut faults = BTreeMap::<_, Vec<_>>::new();
    for (path, error) in report.iter() {
        faults.entry(path.to_string()).or_default().push(error.to_string());
    }
    faults
}
