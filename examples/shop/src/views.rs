//! Pages: what every one of them shows.

use connect::{Html, Result, Views};
use connect_middleware::session::{Message, Sessions};
use serde::Serialize;

use crate::cart::Cart;

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

/// Renders a page, and takes the messages that are left for the next one.
///
/// # Errors
/// Of the session's store, and of the template.
pub async fn page(
    views: &Views,
    sessions: &Sessions,
    template: &str,
    content: impl Serialize + Send,
) -> Result<Html<String>> {
    let principal = sessions.principal().await?;
    let page = Page {
        is_signed_in: principal.is_some(),
        is_admin: principal.is_some_and(|principal| principal.has_role("admin")),
        in_cart: sessions.get::<Cart>().await?.count(),
        messages: sessions.take_flash().await?,
        content,
    };
    views.render(template, page)
}
