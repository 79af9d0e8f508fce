//! Registration, sign-in, and the account of a customer.

use connect::{Error, Form, Html, Query, Redirect, Response, Result, Views, get, post};
use connect_middleware::remember_me::Browser;
use connect_middleware::session::{Principal, Sessions, local_path};
use connect_middleware::valid::{Invalid, Rejection, Valid};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::db::{Account, Db, Role};
use crate::passwords::{self, Password, Passwords};
use crate::views::page;

/// The account's number, which its principal has as a text.
///
/// # Errors
/// If it has another one, which this application does not make.
pub fn number(principal: &Principal) -> Result<i64> {
    Ok(principal.id().parse()?)
}

/// Who is remembered by a browser, or uses a token: for the layers that ask by number.
///
/// # Errors
/// Of the database.
pub async fn find(db: Db, id: String) -> Result<Option<Principal>> {
    Ok(db.account(id.parse()?).await?.map(|account| account.principal()))
}

/// Who has a token for the API.
///
/// # Errors
/// Of the database.
pub async fn find_by_token(db: Db, token: String) -> Result<Option<Principal>> {
    Ok(db.token_owner(passwords::digest(&token)).await?.map(|account| account.principal()))
}

#[derive(Debug, Serialize, Deserialize, Validate)]
pub(crate) struct Registration {
    #[garde(email, length(max = 254))]
    email: String,
    #[garde(dive)]
    #[serde(skip_serializing)]
    password: Password,
}

#[get("/register", public)]
pub(crate) async fn registration(views: &Views, sessions: &Sessions) -> Result<Html<String>> {
    page(views, sessions, "register.html", json!({ "form": {}, "faults": {} })).await
}

#[post("/register", public)]
pub(crate) async fn register(
    db: &Db,
    passwords: &Passwords,
    sessions: &Sessions,
    views: &Views,
    sent: Result<Valid<Form<Registration>>, Rejection>,
    res: &mut Response,
) -> Result {
    let invalid = match sent {
        Err(rejection) => rejection.invalid()?,
        Ok(Valid(Form(form))) => {
            let invalid = Invalid::of(&form).with("email", "has an account already");
            match add(db, passwords, form.email, form.password, Role::Customer).await? {
                Some(account) => {
                    sessions.login(account.principal()).await?;
                    sessions.flash("info", "Welcome to the shop.").await?;
                    return res.respond(Redirect::see_other("/"));
                }
                None => invalid,
            }
        }
    };
    let content = json!({ "form": invalid.values(), "faults": invalid.messages() });
    res.status(422).respond(page(views, sessions, "register.html", content).await?)
}

/// Adds an account, unless there is one with this address.
///
/// # Errors
/// Of the database, and if too many others register.
pub async fn add(
    db: &Db,
    passwords: &Passwords,
    email: String,
    password: Password,
    role: Role,
) -> Result<Option<Account>> {
    let hash = passwords.hash(password).await?;
    db.add_account(email, hash, role).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: Password,
    #[serde(default)]
    remember: bool,
    #[serde(default)]
    then: String,
}

#[derive(Deserialize)]
pub(crate) struct Then {
    #[serde(default)]
    then: String,
}

#[get("/sign-in", public)]
pub(crate) async fn sign_in_form(
    views: &Views,
    sessions: &Sessions,
    Query(Then { then }): Query<Then>,
) -> Result<Html<String>> {
    page(views, sessions, "sign_in.html", json!({ "then": then })).await
}

#[post("/sign-in", public)]
pub(crate) async fn sign_in(
    db: &Db,
    passwords: &Passwords,
    sessions: &Sessions,
    browser: &Browser,
    views: &Views,
    Form(form): Form<Credentials>,
    res: &mut Response,
) -> Result {
    let (account, hash) = db.credentials(form.email.clone()).await?.unzip();
    let is_right = passwords.verify(form.password, hash).await?;
    let Some(account) = account.filter(|_| is_right) else {
        let content = json!({ "email": form.email, "then": form.then, "is_wrong": true });
        return res.status(422).respond(page(views, sessions, "sign_in.html", content).await?);
    };
    sessions.login(account.principal()).await?;
    if form.remember {
        browser.remember().await?;
    }
    res.respond(Redirect::see_other(local_path(&form.then).unwrap_or("/").to_owned()))
}

#[post("/sign-out", public)]
pub(crate) async fn sign_out(sessions: &Sessions) -> Result<Redirect> {
    sessions.logout().await?;
    Ok(Redirect::see_other("/"))
}

#[get("/account")]
pub(crate) async fn account(
    db: &Db,
    principal: &Principal,
    views: &Views,
    sessions: &Sessions,
) -> Result<Html<String>> {
    let id = number(principal)?;
    let email = db.account(id).await?.map(|account| account.email);
    let tokens = db.tokens(id).await?;
    page(views, sessions, "account.html", json!({ "email": email, "tokens": tokens })).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct NewPassword {
    old: Password,
    new: Password,
}

#[post("/account/password")]
pub(crate) async fn change_password(
    db: &Db,
    passwords: &Passwords,
    principal: &Principal,
    sessions: &Sessions,
    browser: &Browser,
    Form(form): Form<NewPassword>,
) -> Result<Redirect> {
    let account = db.account(number(principal)?).await?.ok_or_else(|| Error::new(404, "no such account"))?;
    let hash = db.credentials(account.email).await?.map(|(_, hash)| hash);
    if !passwords.verify(form.old, hash).await? {
        sessions.flash("error", "The old password is another one.").await?;
    } else if form.new.validate().is_err() {
        sessions.flash("error", "The new password needs 10 characters.").await?;
    } else {
        db.set_password(account.id, passwords.hash(form.new).await?).await?;
        // Whoever knew the old one is signed out.
        browser.forget_elsewhere().await?;
        sessions.logout_elsewhere().await?;
        sessions.flash("info", "The password is changed.").await?;
    }
    Ok(Redirect::see_other("/account"))
}

#[derive(Deserialize, Validate)]
pub(crate) struct NewToken {
    #[garde(length(chars, min = 1, max = 50))]
    name: String,
}

#[post("/account/tokens")]
pub(crate) async fn add_token(
    db: &Db,
    principal: &Principal,
    views: &Views,
    sessions: &Sessions,
    Valid(Form(form)): Valid<Form<NewToken>>,
) -> Result<Html<String>> {
    let secret = passwords::secret()?;
    db.add_token(number(principal)?, form.name, passwords::digest(&secret)).await?;
    // It is shown once: the database has only its hash.
    page(views, sessions, "token.html", json!({ "secret": secret })).await
}

#[post("/account/tokens/:id/remove")]
pub(crate) async fn remove_token(db: &Db, principal: &Principal, id: i64) -> Result<Option<Redirect>> {
    Ok(db.remove_token(number(principal)?, id).await?.then(|| Redirect::see_other("/account")))
}
