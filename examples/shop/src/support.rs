//! A conversation of a customer with the staff, over a WebSocket.

use connect::websocket::{CloseCode, Message as Frame, SwitchingProtocols, WebSocket, WebSocketUpgrade};
use connect::{Html, Result, Views, get};
use connect_middleware::session::{Principal, Sessions};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::accounts::number;
use crate::db::{Db, Message};
use crate::live::{Change, Live};
use crate::views::page;

/// The longest message, in bytes.
const LONGEST: usize = 2000;

#[get("/support")]
pub(crate) async fn show(views: &Views, sessions: &Sessions) -> Result<Html<String>> {
    page(views, sessions, "support.html", json!({ "socket": "/support/socket" })).await
}

#[get("/support/socket")]
pub(crate) fn socket(
    ws: WebSocketUpgrade,
    db: &Db,
    live: &Live,
    principal: &Principal,
    sessions: &Sessions,
) -> Result<SwitchingProtocols> {
    Talk { customer: number(principal)?, from_staff: false, db, live, sessions }.open(ws)
}

#[get("/support")]
pub(crate) async fn conversations(db: &Db, views: &Views, sessions: &Sessions) -> Result<Html<String>> {
    let conversations = db.conversations().await?;
    page(views, sessions, "admin/conversations.html", json!({ "conversations": conversations })).await
}

#[get("/support/:customer")]
pub(crate) async fn conversation(views: &Views, sessions: &Sessions, customer: i64) -> Result<Html<String>> {
    let socket = format!("/admin/support/{customer}/socket");
    page(views, sessions, "support.html", json!({ "socket": socket })).await
}

#[get("/support/:customer/socket")]
pub(crate) fn staff_socket(
    ws: WebSocketUpgrade,
    db: &Db,
    live: &Live,
    sessions: &Sessions,
    customer: i64,
) -> Result<SwitchingProtocols> {
    Talk { customer, from_staff: true, db, live, sessions }.open(ws)
}

/// One end of a conversation.
struct Talk<'a> {
    customer: i64,
    from_staff: bool,
    db: &'a Db,
    live: &'a Live,
    sessions: &'a Sessions,
}

impl Talk<'_> {
    fn open(self, ws: WebSocketUpgrade) -> Result<SwitchingProtocols> {
        let Talk { customer, from_staff, .. } = self;
        let (db, live, sessions) = (self.db.clone(), self.live.clone(), self.sessions.clone());
        Ok(ws.max_message_size(LONGEST).on_upgrade(async move |mut socket| {
            // Before the messages are read, so that none is missed.
            let mut changes = live.subscribe();
            for message in db.messages(customer).await? {
                send(&mut socket, &message).await?;
            }
            loop {
                tokio::select! {
                    frame = socket.recv() => {
                        let text = match frame {
                            Some(Ok(Frame::Text(text))) => text.to_string(),
                            Some(Ok(_)) => return Ok(socket.close(CloseCode::Unsupported, "text, please").await?),
                            Some(Err(_)) | None => return Ok(()),
                        };
                        // A sign-out or a lost role ends the conversation, too.
                        sessions.reload().await;
                        if !may_write(&sessions, customer, from_staff).await? {
                            return Ok(socket.close(CloseCode::Policy, "sign in again").await?);
                        }
                        let message = Message { customer, from_staff, text };
                        db.add_message(message.clone()).await?;
                        live.publish(Change::Message(message));
                    }
                    change = changes.recv() => match change {
                        Ok(Change::Message(message)) if message.customer == customer => {
                            send(&mut socket, &message).await?;
                        }
                        Ok(_) => {}
                        // The page connects again, and gets the latest ones.
                        Err(RecvError::Lagged(_) | RecvError::Closed) => return Ok(()),
                    },
                }
            }
        }))
    }
}

async fn may_write(sessions: &Sessions, customer: i64, from_staff: bool) -> Result<bool> {
    let Some(principal) = sessions.principal().await? else { return Ok(false) };
    Ok(if from_staff { principal.has_role("admin") } else { number(&principal)? == customer })
}

async fn send(socket: &mut WebSocket, message: &Message) -> Result<()> {
    Ok(socket.send(serde_json::to_string(message)?).await?)
}
