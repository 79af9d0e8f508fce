//! The session of a request.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use connect::{Error, Result};

use super::error::SessionError;
use super::parts::{Flash, Login, Message, Part, Principal};
use super::request::{Held, PerRequest};
use super::shared::Shared;
use super::store::{NewSession, PartChange, StoredSession};
use super::token::Token;

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

/// Of the requests that change a part at the same time, one succeeds with each attempt of the others.
const ATTEMPTS: usize = 32;

impl Sessions {
    pub(super) const fn of(request: Arc<PerRequest>) -> Self {
        Sessions { request }
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.request.shared
    }

    async fn read<P: Part>(&self) -> Result<P, SessionError> {
        let mut held = self.request.lock().await;
        self.request.load(&mut held).await?;
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
        let mut held = self.request.lock().await;
        self.request.load(&mut held).await?;
        for _ in 0..ATTEMPTS {
            let from = match &*held {
                Held::Here(_, session) => session.parts.get(part).map(|part| part.version),
                Held::Ended => return Err(SessionError::Ended),
                _ => None,
            };
            let Some(from) = from else { return Ok(()) };
            if self.request.swap(&mut held, PartChange { part, from, value: None }).await? {
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
        let mut held = self.request.lock().await;
        self.request.load(&mut held).await?;
        for _ in 0..ATTEMPTS {
            let stored = match &*held {
                Held::Here(_, session) => session.parts.get(P::NAME),
                Held::Ended => return Err(SessionError::Ended),
                _ => None,
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
                    self.request
                        .swap(&mut held, PartChange { part: P::NAME, from, value: Some(&after) })
                        .await?
                }
                _ => self.begin(&mut held, P::NAME, after).await.map(|()| true)?,
            };
            if is_done {
                return Ok(Ok((value, part)));
            }
        }
        Err(SessionError::Conflict { part: P::NAME })
    }

    /// Begins a session, with a token of its own.
    async fn begin(&self, held: &mut Held, part: &'static str, value: Vec<u8>) -> Result<(), SessionError> {
        let (token, shared) = (Token::generate()?, Arc::clone(self.shared()));
        let key = token.key();
        let create = async move {
            let now = (shared.clock)();
            let expires = shared.expires(now, now);
            let new = NewSession { owner: None, created: now, expires, part, value: &value };
            shared.ask(shared.store.create(&key, new)).await?;
            shared.sweep_if_due(now);
            Ok(())
        };
        self.request.issue(held, token, create).await
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
        let mut held = self.request.lock().await;
        self.request.load(&mut held).await?;
        self.request.check_head()?;
        let owner = principal.id().to_owned();
        let value = encode(&Login::of(principal))?;
        let (token, shared) = (Token::generate()?, Arc::clone(self.shared()));
        let key = token.key();
        let old = match &*held {
            // Whether its parts are for this principal.
            Held::Here(old, session) => {
                Some((old.key(), session.owner.as_ref().is_none_or(|other| *other == owner)))
            }
            _ => None,
        };
        let sign_in = async move {
            let now = (shared.clock)();
            let expires = shared.expires(now, now);
            let new =
                NewSession { owner: Some(&owner), created: now, expires, part: Login::NAME, value: &value };
            match old {
                Some((old, true)) if shared.ask(shared.store.rename(&old, &key, new)).await? => return Ok(()),
                Some((old, false)) => shared.ask(shared.store.remove(&old)).await?,
                _ => {}
            }
            // There is none, or no longer: the parts of one that another request has ended do not come back.
            shared.ask(shared.store.create(&key, new)).await?;
            shared.sweep_if_due(now);
            Ok(())
        };
        self.request.issue(&mut held, token, sign_in).await
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
    pub(crate) async fn known_principal(&self) -> Result<Option<Principal>> {
        let login: Login = self.read().await.map_err(SessionError::into_error)?;
        Ok(login.into_principal())
    }

    /// Ends the session with all of its parts, and removes the cookie. A change that another request is about to store fails.
    ///
    /// # Errors
    /// If the store fails. The session is then still there, and so is the cookie.
    pub async fn logout(&self) -> Result<()> {
        let mut held = self.request.lock().await;
        self.request.end(&mut held).await.map_err(SessionError::into_error)
    }

    /// Ends all sessions of the principal who is signed in here, in all browsers, this one included.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn logout_everywhere(&self) -> Result<()> {
        let mut held = self.request.lock().await;
        let ended = async {
            self.request.load(&mut held).await?;
            let Held::Here(_, StoredSession { owner: Some(owner), .. }) = &*held else {
                return self.request.end(&mut held).await;
            };
            let shared = self.shared();
            shared.ask(shared.store.remove_owned(owner, None)).await?;
            self.request.forget(&mut held);
            Ok(())
        };
        ended.await.map_err(SessionError::into_error)
    }

    /// Ends all other sessions of the principal who is signed in here: as after a change of the password. This one stays.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn logout_elsewhere(&self) -> Result<()> {
        let mut held = self.request.lock().await;
        let ended = async {
            self.request.load(&mut held).await?;
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
        let mut held = self.request.lock().await;
        let ended = async {
            // If it is the own one, it is gone as well.
            self.request.load(&mut held).await?;
            let shared = self.shared();
            shared.ask(shared.store.remove_owned(id, None)).await?;
            if matches!(&*held, Held::Here(_, session) if session.owner.as_deref() == Some(id)) {
                self.request.forget(&mut held);
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
        let mut held = self.request.lock().await;
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
