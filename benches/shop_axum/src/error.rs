//! Errors, and the responses that they become: pages, and JSON below `/api`.

use std::fmt;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::AppState;

pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// An error with a status. Clients see the message of one without a cause.
#[derive(Debug)]
pub struct AppError {
    status: StatusCode,
    message: String,
    source: Option<anyhow::Error>,
}

impl AppError {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        AppError { status, message: message.into(), source: None }
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub fn downcast_ref<E: fmt::Debug + fmt::Display + Send + Sync + 'static>(&self) -> Option<&E> {
        self.source.as_ref().and_then(|source| source.downcast_ref())
    }
}

impl<E: Into<anyhow::Error>> From<E> for AppError {
    fn from(err: E) -> Self {
        AppError {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: "Internal Server Error".to_owned(),
            source: Some(err.into()),
        }
    }
}

/// What the middleware below makes a page or JSON of.
#[derive(Debug, Clone)]
struct Failure(String);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        if let Some(source) = &self.source {
            tracing::error!("{source:?}");
        }
        let mut res = self.status.into_response();
        res.extensions_mut().insert(Failure(self.message));
        res
    }
}

/// The text of an error that a handler, an extractor or a layer has made.
async fn failure(res: Response) -> std::result::Result<Response, (Response, String)> {
    let status = res.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return Ok(res);
    }
    let is_rendered = res
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if is_rendered {
        return Ok(res);
    }
    let (mut parts, body) = res.into_parts();
    let message = match parts.extensions.remove::<Failure>() {
        Some(Failure(message)) => message,
        None => {
            let text = axum::body::to_bytes(body, 64 << 10).await.unwrap_or_default();
            match String::from_utf8_lossy(&text) {
                text if text.is_empty() => status.canonical_reason().unwrap_or_default().to_owned(),
                text => text.into_owned(),
            }
        }
    };
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Err((Response::from_parts(parts, axum::body::Body::empty()), message))
}

/// Puts a body into the response of an error, whose headers stay.
fn fill(res: Response, body: Response) -> Response {
    let (mut parts, _) = res.into_parts();
    let (mut head, body) = body.into_parts();
    if let Some(kind) = head.headers.remove(header::CONTENT_TYPE) {
        parts.headers.insert(header::CONTENT_TYPE, kind);
    }
    Response::from_parts(parts, body)
}

/// Errors as pages. Where a page needs a sign-in, browsers are sent there and come back.
pub async fn as_page(State(state): State<AppState>, req: Request, next: Next) -> Response {
    let then = if req.method() == Method::GET { req.uri().path().to_owned() } else { "/".to_owned() };
    match failure(next.run(req).await).await {
        Ok(res) => res,
        Err((res, _)) if res.status() == StatusCode::UNAUTHORIZED => {
            Redirect::to(&format!("/sign-in?then={then}")).into_response()
        }
        Err((res, message)) => {
            let content = json!({ "status": res.status().as_u16(), "message": message });
            match state.views.render("error.html", content) {
                Ok(page) => fill(res, page.into_response()),
                Err(_) => res,
            }
        }
    }
}

/// Errors as JSON.
pub async fn as_json(req: Request, next: Next) -> Response {
    match failure(next.run(req).await).await {
        Ok(res) => res,
        Err((mut res, message)) => {
            if res.status() == StatusCode::UNAUTHORIZED {
                let challenge = HeaderValue::from_static("Bearer realm=\"Shop\"");
                res.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            fill(res, Json(json!({ "error": message })).into_response())
        }
    }
}
