//! Registration, sign-in, and the account of a customer.

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use garde::Validate;
use serde::Deserialize;
use serde_json::json;
use tower_sessions::Session;

use crate::AppState;
use crate::auth::{self, Customer};
use crate::db::Role;
use crate::error::{AppError, Result};
use crate::flash;
use crate::passwords::{self, Password};
use crate::views::faults;

#[derive(Debug, Deserialize, Validate)]
pub struct Registration {
    #[garde(email, length(max = 254))]
    email: String,
    #[garde(dive)]
    password: Password,
}

pub async fn registration(State(state): State<AppState>, session: Session) -> Result<Html<String>> {
    state.views.page(&session, "register.html", json!({ "form": {}, "faults": {} })).await
}

pub async fn register(
    State(state): State<AppState>,
    session: Session,
    Form(form): Form<Registration>,
) -> Result<Response> {
    let faults = match form.validate() {
        Ok(()) => {
            let hash = state.passwords.hash(form.password).await?;
            match state.db.add_account(form.email.clone(), hash.clone(), Role::Customer).await? {
                Some(account) => {
                    auth::sign_in(&session, &account, &hash, false).await?;
                    flash::push(&session, "info", "Welcome to the shop.").await?;
                    return Ok(Redirect::to("/").into_response());
                }
                None => [("email".to_owned(), vec!["has an account already".to_owned()])].into(),
            }
        }
        Err(report) => faults(&report),
    };
    let content = json!({ "form": { "email": form.email }, "faults": faults });
    let again = state.views.page(&session, "register.html", content).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

#[derive(Debug, Deserialize)]
pub struct Credentials {
    email: String,
    password: Password,
    #[serde(default)]
    remember: bool,
    #[serde(default)]
    then: String,
}

#[derive(Deserialize)]
pub struct Then {
    #[serde(default)]
    then: String,
}

pub async fn sign_in_form(
    State(state): State<AppState>,
    session: Session,
    Query(Then { then }): Query<Then>,
) -> Result<Html<String>> {
    state.views.page(&session, "sign_in.html", json!({ "then": then })).await
}

pub async fn sign_in(
    State(state): State<AppState>,
    session: Session,
    Form(form): Form<Credentials>,
) -> Result<Response> {
    let known = state.db.credentials(form.email.clone()).await?;
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let is_right = state.passwords.verify(form.password, hash).await?;
    let Some((account, hash)) = known.filter(|_| is_right) else {
        let content = json!({ "email": form.email, "then": form.then, "is_wrong": true });
        let again = state.views.page(&session, "sign_in.html", content).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    };
    auth::sign_in(&session, &account, &hash, form.remember).await?;
    Ok(Redirect::to(&own_path(form.then)).into_response())
}

/// A path of this site, and no address of another one: browsers read `//` and `/\` as the beginning of one.
fn own_path(path: String) -> String {
    let is_own = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
    if is_own { path } else { "/".to_owned() }
}

pub async fn sign_out(session: Session) -> Result<Redirect> {
    session.flush().await?;
    Ok(Redirect::to("/"))
}

pub async fn account(
    State(state): State<AppState>,
    Customer(id): Customer,
    session: Session,
) -> Result<Html<String>> {
    let email = state.db.account(id).await?.map(|account| account.email);
    let tokens = state.db.tokens(id).await?;
    state.views.page(&session, "account.html", json!({ "email": email, "tokens": tokens })).await
}

#[derive(Debug, Deserialize)]
pub struct NewPassword {
    old: Password,
    new: Password,
}

pub async fn change_password(
    State(state): State<AppState>,
    Customer(id): Customer,
    session: Session,
    Form(form): Form<NewPassword>,
) -> Result<Redirect> {
    let account = state.db.account(id).await?;
    let account = account.ok_or_else(|| AppError::new(StatusCode::NOT_FOUND, "no such account"))?;
    if !state.passwords.verify(form.old, state.db.password(id).await?).await? {
        flash::push(&session, "error", "The old password is another one.").await?;
    } else if form.new.validate().is_err() {
        flash::push(&session, "error", "The new password needs 10 characters.").await?;
    } else {
        let hash = state.passwords.hash(form.new).await?;
        state.db.set_password(id, hash.clone()).await?;
        // The other sessions have the old one, and end.
        auth::sign_in(&session, &account, &hash, false).await?;
        flash::push(&session, "info", "The password is changed.").await?;
    }
    Ok(Redirect::to("/account"))
}

#[derive(Deserialize, Validate)]
pub struct NewToken {
    #[garde(length(chars, min = 1, max = 50))]
    name: String,
}

pub async fn add_token(
    State(state): State<AppState>,
    Customer(id): Customer,
    session: Session,
    Form(form): Form<NewToken>,
) -> Result<Html<String>> {
    form.validate().map_err(|report| AppError::new(StatusCode::UNPROCESSABLE_ENTITY, report.to_string()))?;
    let secret = passwords::secret()?;
    state.db.add_token(id, form.name, passwords::digest(&secret)).await?;
    // It is shown once: the database has only its hash.
    state.views.page(&session, "token.html", json!({ "secret": secret })).await
}

pub async fn remove_token(
    State(state): State<AppState>,
    Customer(id): Customer,
    Path(token): Path<i64>,
) -> Result<Redirect> {
    if !state.db.remove_token(id, token).await? {
        return Err(AppError::new(StatusCode::NOT_FOUND, "Not Found"));
    }
    Ok(Redirect::to("/account"))
}
