//! Protection from cross-site request forgery by a token in each form, for browsers of before 2020, which do not say where a request
//! comes from.
//!
//! ```
//! use connect::{app, get, post, Form, Html, Redirect, Result};
//! use connect_middleware::csrf::token::{CsrfToken, CsrfTokens};
//! use connect_middleware::session::{MemoryStore, Session};
//! use serde::Deserialize;
//!
//! #[get("/transfer")]
//! async fn page(csrf: &CsrfToken) -> Result<Html<String>> {
//!     let token = csrf.token().await?;
//!     Ok(Html(format!(
//!         "<form method=post><input type=hidden name=_csrf value=\"{token}\"><input name=amount><button>Send</button></form>"
//!     )))
//! }
//!
//! #[derive(Deserialize)]
//! struct Transfer {
//!     amount: u32,
//! }
//!
//! #[post("/transfer")]
//! fn transfer(Form(transfer): Form<Transfer>) -> Redirect {
//!     Redirect::to(format!("/done?amount={}", transfer.amount))
//! }
//!
//! let app = app![Session::new(MemoryStore::new()), CsrfTokens::new(), page, transfer];
//! ```
//!
//! Use [`Csrf`](super::Csrf) unless such browsers have to be served: it needs nothing in forms, and no session. A list has one of the
//! two.
//!
//! Each session has a secret (OWASP's synchronizer token pattern), which is made when a page asks for the first token. A request that
//! is not `GET`, `HEAD` or `OPTIONS` needs a token with this secret, in the header `x-csrf-token` or in the field `_csrf` of a form of the type
//! `application/x-www-form-urlencoded`. Each token looks different, since its secret is masked with random bytes, so that a page that is
//! compressed does not tell it (BREACH). All tokens of a session are valid until somebody signs in or out: the secret belongs to
//! the principal, so that a token that was known before the login is worth nothing after it.
//!
//! A form is read as by [`req.form()`](connect::Request::form), within the [`body_limit`](connect::body_limit) of the request. Routes below
//! read it again. Forms with files, `multipart/form-data`, are not read: send the header.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`header_only`](CsrfTokens::header_only) | | forms are read, too | tokens are taken from the header only, and no body is read |
//! | [`exempt`](CsrfTokens::exempt) | function | none | requests that pass without a token, such as callbacks of a payment service |
//!
//! # Needs and provides
//! It needs [`Sessions`] and provides [`CsrfToken`]. It states [`REFUSES`], and [`READS_BODY`] unless it is
//! [`header_only`](CsrfTokens::header_only). Its laws are `inside_of_sessions` and `one_csrf_protection`.
//!
//! As a body reader it stands below authentication. Where the page for the login has a form, too, list it twice:
//!
//! ```
//! use connect::{app, get, guard, post};
//! use connect_middleware::csrf::token::CsrfTokens;
//! use connect_middleware::session::{MemoryStore, Session, require_login};
//! # #[post("/login")] fn login() -> &'static str { "" }
//! # #[post("/transfer")] fn transfer() -> &'static str { "" }
//!
//! let app = app![
//!     Session::new(MemoryStore::new()),
//!     guard![CsrfTokens::new() => login],
//!     require_login(),
//!     CsrfTokens::new(),
//!     transfer,
//! ];
//! ```
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | there is no token, or it is not of this session and principal | 403 |
//! | a form is malformed or has `_csrf` twice; is too long | 400; 413 |
//! | the store of the sessions fails | 503 |
//!
//! All of these are errors on the error track. A page that was open before a login or a logout has an old token.
//!
//! # Differences from `csurf`
//! - The secret is in the session, and never in a cookie: `cookie` is not here.
//! - It changes with the login. `csurf` keeps it, which an attacker can use who gave the browser a session.
//! - Tokens in the query are not accepted, since addresses are logged; of the headers there is one. `ignoreMethods` is fixed.
//! - [`token()`](CsrfToken::token) is async, because the session may have to be loaded. Pages that do not call it cost nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated,
    StatesFacts,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;
use subtle::ConstantTimeEq as _;

use super::{Exempt, changes};
use crate::facts::{INSIDE_OF_SESSIONS, ONE_CSRF_PROTECTION, READS_BODY, REFUSES};
use crate::session::{Part, Principal, Sessions};

/// Refuses requests without a token of their session; `From` says where tokens are taken from. See the [module](self).
///
/// Above the layer `Session` it does not compile:
///
/// ```compile_fail,E0277
/// # use connect::{app, post};
/// # use connect_middleware::csrf::token::CsrfTokens;
/// # use connect_middleware::session::{MemoryStore, Session};
/// # #[post("/transfer")]
/// # fn transfer() -> &'static str {
/// #     ""
/// # }
/// let app = app![CsrfTokens::new(), Session::new(MemoryStore::new()), transfer];
/// ```
pub struct CsrfTokens<From = HeaderOrForm> {
    exempt: Option<Exempt>,
    from: PhantomData<fn() -> From>,
}

/// Tokens are taken from the header or from a form.
#[derive(Debug)]
pub struct HeaderOrForm(());

/// Tokens are taken from the header.
#[derive(Debug)]
pub struct HeaderOnly(());

impl CsrfTokens {
    /// Tokens are taken from the header `x-csrf-token`, and otherwise from the field `_csrf` of a form.
    #[must_use]
    pub fn new() -> Self {
        CsrfTokens { exempt: None, from: PhantomData }
    }

    /// Takes tokens from the header only, for pages that send all requests with scripts. No body is read, and it may stand above
    /// authentication.
    #[must_use]
    pub fn header_only(self) -> CsrfTokens<HeaderOnly> {
        CsrfTokens { exempt: self.exempt, from: PhantomData }
    }
}

impl Default for CsrfTokens {
    fn default() -> Self {
        CsrfTokens::new()
    }
}

impl<From> CsrfTokens<From> {
    /// Lets requests pass for which a function returns `true`. Such a request must not count on the browser's cookies.
    #[must_use]
    pub fn exempt(mut self, exempt: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.exempt = Some(Box::new(exempt));
        self
    }
}

impl<From> fmt::Debug for CsrfTokens<From> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfTokens").finish_non_exhaustive()
    }
}

/// The facts of [`CsrfTokens`].
#[derive(Debug)]
pub struct CsrfTokensFacts;

impl StatesFacts for CsrfTokensFacts {
    const FACTS: Facts = HeaderOnlyFacts::FACTS.states(&[REFUSES, READS_BODY]);
}

/// The facts of [`CsrfTokens::header_only`].
#[derive(Debug)]
pub struct HeaderOnlyFacts;

impl StatesFacts for HeaderOnlyFacts {
    const FACTS: Facts =
        Facts::of("CsrfTokens").states(&[REFUSES]).laws(&[INSIDE_OF_SESSIONS, ONE_CSRF_PROTECTION]);
}

type Needing<From> = Declared<CsrfTokensLayer<From>, Declares<(Sessions,), (CsrfToken,)>>;

impl IntoLayer for CsrfTokens<HeaderOrForm> {
    type Layer = Stated<Needing<HeaderOrForm>, CsrfTokensFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(CsrfTokensLayer(self)))
    }
}

impl IntoLayer for CsrfTokens<HeaderOnly> {
    type Layer = Stated<Needing<HeaderOnly>, HeaderOnlyFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(CsrfTokensLayer(self)))
    }
}

mod sealed {
    pub trait From: 'static {
        const READS_FORMS: bool;
    }
}

impl sealed::From for HeaderOrForm {
    const READS_FORMS: bool = true;
}

impl sealed::From for HeaderOnly {
    const READS_FORMS: bool = false;
}

/// What [`CsrfTokens`] becomes in a list.
#[derive(Debug)]
pub struct CsrfTokensLayer<From>(CsrfTokens<From>);

impl<From: sealed::From> Layer for CsrfTokensLayer<From> {
    async fn run<R: Rest>(&self, req: &mut Request, _res: &mut Response, next: Next<(), R>) -> Result {
        // That it is there is declared, and so checked by the compiler.
        let Some(sessions) = req.provided::<Sessions>().cloned() else {
            return next.fail(Error::msg("there is no layer `Session` above `CsrfTokens`"));
        };
        let csrf = CsrfToken { sessions };
        if changes(req) && !self.0.exempt.as_ref().is_some_and(|exempt| exempt(req)) {
            let Some(given) = token_of(req, From::READS_FORMS).await? else {
                return next.fail(Error::new(403, "this request needs a CSRF token"));
            };
            if !csrf.is_valid(&given).await? {
                return next.fail(Error::new(403, "the CSRF token is too old: load the page again"));
            }
        }
        req.provide(csrf);
        next.pass()
    }

    fn name(&self) -> &str {
        "CsrfTokens"
    }
}

/// The token that the client sent.
async fn token_of(req: &mut Request, reads_forms: bool) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Field {
        _csrf: Option<String>,
    }
    let mut values = req.headers().get_all("x-csrf-token").iter();
    match (values.next(), values.next()) {
        (None, _) if reads_forms && req.is("application/x-www-form-urlencoded") => {
            Ok(req.form::<Field>().await?._csrf)
        }
        (None, _) => Ok(None),
        // Of two headers none says anything.
        (Some(_), Some(_)) => Ok(Some(String::new())),
        (Some(value), None) => Ok(Some(value.to_str().unwrap_or_default().to_owned())),
    }
}

/// What makes tokens for the forms of a page: what routes take as `csrf: &CsrfToken`.
#[derive(Clone)]
pub struct CsrfToken {
    sessions: Sessions,
}

impl CsrfToken {
    /// A token for a form or a script, 86 letters, digits, `-` and `_`. Each call returns another one, and all of them are
    /// valid.
    ///
    /// The first token of a session stores its secret, and begins the session if there is none.
    ///
    /// # Errors
    /// Those of [`Sessions::change`], and if the response head has been sent and there is no session yet.
    pub async fn token(&self) -> Result<String> {
        let (secret, principal) = self.stored().await?;
        let secret = match secret {
            Some(secret) => secret,
            None => self.begin(principal.as_ref()).await?,
        };
        Ok(secret.masked_with(&random()?))
    }

    /// The secret that the principal of the session has, if it has one.
    async fn stored(&self) -> Result<(Option<Secret>, Option<Principal>)> {
        // As a change, so that a store that fails is not taken for a session without a secret.
        let kept: Kept = self.sessions.try_change(|kept: &mut Kept| Ok::<_, Error>(kept.clone())).await?;
        let principal = self.sessions.principal().await?;
        Ok((kept.secret_of(principal.as_ref()), principal))
    }

    /// Makes the secret, unless another request of this session has just made it.
    async fn begin(&self, principal: Option<&Principal>) -> Result<Secret> {
        let new = Secret(random()?);
        let kept: Kept = self
            .sessions
            .change(|kept: &mut Kept| {
                if kept.secret_of(principal).is_none() {
                    *kept = Kept {
                        secret: new.text(),
                        owner: principal.map(|principal| principal.id().to_owned()),
                    };
                }
            })
            .await?;
        kept.secret_of(principal).ok_or_else(|| Error::msg("the secret of CSRF tokens was not stored"))
    }

    async fn is_valid(&self, token: &str) -> Result<bool> {
        let Some(given) = Secret::unmasked(token) else { return Ok(false) };
        let (secret, _) = self.stored().await?;
        Ok(secret.is_some_and(|secret| secret.0.ct_eq(&given.0).into()))
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfToken").finish_non_exhaustive()
    }
}

/// What is in the session.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Kept {
    secret: String,
    /// Who was signed in when it was made: the parts of an anonymous session stay at a login.
    owner: Option<String>,
}

impl Part for Kept {
    const NAME: &'static str = "csrf";
}

impl Kept {
    fn secret_of(&self, principal: Option<&Principal>) -> Option<Secret> {
        let is_own = self.owner.as_deref() == principal.map(Principal::id);
        is_own.then(|| Secret::parse(&self.secret)).flatten()
    }
}

const LENGTH: usize = 32;

type Bytes = [u8; LENGTH];

struct Secret(Bytes);

impl Secret {
    fn parse(text: &str) -> Option<Self> {
        Some(Secret(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The mask, and the secret with the mask on it.
    fn masked_with(&self, mask: &Bytes) -> String {
        URL_SAFE_NO_PAD.encode([*mask, xor(mask, &self.0)].as_flattened())
    }

    fn unmasked(token: &str) -> Option<Self> {
        let bytes: [u8; 2 * LENGTH] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (mask, masked) = bytes.split_at(LENGTH);
        Some(Secret(xor(mask.try_into().ok()?, masked.try_into().ok()?)))
    }
}

fn xor(a: &Bytes, b: &Bytes) -> Bytes {
    std::array::from_fn(|at| a[at] ^ b[at])
}

fn random() -> Result<Bytes> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|err| Error::msg("no random numbers for a CSRF token").with_source(err))?;
    Ok(bytes)
}
