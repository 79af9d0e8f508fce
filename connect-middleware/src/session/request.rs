//! What a request knows of its session, and what is to be done with its response.

use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use connect::Response;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard};

use super::cookie::Sent;
use super::error::SessionError;
use super::shared::Shared;
use super::store::{PartChange, StoredPart, StoredSession, Swapped};
use super::token::Token;
use crate::cookie_options::keep_private;

/// The session of one request: what clones of [`Sessions`](super::Sessions) share with the layer.
pub(super) struct PerRequest {
    pub(super) shared: Arc<Shared>,
    sent: Sent,
    /// Whether the cookie is `Secure`, which decides its name.
    secure: bool,
    /// The layer has ended, so a new token cannot reach the client.
    sealed: AtomicBool,
    /// Made by the first method, since most requests do not use their session.
    state: OnceLock<Box<State>>,
}

#[derive(Default)]
struct State {
    /// One method at a time: two changes that begin a session begin the same one.
    held: AsyncMutex<Held>,
    out: Mutex<Out>,
}

/// What the request knows of its session.
#[derive(Default)]
pub(super) enum Held {
    /// Nothing yet, not even what the client has sent.
    #[default]
    Sent,
    /// Nothing but the token.
    Unread(Option<Token>),
    /// There is none: a change begins one.
    Absent,
    Here(Token, StoredSession),
    /// Another request ended it while this one was using it: this one begins no other.
    Ended,
    /// It is to have a new token. Boxed, as it is rare: at a login, not at each request.
    Issuing(Box<Issuing>),
}

/// An operation of the store that gives the session a new token.
///
/// It owns what it uses, so that it outlives the method that began it: where a timeout drops the handler, the layer lets the
/// operation run to its end before the response head goes out. Otherwise a client could be left with a token that the store
/// has replaced already.
pub(super) struct Issuing {
    token: Token,
    operation: Pin<Box<dyn Future<Output = Result<(), SessionError>> + Send>>,
    /// What the request knows if the operation fails.
    or_else: Held,
}

/// What the layer is to do with the response.
#[derive(Default)]
struct Out {
    cookie: Option<CookieChange>,
    is_issuing: bool,
    /// The layer waits for the token that is being issued.
    is_awaited: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CookieChange {
    Set(Token),
    Clear,
}

/// What is left to do when the layers below are done.
pub(super) struct Ending {
    pub(super) cookie: Option<CookieChange>,
    /// A new token is on its way: see [`settle`](PerRequest::settle).
    pub(super) is_issuing: bool,
}

impl PerRequest {
    pub(super) fn new(shared: Arc<Shared>, sent: Sent, secure: bool) -> Self {
        PerRequest { shared, sent, secure, sealed: AtomicBool::new(false), state: OnceLock::new() }
    }

    fn state(&self) -> &State {
        self.state.get_or_init(Box::default)
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.state().out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the layer has ended. To be asked while `out` is locked: then either this sees that it has, or the layer sees
    /// what was written there.
    fn is_sealed(&self) -> bool {
        fence(SeqCst);
        self.sealed.load(SeqCst)
    }

    /// What the client has sent: see [`Sent::read`].
    fn sent(&self) -> Option<Option<Token>> {
        self.sent.read(self.shared.cookie.name_for(self.secure))
    }

    /// Waits until no other method uses the session, and until a token is issued whose method was dropped.
    pub(super) async fn lock(&self) -> AsyncMutexGuard<'_, Held> {
        let mut held = self.state().held.lock().await;
        if matches!(*held, Held::Sent) {
            *held = Held::Unread(self.sent().flatten());
        } else if matches!(*held, Held::Issuing(_))
            && let Err(err) = self.finish_issuing(&mut held).await
        {
            tracing::warn!("a session could not get a new token after its request was dropped: {err}");
        }
        held
    }

    /// Loads the session if that has not been done, and extends its idle lifetime if that is due.
    pub(super) async fn load(&self, held: &mut Held) -> Result<(), SessionError> {
        let Held::Unread(token) = held else { return Ok(()) };
        let Some(token) = token.clone() else {
            *held = Held::Absent;
            return Ok(());
        };
        let shared = &self.shared;
        let (key, now) = (token.key(), (shared.clock)());
        // If this is dropped or fails, it is still to be read.
        let Some(session) = shared.ask(shared.store.load(&key, now)).await? else {
            *held = Held::Absent;
            return Ok(());
        };
        let expires = shared.expires(now, session.created);
        let is_due = expires.since(session.expires) >= shared.touch_step().max(Duration::from_millis(1));
        *held = Held::Here(token, session);
        shared.sweep_if_due(now);
        if is_due && let Err(err) = shared.ask(shared.store.touch(&key, expires, now)).await {
            // The session was read, and the next request tries again.
            tracing::warn!("the idle lifetime of a session could not be extended: {:?}", err.into_error());
        }
        Ok(())
    }

    /// Stores the change of a part, or else loads what it is now; `false` then.
    pub(super) async fn swap(&self, held: &mut Held, change: PartChange<'_>) -> Result<bool, SessionError> {
        let Held::Here(token, session) = held else { return Err(SessionError::Ended) };
        let shared = &self.shared;
        let (key, now) = (token.key(), (shared.clock)());
        match shared.ask(shared.store.swap(&key, change, now)).await? {
            Swapped::Done(version) => {
                match change.value {
                    Some(value) => {
                        let part = StoredPart { version, value: value.to_owned() };
                        session.parts.insert(change.part.to_owned(), part);
                    }
                    None => {
                        session.parts.remove(change.part);
                    }
                }
                return Ok(true);
            }
            Swapped::Conflict => {
                if let Some(newer) = shared.ask(shared.store.load(&key, now)).await? {
                    *session = newer;
                    return Ok(false);
                }
            }
            Swapped::Gone => {}
        }
        *held = Held::Ended;
        Err(SessionError::Ended)
    }

    /// A new token can reach the client.
    pub(super) fn check_head(&self) -> Result<(), SessionError> {
        if self.is_sealed() { Err(SessionError::HeadSent) } else { Ok(()) }
    }

    /// Gives the session a token by an operation of the store, which runs to its end although this future is dropped.
    pub(super) async fn issue(
        &self,
        held: &mut Held,
        token: Token,
        operation: impl Future<Output = Result<(), SessionError>> + Send + 'static,
    ) -> Result<(), SessionError> {
        let or_else = match mem::replace(held, Held::Absent) {
            Held::Here(token, _) => Held::Unread(Some(token)),
            other => other,
        };
        {
            let mut out = self.out();
            if self.is_sealed() {
                *held = or_else;
                return Err(SessionError::HeadSent);
            }
            out.is_issuing = true;
        }
        *held = Held::Issuing(Box::new(Issuing { token, operation: Box::pin(operation), or_else }));
        self.finish_issuing(held).await
    }

    async fn finish_issuing(&self, held: &mut Held) -> Result<(), SessionError> {
        let Held::Issuing(issuing) = held else { return Ok(()) };
        let result = issuing.operation.as_mut().await;
        let Held::Issuing(issuing) = mem::replace(held, Held::Ended) else { return Ok(()) };
        let Issuing { token, or_else, .. } = *issuing;
        let is_late = {
            let mut out = self.out();
            out.is_issuing = false;
            let is_late = self.is_sealed() && !out.is_awaited;
            if result.is_ok() && !is_late {
                out.cookie = Some(CookieChange::Set(token.clone()));
            }
            is_late
        };
        if let Err(err) = result {
            *held = or_else;
            return Err(err);
        }
        if is_late {
            // Nobody would ever have the token.
            self.shared.ask(self.shared.store.remove(&token.key())).await?;
            return Err(SessionError::HeadSent);
        }
        *held = Held::Unread(Some(token));
        Ok(())
    }

    /// Ends the session of this request.
    pub(super) async fn end(&self, held: &mut Held) -> Result<(), SessionError> {
        if let Held::Unread(Some(token)) | Held::Here(token, _) = &*held {
            self.shared.ask(self.shared.store.remove(&token.key())).await?;
        }
        self.forget(held);
        Ok(())
    }

    /// There is no session any more.
    pub(super) fn forget(&self, held: &mut Held) {
        // A cookie of another request that ended this session is not ours to clear.
        if !matches!(held, Held::Ended) {
            *held = Held::Absent;
            let has_cookie = self.sent().is_some();
            self.out().cookie = has_cookie.then_some(CookieChange::Clear);
        }
    }

    /// The layers below are done, or were dropped: from now on there is no new token. `None` if the session was not used.
    pub(super) fn seal(&self) -> Option<Ending> {
        self.sealed.store(true, SeqCst);
        fence(SeqCst);
        self.state.get()?;
        let mut out = self.out();
        out.is_awaited = out.is_issuing;
        Some(Ending { cookie: out.cookie.take(), is_issuing: out.is_issuing })
    }

    /// Waits for a token that is being issued, and says what is to be done with the cookie.
    pub(super) async fn settle(&self) -> Option<CookieChange> {
        drop(self.lock().await);
        let mut out = self.out();
        out.is_awaited = false;
        out.cookie.take()
    }

    /// Sets or clears the cookie.
    pub(super) fn send(&self, change: &CookieChange, res: &mut Response) {
        let options = &self.shared.cookie;
        res.vary("Cookie");
        keep_private(res);
        match change {
            CookieChange::Set(token) => {
                res.cookie(options.build(self.secure, token.text()));
            }
            CookieChange::Clear => {
                res.clear_cookie(options.build(self.secure, String::new()));
            }
        }
    }

    /// The token of the session, as far as the request knows.
    #[cfg(test)]
    pub(super) fn held_token(&self) -> Option<Token> {
        match &*self.state().held.try_lock().ok()? {
            Held::Sent => self.sent().flatten(),
            Held::Unread(token) => token.clone(),
            Held::Here(token, _) => Some(token.clone()),
            Held::Absent | Held::Ended | Held::Issuing(_) => None,
        }
    }
}
