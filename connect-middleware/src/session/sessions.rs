//! The session of a request.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect::{Error, Result};
use tokio::sync::Mutex as AsyncMutex;

use super::error::SessionError;
use super::parts::{Flash, Login, Message, Part, Principal};
use super::store::{AnyStore, NewSession, PartChange, StoreError, StoredPart, StoredSession, Swapped};
use super::timestamp::Timestamp;
use super::token::Token;

/// What all requests share.
pub(super) struct Shared {
    pub(super) store: Arc<dyn AnyStore>,
    pub(super) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) touch_every: Duration,
    pub(super) sweep_every: Duration,
    pub(super) store_timeout: Duration,
    pub(super) part_limit: usize,
    pub(super) reads_go_on: bool,
    pub(super) next_sweep: AtomicU64,
    pub(super) warned: AtomicBool,
}

impl Shared {
    /// When a session expires that is used now.
    fn expires(&self, now: Timestamp, created: Timestamp) -> Timestamp {
        now.after(self.idle).min(created.after(self.absolute))
    }

    /// By how much longer a session has to live for the store to be told: a short idle lifetime is extended more often.
    fn touch_step(&self) -> Duration {
        self.touch_every.min(self.idle / 4)
    }

    async fn ask<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, SessionError> {
        let answer = tokio::time::timeout(self.store_timeout, operation).await;
        let late = |_| format!("the session store did not answer within {:?}", self.store_timeout).into();
        answer.map_err(late).and_then(|answer| answer).map_err(SessionError::Store)
    }

    /// Frees the space of expired sessions, beside the requests.
    fn sweep_if_due(&self, now: Timestamp) {
        let due = self.next_sweep.load(Relaxed);
        let next = now.after(self.sweep_every).as_millis();
        if now.as_millis() < due || self.next_sweep.compare_exchange(due, next, Relaxed, Relaxed).is_err() {
            return;
        }
        let store = Arc::clone(&self.store);
        tokio::spawn(async move {
            if let Err(err) = store.sweep(now).await {
                tracing::warn!("expired sessions could not be removed: {err}");
            }
        });
    }
}

/// The session of a request: what routes take as `sessions: &Sessions`.
///
/// It is loaded by the first method that needs it, once for a request, so a route that does not use it costs no access of the
/// store. Clones are of the same request.
///
/// # Errors
/// The cause of the errors of all methods is a [`SessionError`]: status 503 if the store fails, 409 if another request has ended the session
/// since it was read here.
///
/// # Changes
/// A change is in the store when its method returns. The closure of a change may run several times: where another request
/// has changed the same part since it was read, the closure runs again on the newer value, at most 32 times. It gets nothing but
/// the part, and should have no other effects.
#[derive(Clone)]
pub struct Sessions {
    request: Arc<PerRequest>,
}

struct PerRequest {
    shared: Arc<Shared>,
    /// One method at a time: two changes that begin a session begin the same one.
    held: AsyncMutex<Held>,
    out: Mutex<Out>,
    /// The client has sent a cookie of this name, whatever its value.
    has_cookie: bool,
}

/// What the request knows of its session.
enum Held {
    /// Nothing yet.
    Unread(Option<Token>),
    /// There is none: a change begins one.
    Absent,
    Here(Token, StoredSession),
    /// Another request ended it while this one was using it: this one begins no other.
    Ended,
}

/// What the layer is to do with the response.
#[derive(Default)]
struct Out {
    cookie: Option<CookieChange>,
    used: bool,
    /// The response head has been sent.
    sealed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CookieChange {
    Set(Token),
    Clear,
}

/// Of the requests that change a part at the same time, one succeeds with each attempt of the others.
const ATTEMPTS: usize = 32;

impl Sessions {
    pub(super) fn new(shared: &Arc<Shared>, token: Option<Token>, has_cookie: bool) -> Self {
        let held = AsyncMutex::new(Held::Unread(token));
        let request = PerRequest { shared: Arc::clone(shared), held, out: Mutex::default(), has_cookie };
        Sessions { request: Arc::new(request) }
    }

    fn shared(&self) -> &Shared {
        &self.request.shared
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.request.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The response head goes out: what is to be done with the cookie, and whether the session was used.
    pub(super) fn seal(&self) -> (Option<CookieChange>, bool) {
        let mut out = self.out();
        out.sealed = true;
        (out.cookie.take(), out.used)
    }

    /// The token of the session, as far as the request knows.
    #[cfg(test)]
    pub(super) fn held_token(&self) -> Option<Token> {
        match &*self.request.held.try_lock().ok()? {
            Held::Unread(token) => token.clone(),
            Held::Here(token, _) => Some(token.clone()),
            Held::Absent | Held::Ended => None,
        }
    }

    /// A new token can reach the client.
    fn check_head(&self) -> Result<(), SessionError> {
        if self.out().sealed { Err(SessionError::HeadSent) } else { Ok(()) }
    }

    /// Sends the client a token, if the response head has not been sent yet.
    fn send(&self, cookie: CookieChange) -> bool {
        let mut out = self.out();
        if !out.sealed {
            out.cookie = Some(cookie);
        }
        !out.sealed
    }

    /// Loads the session if that has not been done, and extends its idle lifetime if that is due.
    async fn load(&self, held: &mut Held) -> Result<(), SessionError> {
        self.out().used = true;
        let Held::Unread(token) = held else { return Ok(()) };
        let Some(token) = token.take() else {
            *held = Held::Absent;
            return Ok(());
        };
        // If this is dropped or fails, it is still to be read.
        *held = Held::Unread(Some(token.clone()));
        let shared = self.shared();
        let (key, now) = (token.key(), (shared.clock)());
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

    async fn read<P: Part>(&self) -> Result<P, SessionError> {
        let mut held = self.request.held.lock().await;
        self.load(&mut held).await?;
        let Held::Here(_, session) = &*held else { return Ok(P::default()) };
        session.parts.get(P::NAME).map_or_else(|| Ok(P::default()), |part| decode(&part.value))
    }

    /// A part: its default if nothing was put in.
    ///
    /// # Errors
    /// If the store fails, unless [`StoreFailure::ReadDefaults`](super::StoreFailure::ReadDefaults) is set; if what is stored is
    /// no `P`.
    pub async fn get<P: Part>(&self) -> Result<P> {
        match self.read().await {
            Err(SessionError::Store(cause)) if self.shared().reads_go_on => {
                tracing::warn!("a session is read as empty, because its store failed: {cause}");
                Ok(P::default())
            }
            read => read.map_err(SessionError::into_error),
        }
    }

    /// Changes a part, and returns it as it is stored then.
    ///
    /// A closure that leaves the part as it was writes nothing, and begins no session.
    ///
    /// ```
    /// # use connect_middleware::session::{Part, Sessions};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Default)]
    /// # struct Cart { items: Vec<String> }
    /// # impl Part for Cart { const NAME: &'static str = "cart"; }
    /// # async fn add(sessions: &Sessions) -> connect::Result<String> {
    /// let cart = sessions.change::<Cart>(|cart| cart.items.push("anvil".to_owned())).await?;
    /// Ok(format!("{} items", cart.items.len()))
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the store fails; if the session was ended by another request since it was read here; if the part is in constant change;
    /// if it becomes too large; if what is stored is no `P`.
    pub async fn change<P: Part>(&self, mut change: impl FnMut(&mut P) + Send) -> Result<P> {
        const { assert_changeable::<P>() };
        let changed = self.update(|part: &mut P| {
            change(part);
            Ok::<(), Infallible>(())
        });
        match changed.await.map_err(SessionError::into_error)? {
            Ok(((), part)) => Ok(part),
            Err(never) => match never {},
        }
    }

    /// Changes a part unless the closure fails, and returns what the closure returned at last.
    ///
    /// ```
    /// # use connect_middleware::session::{Part, Sessions};
    /// # use connect::Error;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, Default)]
    /// # struct Cart { items: Vec<String> }
    /// # impl Part for Cart { const NAME: &'static str = "cart"; }
    /// # async fn remove(sessions: &Sessions) -> connect::Result<String> {
    /// let removed = sessions.try_change(|cart: &mut Cart| cart.items.pop().ok_or(Error::new(404, "the cart is empty"))).await?;
    /// Ok(format!("removed {removed}"))
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of the closure, after which nothing is changed, and those of [`change`](Sessions::change).
    pub async fn try_change<P: Part, T: Send, E: Into<Error> + Send>(
        &self,
        change: impl FnMut(&mut P) -> Result<T, E> + Send,
    ) -> Result<T> {
        const { assert_changeable::<P>() };
        let changed = self.update(change).await.map_err(SessionError::into_error)?;
        changed.map(|(value, _)| value).map_err(Into::into)
    }

    /// Removes a part: it is its default again. Works as well where what is stored is no longer a `P`.
    ///
    /// # Errors
    /// If the store fails; if the session was ended by another request since it was read here.
    pub async fn remove<P: Part>(&self) -> Result<()> {
        const { assert_changeable::<P>() };
        self.remove_part(P::NAME).await.map_err(SessionError::into_error)
    }

    async fn remove_part(&self, part: &'static str) -> Result<(), SessionError> {
        let mut held = self.request.held.lock().await;
        self.load(&mut held).await?;
        for _ in 0..ATTEMPTS {
            let from = match &*held {
                Held::Here(_, session) => session.parts.get(part).map(|part| part.version),
                Held::Ended => return Err(SessionError::Ended),
                Held::Unread(_) | Held::Absent => None,
            };
            let Some(from) = from else { return Ok(()) };
            if self.swap(&mut held, PartChange { part, from, value: None }).await? {
                return Ok(());
            }
        }
        Err(SessionError::Conflict { part })
    }

    /// Runs the closure on the stored value until the result can be stored.
    async fn update<P: Part, T: Send, E: Send>(
        &self,
        mut change: impl FnMut(&mut P) -> Result<T, E> + Send,
    ) -> Result<Result<(T, P), E>, SessionError> {
        let mut held = self.request.held.lock().await;
        self.load(&mut held).await?;
        for _ in 0..ATTEMPTS {
            let stored = match &*held {
                Held::Here(_, session) => session.parts.get(P::NAME),
                Held::Ended => return Err(SessionError::Ended),
                Held::Unread(_) | Held::Absent => None,
            };
            let from = stored.map_or(0, |part| part.version);
            let mut part = stored.map_or_else(|| Ok(P::default()), |part| decode::<P>(&part.value))?;
            // Not what is stored: that may be of an older version of the type.
            let before = encode(&part)?;
            let value = match change(&mut part) {
                Ok(value) => value,
                Err(err) => return Ok(Err(err)),
            };
            let after = encode(&part)?;
            if after == before {
                return Ok(Ok((value, part)));
            }
            let (bytes, limit) = (after.len(), self.shared().part_limit);
            if bytes > limit {
                return Err(SessionError::TooLarge { part: P::NAME, bytes, limit });
            }
            let is_done = match &*held {
                Held::Here(..) => {
                    self.swap(&mut held, PartChange { part: P::NAME, from, value: Some(&after) }).await?
                }
                _ => self.begin(&mut held, None, P::NAME, &after).await.map(|()| true)?,
            };
            if is_done {
                return Ok(Ok((value, part)));
            }
        }
        Err(SessionError::Conflict { part: P::NAME })
    }

    /// Stores the change of a part, or else loads what it is now; `false` then.
    async fn swap(&self, held: &mut Held, change: PartChange<'_>) -> Result<bool, SessionError> {
        let Held::Here(token, session) = held else { return Err(SessionError::Ended) };
        let shared = self.shared();
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

    /// Begins a session, with a token of its own.
    async fn begin(
        &self,
        held: &mut Held,
        owner: Option<&str>,
        part: &str,
        value: &[u8],
    ) -> Result<(), SessionError> {
        self.check_head()?;
        let shared = self.shared();
        let (token, now) = (Token::generate()?, (shared.clock)());
        let expires = shared.expires(now, now);
        let new = NewSession { owner, created: now, expires, part, value };
        shared.ask(shared.store.create(&token.key(), new)).await?;
        shared.sweep_if_due(now);
        self.issue(held, token).await
    }

    /// The session has a new token, which the client is to get.
    async fn issue(&self, held: &mut Held, token: Token) -> Result<(), SessionError> {
        if !self.send(CookieChange::Set(token.clone())) {
            // Nobody would ever have the token.
            *held = Held::Ended;
            let shared = self.shared();
            shared.ask(shared.store.remove(&token.key())).await?;
            return Err(SessionError::HeadSent);
        }
        *held = Held::Unread(Some(token));
        Ok(())
    }

    /// Signs a principal in, and gives the session a new token. The old token is of no session from then on.
    ///
    /// The parts of an anonymous session stay, and so do those of the same principal. Those of another principal go.
    /// Where the rights of a principal change, call it again with the new roles. It does not check a password: that has been done.
    ///
    /// # Errors
    /// If the store fails, or if the response head has been sent. Nobody is signed in then by this call.
    pub async fn login(&self, principal: Principal) -> Result<()> {
        self.sign_in(principal).await.map_err(SessionError::into_error)
    }

    async fn sign_in(&self, principal: Principal) -> Result<(), SessionError> {
        let mut held = self.request.held.lock().await;
        self.load(&mut held).await?;
        self.check_head()?;
        let owner = principal.id().to_owned();
        let login = encode(&Login::of(principal))?;
        let shared = self.shared();
        if let Held::Here(old, session) = &*held {
            let old = old.key();
            if session.owner.as_ref().is_some_and(|other| *other != owner) {
                shared.ask(shared.store.remove(&old)).await?;
            } else {
                let (token, now) = (Token::generate()?, (shared.clock)());
                let expires = shared.expires(now, now);
                let (owner, part) = (Some(&*owner), Login::NAME);
                let new = NewSession { owner, created: now, expires, part, value: &login };
                if shared.ask(shared.store.rename(&old, &token.key(), new)).await? {
                    return self.issue(&mut held, token).await;
                }
            }
        }
        // There is none, or no longer: the parts of one that another request has ended do not come back.
        self.begin(&mut held, Some(&owner), Login::NAME, &login).await
    }

    /// The principal who is signed in, if one is: for pages that may know it. A guard for pages that have to is
    /// [`require_login`](super::require_login).
    ///
    /// # Errors
    /// Those of [`get`](Sessions::get).
    pub async fn principal(&self) -> Result<Option<Principal>> {
        Ok(self.get::<Login>().await?.into_principal())
    }

    /// The same for guards, which never take a failure of the store for nobody.
    pub(super) async fn known_principal(&self) -> Result<Option<Principal>> {
        let login: Login = self.read().await.map_err(SessionError::into_error)?;
        Ok(login.into_principal())
    }

    /// Ends the session with all of its parts, and removes the cookie. A change that another request is about to store fails.
    ///
    /// # Errors
    /// If the store fails. The session is then still there, and so is the cookie.
    pub async fn logout(&self) -> Result<()> {
        let mut held = self.request.held.lock().await;
        self.end(&mut held).await.map_err(SessionError::into_error)
    }

    async fn end(&self, held: &mut Held) -> Result<(), SessionError> {
        self.out().used = true;
        if let Held::Unread(Some(token)) | Held::Here(token, _) = &*held {
            let shared = self.shared();
            shared.ask(shared.store.remove(&token.key())).await?;
        }
        self.forget(held);
        Ok(())
    }

    /// There is no session any more.
    fn forget(&self, held: &mut Held) {
        // A cookie of another request that ended this session is not ours to clear.
        if !matches!(held, Held::Ended) {
            *held = Held::Absent;
            let mut out = self.out();
            out.cookie = self.request.has_cookie.then_some(CookieChange::Clear);
        }
    }

    /// Ends all sessions of the principal who is signed in here, in all browsers, this one included.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn logout_everywhere(&self) -> Result<()> {
        let mut held = self.request.held.lock().await;
        let ended = async {
            self.load(&mut held).await?;
            let Held::Here(_, StoredSession { owner: Some(owner), .. }) = &*held else {
                return self.end(&mut held).await;
            };
            let shared = self.shared();
            shared.ask(shared.store.remove_owned(owner, None)).await?;
            self.forget(&mut held);
            Ok(())
        };
        ended.await.map_err(SessionError::into_error)
    }

    /// Ends all other sessions of the principal who is signed in here: as after a change of the password. This one stays.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn logout_elsewhere(&self) -> Result<()> {
        let mut held = self.request.held.lock().await;
        let ended = async {
            self.load(&mut held).await?;
            let Held::Here(token, StoredSession { owner: Some(owner), .. }) = &*held else { return Ok(()) };
            let shared = self.shared();
            shared.ask(shared.store.remove_owned(owner, Some(&token.key()))).await
        };
        ended.await.map_err(SessionError::into_error)
    }

    /// Ends all sessions of a principal, by its id: for administrators, where an account is locked or its roles change.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn logout_principal(&self, id: &str) -> Result<()> {
        let mut held = self.request.held.lock().await;
        let ended = async {
            // If it is the own one, it is gone as well.
            self.load(&mut held).await?;
            let shared = self.shared();
            shared.ask(shared.store.remove_owned(id, None)).await?;
            if matches!(&*held, Held::Here(_, session) if session.owner.as_deref() == Some(id)) {
                self.forget(&mut held);
            }
            Ok(())
        };
        ended.await.map_err(SessionError::into_error)
    }

    /// Leaves a message for the next page that takes them: `sessions.flash("info", "Saved.").await?`. At most 32 are kept, the
    /// latest ones.
    ///
    /// # Errors
    /// Those of [`change`](Sessions::change).
    pub async fn flash(&self, kind: &str, text: impl Into<String>) -> Result<()> {
        let message = Message::new(kind, text.into());
        self.change::<Flash>(|flash| flash.push(message.clone())).await.map(drop)
    }

    /// Takes the messages out: each is read once, by one request. Where there are none, nothing is written.
    ///
    /// # Errors
    /// Those of [`change`](Sessions::change).
    pub async fn take_flash(&self) -> Result<Vec<Message>> {
        self.try_change(|flash: &mut Flash| Ok::<_, Error>(flash.take())).await
    }

    /// Forgets what was read, so that the next method reads the store again: for streams and sockets that outlive other
    /// requests.
    pub async fn reload(&self) {
        let mut held = self.request.held.lock().await;
        if let Held::Here(token, _) = &*held {
            *held = Held::Unread(Some(token.clone()));
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// Stops the compiler at a change of what is no part of the application.
const fn assert_changeable<P: Part>() {
    let (name, login) = (P::NAME.as_bytes(), Login::NAME.as_bytes());
    assert!(!name.is_empty(), "a part needs a name: `const NAME: &'static str`");
    let mut same = name.len() == login.len();
    let mut at = 0;
    while same && at < name.len() {
        same = name[at] == login[at];
        at += 1;
    }
    assert!(!same, "the part `login` is changed by `login` and `logout`, which give the session a new token");
}

fn decode<P: Part>(value: &[u8]) -> Result<P, SessionError> {
    serde_json::from_slice(value).map_err(|cause| SessionError::Format { part: P::NAME, cause })
}

fn encode<P: Part>(part: &P) -> Result<Vec<u8>, SessionError> {
    serde_json::to_vec(part).map_err(|cause| SessionError::Format { part: P::NAME, cause })
}
