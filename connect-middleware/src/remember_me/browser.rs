//! Whether the browser of a request is remembered.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect::cookie::Cookie;
use connect::{Request, Result};

use super::error::RememberError;
use super::store::{AnyStore, NewSeries, Rotation};
use super::token::{Secret, Ticket};
use crate::cookie_options::CookieOptions;
use crate::session::{Key, Principal, Sessions, StoreError, Timestamp};
use crate::sweep::Sweeps;

// Functions that users give, of types of their own: `Browser` is one type. They are called when a browser is signed in again.
pub(super) type OnTheft = Box<dyn Fn(&str) + Send + Sync>;
pub(super) type Found = Pin<Box<dyn Future<Output = Result<Option<Principal>>> + Send>>;

/// What all requests share.
pub(super) struct Shared {
    pub(super) store: Arc<dyn AnyStore>,
    pub(super) cookie: CookieOptions,
    pub(super) find: Box<dyn Fn(String) -> Found + Send + Sync>,
    pub(super) on_theft: Option<OnTheft>,
    // For tests.
    pub(super) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) grace: Duration,
    pub(super) store_timeout: Duration,
    pub(super) sweeps: Sweeps,
}

impl Shared {
    async fn ask<T>(&self, operation: impl Future<Output = Result<T, StoreError>>) -> Result<T> {
        let late = || {
            format!("the store of remembered browsers did not answer within {:?}", self.store_timeout).into()
        };
        let answer = tokio::time::timeout(self.store_timeout, operation).await;
        answer.unwrap_or_else(|_| Err(late())).map_err(|cause| RememberError::Store(cause).into_error())
    }

    /// Frees the space of expired series, beside the requests: where no background task does.
    fn sweep_if_due(self: &Arc<Self>, now: Timestamp) {
        if self.sweeps.are_due(now) {
            let shared = Arc::clone(self);
            tokio::spawn(async move { shared.sweep().await });
        }
    }

    async fn sweep(&self) {
        if let Err(err) = self.store.sweep((self.clock)()).await {
            tracing::warn!("expired series of remembered browsers could not be removed: {err}");
        }
    }

    /// The background task that frees the space of expired series until it is dropped.
    pub(super) async fn keep_sweeping(self: Arc<Self>) {
        self.sweeps.keep(|| self.sweep()).await;
    }
}

/// After one rotation, the next attempt finds the token of before: more are of a store that does not do what it says.
const ATTEMPTS: usize = 4;

/// Whether the browser of a request is remembered: what routes take as `browser: &Browser`. Clones are of the same request.
///
/// # Errors
/// The cause of the errors of all methods is a [`RememberError`]: status 503 if the store fails.
#[derive(Clone)]
pub struct Browser {
    request: Arc<PerRequest>,
}

struct PerRequest {
    shared: Arc<Shared>,
    sessions: Sessions,
    secure: bool,
    /// The client has sent a cookie of this name, whatever its value.
    has_cookie: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the browser has, or is about to get.
    ticket: Option<Ticket>,
    /// Who was signed in when the layers below began, or `remember` was called; `None` if that is not known, or there is no ticket.
    entered: Option<Entered>,
    out: Option<Change>,
    /// The response head has been sent.
    sealed: bool,
    /// The layers below were dropped before their end.
    dropped: bool,
}

/// The id of the principal, if one was signed in.
type Entered = Option<String>;

/// What is to be sent.
enum Change {
    Set(Ticket),
    Clear,
}

impl Browser {
    pub(super) fn new(shared: &Arc<Shared>, sessions: Sessions, req: &Request, secure: bool) -> Self {
        let sent = req.cookie(shared.cookie.name_for(secure));
        let state = State { ticket: sent.as_deref().and_then(Ticket::parse), ..State::default() };
        let has_cookie = sent.is_some();
        let (shared, state) = (Arc::clone(shared), Mutex::new(state));
        Browser { request: Arc::new(PerRequest { shared, sessions, secure, has_cookie, state }) }
    }

    pub(super) fn has_cookie(&self) -> bool {
        self.request.has_cookie
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.request.shared
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.request.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ticket(&self) -> Option<Ticket> {
        self.state().ticket.clone()
    }

    /// The response head goes out: the cookie to set, or to clear.
    pub(super) fn seal(&self) -> Option<(Cookie<'static>, bool)> {
        let mut state = self.state();
        state.sealed = true;
        let (value, is_set) = match state.out.take()? {
            Change::Set(ticket) => (ticket.text(), true),
            Change::Clear => (String::new(), false),
        };
        Some((self.shared().cookie.build(self.request.secure, value), is_set))
    }

    /// The browser is to have a ticket. `false` if the response head has been sent.
    fn send(&self, ticket: Ticket) -> bool {
        let mut state = self.state();
        if state.sealed {
            return false;
        }
        state.out = Some(Change::Set(ticket.clone()));
        state.ticket = Some(ticket);
        true
    }

    /// The browser is to have none.
    fn clear(&self) {
        let mut state = self.state();
        state.ticket = None;
        state.entered = None;
        state.out = self.request.has_cookie.then_some(Change::Clear);
    }

    /// Signs in again whoever is remembered, if nobody is signed in. A failure is logged, and the request goes on.
    pub(super) async fn enter(&self) {
        match self.request.sessions.known_principal().await {
            Ok(Some(principal)) => self.state().entered = Some(Some(principal.id().to_owned())),
            Ok(None) => match self.ticket() {
                None => self.clear(),
                Some(ticket) => {
                    self.state().entered = Some(None);
                    if let Err(err) = self.sign_in(ticket).await {
                        tracing::warn!("a remembered browser could not be signed in again: {err:?}");
                    }
                }
            },
            Err(err) => tracing::warn!("it is not known whether a remembered browser is signed in: {err:?}"),
        }
    }

    async fn sign_in(&self, ticket: Ticket) -> Result<()> {
        let shared = self.shared();
        let (series, token) = (ticket.series.hash(), ticket.token.hash());
        for _ in 0..ATTEMPTS {
            let now = (shared.clock)();
            let Some(stored) = shared.ask(shared.store.load(&series, now)).await? else {
                self.clear();
                return Ok(());
            };
            // The token of before may come from another tab, which sent its request before it had the new one.
            let just_rotated = stored.previous.is_some() && now < stored.rotated.after(shared.grace);
            if stored.token != token && !(just_rotated && stored.previous == Some(token)) {
                return self.end_of_theft(&stored.owner).await;
            }
            let Some(principal) = (shared.find)(stored.owner.clone()).await? else {
                shared.ask(shared.store.remove(&series)).await?;
                self.clear();
                return Ok(());
            };
            // Otherwise the token of before would not be valid for its whole time.
            if !just_rotated {
                let next = Ticket { series: ticket.series.clone(), token: Secret::generate()? };
                let (to, expires) = (next.token.hash(), now.after(shared.cookie.max_age));
                let rotation = Rotation { from: token, to, now, expires };
                if !shared.ask(shared.store.rotate(&series, rotation)).await? {
                    // Another tab was faster: the next time it has just been rotated, or it is gone.
                    continue;
                }
                shared.sweep_if_due(now);
                self.send(next);
            }
            let id = principal.id().to_owned();
            self.request.sessions.login(principal).await?;
            // A theft that was found in between has ended all sessions but this one.
            if shared.ask(shared.store.load(&series, now)).await?.is_none() {
                self.request.sessions.logout().await?;
                self.clear();
                return Ok(());
            }
            self.state().entered = Some(Some(id));
            return Ok(());
        }
        let cause = "the token of a remembered browser is in constant change";
        Err(RememberError::Store(cause.into()).into_error())
    }

    /// Somebody has used a copy of the cookie: nobody knows which of the two is the owner.
    async fn end_of_theft(&self, owner: &str) -> Result<()> {
        let shared = self.shared();
        // Before the series go: if this fails, the next request with the cookie finds the theft again.
        self.request.sessions.logout_principal(owner).await?;
        shared.ask(shared.store.remove_owned(owner, None)).await?;
        // One that began with a series that was still there.
        let ended = self.request.sessions.logout_principal(owner).await;
        self.clear();
        tracing::warn!(
            owner,
            "an old token of a remembered browser was used, so that somebody may have a copy of its cookie: all sessions and \
             remembered browsers of the owner were ended"
        );
        if let Some(on_theft) = &shared.on_theft {
            on_theft(owner);
        }
        ended
    }

    /// Forgets the browser if the request has signed out, or signed in somebody who is not remembered: the cookie is not theirs.
    pub(super) async fn leave(&self) {
        let entered = {
            let state = self.state();
            if state.ticket.is_some() { state.entered.clone() } else { None }
        };
        let Some(entered) = entered else { return };
        let Ok(now) = self.request.sessions.known_principal().await else { return };
        if now.as_ref().map(Principal::id) == entered.as_deref() {
            return;
        }
        if let Err(err) = self.forget().await {
            tracing::warn!("a browser could not be forgotten at logout: {err:?}");
        }
    }

    /// The same where the layers below were dropped: what they did to the session is done.
    pub(super) async fn leave_if_dropped(&self) {
        let dropped = self.state().dropped;
        if dropped {
            self.leave().await;
        }
    }

    /// Whether the browser has a cookie by which it is remembered. The store is not asked.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.state().ticket.is_some()
    }

    /// Remembers the browser: the principal who is signed in is signed in again when the session has ended. Call it after
    /// [`login`](Sessions::login).
    ///
    /// # Errors
    /// If nobody is signed in; if the store fails; if the response head has been sent.
    pub async fn remember(&self) -> Result<()> {
        let Some(principal) = self.request.sessions.known_principal().await? else {
            return Err(RememberError::NotSignedIn.into_error());
        };
        if self.state().sealed {
            return Err(RememberError::HeadSent.into_error());
        }
        let shared = self.shared();
        if let Some(ticket) = self.ticket() {
            shared.ask(shared.store.remove(&ticket.series.hash())).await?;
        }
        let ticket = Ticket { series: Secret::generate()?, token: Secret::generate()? };
        let (series, created) = (ticket.series.hash(), (shared.clock)());
        let (token, expires) = (ticket.token.hash(), created.after(shared.cookie.max_age));
        let new = NewSeries { owner: principal.id(), token, created, expires };
        shared.ask(shared.store.insert(&series, new)).await?;
        shared.sweep_if_due(created);
        if !self.send(ticket) {
            // Nobody would ever have the cookie.
            shared.ask(shared.store.remove(&series)).await?;
            return Err(RememberError::HeadSent.into_error());
        }
        self.state().entered = Some(Some(principal.id().to_owned()));
        Ok(())
    }

    /// Forgets this browser. [`logout`](Sessions::logout) does so, too.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn forget(&self) -> Result<()> {
        if let Some(ticket) = self.ticket() {
            let shared = self.shared();
            shared.ask(shared.store.remove(&ticket.series.hash())).await?;
        }
        self.clear();
        Ok(())
    }

    /// Forgets all browsers of the principal who is signed in, this one included: beside
    /// [`logout_everywhere`](Sessions::logout_everywhere), and before it.
    ///
    /// # Errors
    /// If nobody is signed in; if the store fails.
    pub async fn forget_everywhere(&self) -> Result<()> {
        self.forget_owned(None).await?;
        self.clear();
        Ok(())
    }

    /// Forgets all other browsers of the principal who is signed in: beside [`logout_elsewhere`](Sessions::logout_elsewhere), as after a
    /// change of the password.
    ///
    /// # Errors
    /// If nobody is signed in; if the store fails.
    pub async fn forget_elsewhere(&self) -> Result<()> {
        let own = self.ticket().map(|ticket| ticket.series.hash());
        self.forget_owned(own.as_ref()).await
    }

    async fn forget_owned(&self, except: Option<&Key>) -> Result<()> {
        let Some(principal) = self.request.sessions.known_principal().await? else {
            return Err(RememberError::NotSignedIn.into_error());
        };
        let shared = self.shared();
        shared.ask(shared.store.remove_owned(principal.id(), except)).await
    }

    /// Forgets all browsers of a principal, by its id: beside [`logout_principal`](Sessions::logout_principal).
    ///
    /// # Errors
    /// If the store fails.
    pub async fn forget_principal(&self, id: &str) -> Result<()> {
        let shared = self.shared();
        shared.ask(shared.store.remove_owned(id, None)).await
    }
}

/// The layers below run. Where a timeout above drops them, or the client leaves, a logout of theirs forgets the browser all the same.
pub(super) struct Below<'a> {
    pub(super) browser: &'a Browser,
    pub(super) is_done: bool,
}

impl Drop for Below<'_> {
    fn drop(&mut self) {
        if self.is_done || self.browser.ticket().is_none() {
            return;
        }
        self.browser.state().dropped = true;
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let browser = self.browser.clone();
            runtime.spawn(async move { browser.leave().await });
        }
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}
