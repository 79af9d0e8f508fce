//! JSON Web Tokens (RFC 7519): the signed token of `Authorization: Bearer`, verified and checked, provides its claims.
//!
//! ```
//! use connect::{app, get, Result};
//! use connect_middleware::jwt::{Algorithm, Jwt, JwtKey};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Claims {
//!     sub: String,
//! }
//!
//! #[get("/me")]
//! fn me(claims: &Claims) -> String {
//!     claims.sub.clone()
//! }
//!
//! # fn main() -> Result<()> {
//! # let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAMmLVgwi+0IG05rSwHa4tZJL7D7nsI9ZzI8q6Qp3Ajco=\n-----END PUBLIC KEY-----\n";
//! let key = JwtKey::from_pem(Algorithm::EdDSA, pem)?.id("2026-11");
//! let jwt = Jwt::<Claims>::new(key, "https://api.example.com").issuer(["https://login.example.com"]);
//! let app = app![jwt, me];
//! # Ok(())
//! # }
//! ```
//!
//! The algorithm of a token is fixed by the [key](JwtKey) (RFC 8725, section 3.1): a header that names another one, or `none`, is
//! refused. A token whose header has a key id, `kid`, is verified with the key of this id or with one without an id; a token without
//! `kid` with any key of its algorithm.
//!
//! # Keys of an issuer
//! [`JwtKey::from_jwks`] takes a JWK set as text. Fetching it is up to the application, and so is fetching it again: in a task, every hour for
//! example, which calls [`JwtKeys::replace`]. An error handler that takes `err: JwtError` can ask for it when it gets
//! [`JwtError::UnknownKey`]; limit how often, since clients make up ids.
//!
//! # Pages that may know the client
//! With [`optional`](Jwt::optional) a request without a token goes on, and routes take `claims: Option<&Claims>`; the response says
//! `Vary: Authorization`. A token that is wrong is
//! refused all the same.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`Jwt::new`] | [`JwtKeys`] or [`JwtKey`], [`Audience`] | | what verifies tokens, and which `aud` they need; [`Audience::any`] accepts all |
//! | [`issuer`](Jwt::issuer) | list of text | any | which `iss` they need |
//! | [`token_type`](Jwt::token_type) | text | any | which `typ` their header needs, such as `at+jwt` |
//! | [`leeway`](Jwt::leeway) | `Duration` | 60 seconds | how much the clocks of issuer and server may differ, for `exp` and `nbf` |
//! | [`without_expiry`](Jwt::without_expiry) | | `exp` is required | tokens without `exp` pass |
//! | [`realm`](Jwt::realm) | text | `"Users"` | what the challenge names |
//! | [`clock`](Jwt::clock) | function | the clock of the system | the present, for tests |
//! | [`optional`](Jwt::optional) | | a token is required | requests without `Authorization` pass |
//!
//! # Needs and provides
//! It provides the claims, as the type of [`Jwt`]; with `optional`, where there is a token. It states [`SIGNS_IN`] and [`REFUSES`]; its
//! law is `authentication_outside_of_body_readers`.
//!
//! # What goes wrong
//! | what | the client gets |
//! |---|---|
//! | no token, two headers, another scheme | 401 with `WWW-Authenticate: Bearer realm="Users"` |
//! | a token that is malformed, expired, not valid yet, for another audience or from another issuer, or with a wrong signature, key or algorithm | 401, with `error="invalid_token"` (RFC 6750, section 3.1) and nothing else about why |
//! | claims that do not fit the type | the same |
//! | a list of keys that is empty | 503 |
//!
//! All of these are errors on the error track. Where there was a token, a [`JwtError`] is the cause, which logs show.
//!
//! A token is valid until it expires: a logout does not end it, and neither does an account that is closed. For the pages of a browser
//! use sessions, of the feature `session`.
//!
//! # Differences from `express-jwt`
//! - `algorithms` is part of each key, and cannot be left out. The audience cannot be left out either, and `exp` has to be there.
//! - `secret` as a function, with `jwks-rsa`, is [`JwtKeys::replace`]: no request waits until keys are fetched.
//! - Claims have a type, and are not `req.auth`. `credentialsRequired: false` is [`optional`](Jwt::optional).
//! - The token is taken from the header only: `getToken` from a query or a cookie is not here.
//! - `isRevoked` is a middleware below, which takes the claims.

mod claims;
mod error;
mod keys;

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result,
    Stated, StatesFacts,
};
use http::header;
use serde::de::DeserializeOwned;

use self::claims::Rules;
use crate::auth::{INVALID_TOKEN, assert_realm, bearer_token, refused};
use crate::facts::{AUTHENTICATION_OUTSIDE_OF_BODY_READERS, REFUSES, SIGNS_IN};

pub use self::claims::Audience;
pub use self::error::JwtError;
pub use self::keys::{JwtKey, JwtKeys};
pub use jsonwebtoken::Algorithm;
pub use jsonwebtoken::jwk::JwkSet;

/// The layer that verifies tokens and provides their claims as a `T`, with its options: see the [module](self).
pub struct Jwt<T> {
    keys: JwtKeys,
    rules: Rules,
    token_type: Option<String>,
    realm: String,
    claims: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + Send + Sync + 'static> Jwt<T> {
    /// Takes the keys of the issuer, and the name or names of this service in `aud`: a token that names none of them is refused
    /// (RFC 8725, section 3.9). [`Audience::any`] accepts all tokens.
    #[must_use]
    pub fn new(keys: impl Into<JwtKeys>, audience: impl Into<Audience>) -> Self {
        let rules = Rules {
            audience: audience.into(),
            issuers: None,
            expires: true,
            leeway: Duration::from_secs(60),
            clock: Box::new(SystemTime::now),
        };
        Jwt { keys: keys.into(), rules, token_type: None, realm: "Users".to_owned(), claims: PhantomData }
    }

    /// Requires that `iss` is one of these: by default tokens of any issuer pass that one of the keys has signed.
    #[must_use]
    pub fn issuer<I, S>(mut self, issuers: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.rules.issuers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    /// Requires that `typ` in the header is this, without `application/` and in any case: by default any. An issuer that signs
    /// tokens of several kinds with one key marks access tokens with `at+jwt` (RFC 9068), so that others do not pass for them.
    #[must_use]
    pub fn token_type(mut self, kind: impl Into<String>) -> Self {
        self.token_type = Some(kind.into());
        self
    }

    /// Sets for how long after `exp` and before `nbf` a token passes, since clocks differ: by default 60 seconds.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules.leeway = leeway;
        self
    }

    /// Accepts tokens without `exp`, which never expire: by default it is required. An `exp` that is there counts.
    #[must_use]
    pub fn without_expiry(mut self) -> Self {
        self.rules.expires = false;
        self
    }

    /// Sets the name of what is protected: by default `"Users"`.
    ///
    /// # Panics
    /// If it has a quote, a backslash or what is no visible ASCII.
    #[must_use]
    pub fn realm(mut self, realm: &str) -> Self {
        assert_realm(realm);
        realm.clone_into(&mut self.realm);
        self
    }

    /// Sets the clock: by default that of the system. Tests of what expires put one of their own here.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.rules.clock = Box::new(clock);
        self
    }

    /// Lets requests without `Authorization` go on, with nothing provided: routes below take `claims: Option<&Claims>`.
    ///
    /// ```
    /// use connect::{app, get, Result};
    /// use connect_middleware::jwt::{Algorithm, Jwt, JwtKey};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Claims {
    ///     sub: String,
    /// }
    ///
    /// #[get("/")]
    /// fn index(claims: Option<&Claims>) -> String {
    ///     claims.map_or("hello".to_owned(), |claims| format!("welcome back, {}", claims.sub))
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// let key = JwtKey::from_secret(Algorithm::HS256, "at least 32 bytes, of the configuration")?;
    /// let app = app![Jwt::<Claims>::new(key, "https://api.example.com").optional(), index];
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn optional(self) -> OptionalJwt<T> {
        OptionalJwt(self)
    }

    /// The claims of a token that is valid.
    fn claims_of(&self, token: &str) -> Result<T, JwtError> {
        self.rules.read(&self.keys.verify(token, self.token_type.as_deref())?)
    }

    /// The same, as an error of the request if it is not.
    fn read(&self, token: &str) -> Result<T> {
        self.claims_of(token).map_err(|err| match err {
            JwtError::NoKeys => Error::from(err).with_status(503),
            err => refused("Bearer", &self.realm, INVALID_TOKEN).with_source(err),
        })
    }
}

impl<T> fmt::Debug for Jwt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rules { audience, issuers, expires, leeway, clock: _ } = &self.rules;
        f.debug_struct("Jwt")
            .field("keys", &self.keys)
            .field("audience", audience)
            .field("issuers", issuers)
            .field("token_type", &self.token_type)
            .field("expires", expires)
            .field("leeway", leeway)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}

/// The facts of [`Jwt`].
#[derive(Debug)]
pub struct JwtFacts;

impl StatesFacts for JwtFacts {
    const FACTS: Facts =
        Facts::of("Jwt").states(&[SIGNS_IN, REFUSES]).laws(&[AUTHENTICATION_OUTSIDE_OF_BODY_READERS]);
}

impl<T: DeserializeOwned + Send + Sync + 'static> IntoLayer for Jwt<T> {
    type Layer = Stated<Declared<JwtLayer<T>, Declares<(), (T,)>>, JwtFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(JwtLayer { jwt: self, is_optional: false }))
    }
}

/// What [`Jwt::optional`] returns.
#[derive(Debug)]
pub struct OptionalJwt<T>(Jwt<T>);

impl<T: DeserializeOwned + Send + Sync + 'static> IntoLayer for OptionalJwt<T> {
    type Layer = Stated<JwtLayer<T>, JwtFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(JwtLayer { jwt: self.0, is_optional: true })
    }
}

/// What [`Jwt`] becomes in a list.
#[derive(Debug)]
pub struct JwtLayer<T> {
    jwt: Jwt<T>,
    is_optional: bool,
}

impl<T: DeserializeOwned + Send + Sync + 'static> PlainLayer for JwtLayer<T> {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        if self.is_optional {
            // A cache may keep the response for those without a token, and must not give it to those with one.
            res.vary("Authorization");
        }
        match bearer_token(req) {
            Some(token) => {
                let claims = self.jwt.read(token)?;
                req.provide(claims);
                next.pass()
            }
            None if self.is_optional && !req.headers().contains_key(header::AUTHORIZATION) => next.pass(),
            None => next.fail(refused("Bearer", &self.jwt.realm, "")),
        }
    }

    fn name(&self) -> &str {
        "Jwt"
    }
}
