//! What administrators do: products, images, orders.

use connect::{Error, Form, Html, Redirect, Request, Response, Result, Views, get, post};
use connect_middleware::session::Sessions;
use connect_middleware::uploads::Uploads;
use connect_middleware::valid::{Rejection, Valid};
use serde_json::json;

use crate::db::{Db, ProductDraft};
use crate::live::{Change, Live};
use crate::views::page;

#[get("/")]
pub(crate) async fn index(db: &Db, views: &Views, sessions: &Sessions) -> Result<Html<String>> {
    let products = db.products(String::new(), 0, 1000).await?;
    let orders = db.purchases(None).await?;
    page(views, sessions, "admin/index.html", json!({ "products": products, "orders": orders })).await
}

#[get("/products/new")]
pub(crate) async fn new_product(views: &Views, sessions: &Sessions) -> Result<Html<String>> {
    page(views, sessions, "admin/product.html", json!({ "draft": ProductDraft::default(), "faults": {} }))
        .await
}

#[post("/products")]
pub(crate) async fn add_product(
    db: &Db,
    views: &Views,
    sessions: &Sessions,
    sent: Result<Valid<Form<ProductDraft>>, Rejection>,
    res: &mut Response,
) -> Result {
    let draft = match sent {
        Ok(Valid(Form(draft))) => draft,
        Err(rejection) => {
            let invalid = rejection.invalid()?;
            let content = json!({ "draft": invalid.values(), "faults": invalid.messages() });
            return res.status(422).respond(page(views, sessions, "admin/product.html", content).await?);
        }
    };
    let id = db.add_product(draft).await?;
    res.respond(Redirect::see_other(format!("/admin/products/{id}")))
}

#[get("/products/:id")]
pub(crate) async fn product(db: &Db, views: &Views, sessions: &Sessions, id: i64) -> Result<Html<String>> {
    let product = db.product(id).await?.ok_or_else(no_product)?;
    page(views, sessions, "admin/product.html", json!({ "draft": product, "product": product, "faults": {} }))
        .await
}

#[post("/products/:id")]
pub(crate) async fn change_product(
    db: &Db,
    live: &Live,
    views: &Views,
    sessions: &Sessions,
    id: i64,
    sent: Result<Valid<Form<ProductDraft>>, Rejection>,
    res: &mut Response,
) -> Result {
    let draft = match sent {
        Ok(Valid(Form(draft))) => draft,
        Err(rejection) => {
            let (invalid, product) = (rejection.invalid()?, db.product(id).await?.ok_or_else(no_product)?);
            let content =
                json!({ "draft": invalid.values(), "product": product, "faults": invalid.messages() });
            return res.status(422).respond(page(views, sessions, "admin/product.html", content).await?);
        }
    };
    let stock = draft.stock;
    if !db.change_product(id, draft).await? {
        return Err(no_product());
    }
    live.publish(Change::Stock { product: id, stock });
    sessions.flash("info", "Saved.").await?;
    res.respond(Redirect::see_other(format!("/admin/products/{id}")))
}

#[post("/products/:id/image")]
pub(crate) async fn set_image(
    db: &Db,
    uploads: &Uploads,
    sessions: &Sessions,
    req: &mut Request,
    id: i64,
) -> Result<Redirect> {
    db.product(id).await?.ok_or_else(no_product)?;
    let image = uploads.files(req).await?.require("image")?;
    let path = image.persist_random().await?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    db.set_image(id, name).await?;
    sessions.flash("info", "The image is stored.").await?;
    Ok(Redirect::see_other(format!("/admin/products/{id}")))
}

#[post("/orders/:id/ship")]
pub(crate) async fn ship(db: &Db, live: &Live, id: i64) -> Result<Redirect> {
    if !db.ship(id).await? {
        return Err(Error::new(409, "This order is shipped already, or is not there."));
    }
    live.publish(Change::Order { id, status: "shipped" });
    Ok(Redirect::see_other("/admin"))
}

fn no_product() -> Error {
    Error::new(404, "There is no such product.")
}
