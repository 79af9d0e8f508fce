//! Who a request comes from, by the `Authorization` header: [`BasicAuth`] (RFC 7617) and [`BearerAuth`] (RFC 6750).
//!
//! ```
//! use connect::{app, get, Result};
//! use connect_middleware::auth::{BearerAuth, secrets_match};
//!
//! struct Client {
//!     name: &'static str,
//! }
//!
//! #[get("/me")]
//! fn me(client: &Client) -> &'static str {
//!     client.name
//! }
//!
//! let auth = BearerAuth::new(|token: String| async move {
//!     Ok(secrets_match(&token, "s3cret").then_some(Client { name: "reports" }))
//! });
//! let app = app![auth, me];
//! ```
//!
//! The function gets the credentials and returns the value that it has for them, which the layers below take: `client: &Client`. It
//! returns `Ok(None)` for wrong credentials, and an error where it cannot tell, as when a database is down.
//!
//! Tokens that are JSON Web Tokens are verified by `jwt`, of the feature `jwt`.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`BasicAuth::new`] | function of a name and a password | | who has them |
//! | [`BearerAuth::new`] | function of a token | | who has it |
//! | [`realm`](BasicAuth::realm) | text | `"Users"` | what the browser's dialog names |
//!
//! # Needs and provides
//! It provides what the function returns. It states [`SIGNS_IN`] and [`REFUSES`]; its law is
//! `authentication_outside_of_body_readers`.
//!
//! # What goes wrong
//! Without credentials, with those of another scheme, and with wrong ones the request is a 401 on the error track, with
//! `WWW-Authenticate`; for a wrong token it says `error="invalid_token"`. A header that cannot be read is a 401 too. An error of the function
//! is the error of the request.
//!
//! Compare secrets with [`secrets_match`], which takes as long for a wrong text as for the right one, and keep passwords as hashes, of the
//! crate `argon2` for example: computing one takes long on purpose, so do it in `tokio::task::spawn_blocking`.
//!
//! # Differences from `express-basic-auth`
//! No list of users in the options, and no `unauthorizedResponse`: an error handler sends what is to be sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated,
    StatesFacts,
};
use http::header;
use std::fmt;
use subtle::ConstantTimeEq as _;

use crate::facts::{AUTHENTICATION_OUTSIDE_OF_BODY_READERS, REFUSES, SIGNS_IN};

/// Whether two secrets are the same, in a time that depends on their lengths alone.
#[must_use]
pub fn secrets_match(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// The answer to a request without credentials, or with wrong ones.
#[cold]
pub(crate) fn refused(scheme: &str, realm: &str, why: &str) -> Error {
    Error::new(401, "sign in first")
        .with_header(header::WWW_AUTHENTICATE, format!("{scheme} realm=\"{realm}\"{why}"))
}

/// What stands behind the scheme in `Authorization`, if there is one such header, of this scheme.
fn credentials<'a>(req: &'a Request, scheme: &str) -> Option<&'a str> {
    let mut values = req.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (given, rest) = value.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim_matches(' '))
}

/// The name and the password (RFC 7617, section 2), which are UTF-8.
fn basic(req: &Request) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials(req, "Basic")?).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// The token (RFC 6750, section 2.1), as it is in the header.
pub(crate) fn bearer_token(req: &Request) -> Option<&str> {
    credentials(req, "Bearer").filter(|token| !token.is_empty() && !token.contains(' '))
}

fn bearer(req: &Request) -> Option<String> {
    bearer_token(req).map(str::to_owned)
}

/// Checks the text that a challenge names what is protected by.
#[track_caller]
pub(crate) fn assert_realm(realm: &str) {
    let is_plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'"' && byte != b'\\';
    assert!(realm.bytes().all(is_plain), "`{realm}` has a character that a realm cannot have");
}

/// What a challenge says of a token that is refused (RFC 6750, section 3.1).
pub(crate) const INVALID_TOKEN: &str = ", error=\"invalid_token\"";

macro_rules! scheme {
    (
        $(#[$doc:meta])* $auth:ident, $layer:ident, $facts:ident,
        $scheme:literal, $missing:literal, $wrong:expr, $read:ident => $given:ident, Fn($($secret:ty),*), ($($argument:expr),*)
    ) => {
        $(#[$doc])*
        pub struct $auth<F> {
            check: F,
            realm: String,
        }

        impl<F> $auth<F> {
            /// Takes the function that knows the credentials.
            #[must_use]
            pub fn new<Fut, P>(check: F) -> Self
            where
                F: Fn($($secret),*) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = Result<Option<P>>> + Send,
                P: Send + Sync + 'static,
            {
                $auth { check, realm: "Users".to_owned() }
            }

            /// Sets the name of what is protected: by default `"Users"`.
            ///
            /// # Panics
            /// If it has a quote, a backslash or what is no visible ASCII.
            #[must_use]
            pub fn realm(self, realm: &str) -> Self {
                assert_realm(realm);
                $auth { realm: realm.to_owned(), ..self }
            }
        }

        impl<F> fmt::Debug for $auth<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($auth)).field("realm", &self.realm).finish_non_exhaustive()
            }
        }

        #[doc = concat!("The facts of [`", stringify!($auth), "`].")]
        #[derive(Debug)]
        pub struct $facts;

        impl StatesFacts for $facts {
            const FACTS: Facts = Facts::of(stringify!($auth))
                .states(&[SIGNS_IN, REFUSES])
                .laws(&[AUTHENTICATION_OUTSIDE_OF_BODY_READERS]);
        }

        #[doc = concat!("What [`", stringify!($auth), "`] becomes in a list.")]
        #[derive(Debug)]
        pub struct $layer<F>($auth<F>);

        impl<F, Fut, P> IntoLayer for $auth<F>
        where
            F: Fn($($secret),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<Option<P>>> + Send,
            P: Send + Sync + 'static,
        {
            type Layer = Stated<Declared<$layer<F>, Declares<(), (P,)>>, $facts>;

            fn into_layer(self) -> Self::Layer {
                Stated::new(Declared::new($layer(self)))
            }
        }

        impl<F, Fut, P> Layer for $layer<F>
        where
            F: Fn($($secret),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<Option<P>>> + Send,
            P: Send + Sync + 'static,
        {
            async fn run<R: Rest>(&self, req: &mut Request, _res: &mut Response, next: Next<(), R>) -> Result {
                let Some($given) = $read(req) else { return Err(refused($scheme, &self.0.realm, $missing)) };
                let Some(who) = (self.0.check)($($argument),*).await? else {
                    return Err(refused($scheme, &self.0.realm, $wrong));
                };
                req.provide(who);
                next.pass()
            }

            fn name(&self) -> &str {
                stringify!($auth)
            }
        }
    };
}
scheme! {
    /// Asks for a name and a password (RFC 7617), which a browser asks its user for. They come with each request in plain text: use TLS.
    BasicAuth, BasicAuthLayer, BasicAuthFacts,
    "Basic", ", charset=\"UTF-8\"", ", charset=\"UTF-8\"", basic => given, Fn(String, String), (given.0, given.1)
}
scheme! {
    /// Asks for a token (RFC 6750).
    BearerAuth, BearerAuthLayer, BearerAuthFacts,
    "Bearer", "", INVALID_TOKEN, bearer => given, Fn(String), (given)
}
