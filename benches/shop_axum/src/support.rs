//! A conversation of a customer with the staff, over a WebSocket.

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, Response};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tower_sessions::Session;

use crate::AppState;
use crate::auth::{Customer, SignedIn};
use crate::db::Message;
use crate::error::{AppError, Result};
use crate::live::Change;

/// The longest message, in bytes.
const LONGEST: usize = 2000;

pub async fn show(State(state): State<AppState>, session: Session) -> Result<Html<String>> {
    state.views.page(&session, "support.html", json!({ "socket": "/support/socket" })).await
}

pub async fn socket(
    ws: WebSocketUpgrade,
    State(state): State<AppState>,
    Customer(customer): Customer,
    session: Session,
    headers: HeaderMap,
) -> Result<Response> {
    open(ws, &headers, Talk { customer, from_staff: false, state, session })
}

pub async fn conversations(State(state): State<AppState>, session: Session) -> Result<Html<String>> {
    let conversations = state.db.conversations().await?;
    state.views.page(&session, "admin/conversations.html", json!({ "conversations": conversations })).await
}

pub async fn conversation(
    State(state): State<AppState>,
    session: Session,
    Path(customer): Path<i64>,
) -> Result<Html<String>> {
    let socket = format!("/admin/support/{customer}/socket");
    state.views.page(&session, "support.html", json!({ "socket": socket })).await
}

pub async fn staff_socket(
    ws: WebSocketUpgrade,
    State(state): State<AppState>,
    session: Session,
    Path(customer): Path<i64>,
    headers: HeaderMap,
) -> Result<Response> {
    open(ws, &headers, Talk { customer, from_staff: true, state, session })
}

/// One end of a conversation.
struct Talk {
    customer: i64,
    from_staff: bool,
    state: AppState,
    session: Session,
}

fn open(ws: WebSocketUpgrade, headers: &HeaderMap, talk: Talk) -> Result<Response> {
    // Browsers let a page of any site open a socket, with the cookies of this one.
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_owned());
    if let Some(origin) = text(header::ORIGIN)
        && host(origin).as_deref() != text(header::HOST)
    {
        return Err(AppError::new(StatusCode::FORBIDDEN, "a page of another site"));
    }
    Ok(ws.max_message_size(LONGEST).on_upgrade(async move |socket| {
        if let Err(err) = talk.run(socket).await {
            tracing::warn!("{err:?}");
        }
    }))
}

impl Talk {
    async fn run(self, mut socket: WebSocket) -> Result<()> {
        // Before the messages are read, so that none is missed.
        let mut changes = self.state.live.subscribe();
        for message in self.state.db.messages(self.customer).await? {
            send(&mut socket, &message).await?;
        }
        loop {
            tokio::select! {
                frame = socket.recv() => {
                    let text = match frame {
                        Some(Ok(Frame::Text(text))) => text.to_string(),
                        Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => continue,
                        Some(Ok(Frame::Binary(_))) => {
                            return close(&mut socket, close_code::UNSUPPORTED, "text, please").await;
                        }
                        Some(Ok(Frame::Close(_)) | Err(_)) | None => return Ok(()),
                    };
                    if !self.may_write().await? {
                        return close(&mut socket, close_code::POLICY, "sign in again").await;
                    }
                    let message = Message { customer: self.customer, from_staff: self.from_staff, text };
                    self.state.db.add_message(message.clone()).await?;
                    self.state.live.publish(Change::Message(message));
                }
                change = changes.recv() => match change {
                    Ok(Change::Message(message)) if message.customer == self.customer => {
                        send(&mut socket, &message).await?;
                    }
                    Ok(Change::Shutdown) => return close(&mut socket, close_code::AWAY, "going away").await,
                    Ok(_) => {}
                    // The page connects again, and gets the latest ones.
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return Ok(()),
                },
            }
        }
    }

    /// A sign-out or another password ends the conversation, too: the store is asked again, past what the session has read.
    async fn may_write(&self) -> Result<bool> {
        let Some(id) = self.session.id() else { return Ok(false) };
        let session = Session::new(Some(id), self.state.store.clone(), None);
        Ok(match SignedIn::checked(&self.state, &session).await? {
            Some(signed_in) if self.from_staff => signed_in.is_admin,
            Some(signed_in) => signed_in.id == self.customer,
            None => false,
        })
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) -> Result<()> {
    Ok(socket.send(Frame::Close(Some(CloseFrame { code, reason: reason.into() }))).await?)
}

async fn send(socket: &mut WebSocket, message: &Message) -> Result<()> {
    Ok(socket.send(Frame::text(serde_json::to_string(message)?)).await?)
}
