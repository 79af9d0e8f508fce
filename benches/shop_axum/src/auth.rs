//! Who is signed in: by a session, or by a token of the API.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::TypedHeader;
use axum_extra::headers::Authorization;
use axum_extra::headers::authorization::Bearer;
use serde::{Deserialize, Serialize};
use time::Duration;
use tower_sessions::{Expiry, Session};

use crate::AppState;
use crate::db::{Account, Role};
use crate::error::{AppError, Result};
use crate::passwords::digest;

const KEY: &str = "account";

/// Who is signed in, as the session has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedIn {
    pub id: i64,
    pub is_admin: bool,
    /// Of the password's hash: with another password the session has ended.
    password: [u8; 32],
}

impl SignedIn {
    pub async fn of(session: &Session) -> Result<Option<Self>> {
        Ok(session.get(KEY).await?)
    }

    /// The same, unless the password has changed.
    pub async fn checked(state: &AppState, session: &Session) -> Result<Option<Self>> {
        let Some(signed_in) = SignedIn::of(session).await? else { return Ok(None) };
        let hash = state.db.password(signed_in.id).await?;
        Ok(hash.is_some_and(|hash| digest(&hash) == signed_in.password).then_some(signed_in))
    }
}

/// Signs in, under another id of the session.
pub async fn sign_in(session: &Session, account: &Account, hash: &str, remember: bool) -> Result<()> {
    session.cycle_id().await?;
    if remember {
        session.set_expiry(Some(Expiry::OnInactivity(Duration::days(30))));
    }
    let signed_in =
        SignedIn { id: account.id, is_admin: account.role == Role::Admin, password: digest(hash) };
    Ok(session.insert(KEY, signed_in).await?)
}

/// The account that a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Customer(pub i64);

impl FromRequestParts<AppState> for Customer {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self> {
        parts.extensions.get().copied().ok_or_else(unauthorized)
    }
}

/// Refuses requests without a sign-in.
pub async fn require_login(
    State(state): State<AppState>,
    session: Session,
    mut req: Request,
    next: Next,
) -> Result<Response> {
    let signed_in = SignedIn::checked(&state, &session).await?.ok_or_else(unauthorized)?;
    req.extensions_mut().insert(Customer(signed_in.id));
    req.extensions_mut().insert(signed_in);
    Ok(next.run(req).await)
}

/// Refuses customers, below `require_login`.
pub async fn require_admin(req: Request, next: Next) -> Result<Response> {
    match req.extensions().get::<SignedIn>() {
        Some(signed_in) if signed_in.is_admin => Ok(next.run(req).await),
        _ => Err(AppError::new(StatusCode::FORBIDDEN, "this is for administrators")),
    }
}

/// Refuses requests without a token.
pub async fn require_token(
    State(state): State<AppState>,
    token: Option<TypedHeader<Authorization<Bearer>>>,
    mut req: Request,
    next: Next,
) -> Result<Response> {
    let TypedHeader(Authorization(bearer)) = token.ok_or_else(unauthorized)?;
    let account = state.db.token_owner(digest(bearer.token())).await?.ok_or_else(unauthorized)?;
    req.extensions_mut().insert(Customer(account.id));
    req.extensions_mut().insert(account.role);
    Ok(next.run(req).await)
}

/// Refuses the tokens of customers, below `require_token`.
pub async fn require_admin_token(req: Request, next: Next) -> Result<Response> {
    match req.extensions().get::<Role>() {
        Some(Role::Admin) => Ok(next.run(req).await),
        _ => Err(AppError::new(StatusCode::FORBIDDEN, "this is for administrators")),
    }
}

fn unauthorized() -> AppError {
    AppError::new(StatusCode::UNAUTHORIZED, "sign in first")
}
