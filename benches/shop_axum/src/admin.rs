//! What administrators do: products, images, orders.

use std::path::Path as FilePath;

use axum::body::Bytes;
use axum::extract::{Form, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use garde::Validate;
use serde_json::json;
use tower_sessions::Session;

use crate::AppState;
use crate::catalog::no_product;
use crate::db::ProductDraft;
use crate::error::{AppError, Result};
use crate::flash;
use crate::live::Change;
use crate::passwords::digest_of;
use crate::views::faults;

pub async fn index(State(state): State<AppState>, session: Session) -> Result<Html<String>> {
    let products = state.db.products(String::new(), 0, 1000).await?;
    let orders = state.db.purchases(None).await?;
    let content = json!({ "products": products, "orders": orders });
    state.views.page(&session, "admin/index.html", content).await
}

pub async fn new_product(State(state): State<AppState>, session: Session) -> Result<Html<String>> {
    let content = json!({ "draft": ProductDraft::default(), "faults": {} });
    state.views.page(&session, "admin/product.html", content).await
}

pub async fn add_product(
    State(state): State<AppState>,
    session: Session,
    Form(draft): Form<ProductDraft>,
) -> Result<Response> {
    if let Err(report) = draft.validate() {
        let content = json!({ "draft": draft, "faults": faults(&report) });
        let again = state.views.page(&session, "admin/product.html", content).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let id = state.db.add_product(draft).await?;
    Ok(Redirect::to(&format!("/admin/products/{id}")).into_response())
}

pub async fn product(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<i64>,
) -> Result<Html<String>> {
    let product = state.db.product(id).await?.ok_or_else(no_product)?;
    let content = json!({ "draft": product, "product": product, "faults": {} });
    state.views.page(&session, "admin/product.html", content).await
}

pub async fn change_product(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<i64>,
    Form(draft): Form<ProductDraft>,
) -> Result<Response> {
    if let Err(report) = draft.validate() {
        let product = state.db.product(id).await?.ok_or_else(no_product)?;
        let content = json!({ "draft": draft, "product": product, "faults": faults(&report) });
        let again = state.views.page(&session, "admin/product.html", content).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let stock = draft.stock;
    if !state.db.change_product(id, draft).await? {
        return Err(no_product());
    }
    state.live.publish(Change::Stock { product: id, stock });
    flash::push(&session, "info", "Saved.").await?;
    Ok(Redirect::to(&format!("/admin/products/{id}")).into_response())
}

pub async fn set_image(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<i64>,
    mut parts: Multipart,
) -> Result<Redirect> {
    let refused =
        |err: axum::extract::multipart::MultipartError| AppError::new(err.status(), err.body_text());
    let Some(part) = parts.next_field().await.map_err(refused)? else {
        return Err(AppError::new(StatusCode::UNPROCESSABLE_ENTITY, "There is no file."));
    };
    let file = store(&state.images, part.bytes().await.map_err(refused)?).await?;
    if !state.db.set_image(id, file).await? {
        return Err(no_product());
    }
    flash::push(&session, "info", "The image is stored.").await?;
    Ok(Redirect::to(&format!("/admin/products/{id}")))
}

pub async fn ship(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Redirect> {
    if !state.db.ship(id).await? {
        return Err(AppError::new(StatusCode::CONFLICT, "This order is shipped already, or is not there."));
    }
    state.live.publish(Change::Order { id, status: "shipped" });
    Ok(Redirect::to("/admin"))
}

/// Stores an image under a name that its content has, and that no client chooses.
async fn store(folder: &FilePath, image: Bytes) -> Result<String> {
    let extension = match &*image {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ => {
            let message = "An image is a PNG, a JPEG or a WebP file.";
            return Err(AppError::new(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
    };
    let name = format!("{}.{extension}", digest_of(&image));
    // A reader never sees a half of it.
    let partial = folder.join(format!("{name}.part"));
    tokio::fs::write(&partial, image).await?;
    tokio::fs::rename(partial, folder.join(&name)).await?;
    Ok(name)
}
