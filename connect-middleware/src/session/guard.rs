//! Guards for routes that need a principal.

use std::borrow::Cow;

use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest,
    Result, Stated, StatesFacts,
};

use super::parts::Principal;
use super::sessions::Sessions;
use crate::facts::{AUTHENTICATION_OUTSIDE_OF_BODY_READERS, INSIDE_OF_SESSIONS, REFUSES, SIGNS_IN};

/// A guard that provides the [`Principal`] who is signed in, and refuses requests without one: an error with status 401 on the error
/// track.
///
/// It stands below [`Session`](super::Session), in front of routes or in a [`guard!`](connect::guard!). An error handler for
/// status 401 can send browsers to a page for the login.
///
/// ```
/// use connect::{app, get, guard};
/// use connect_middleware::session::{MemoryStore, Principal, Session, require_login};
///
/// #[get("/me")]
/// fn me(principal: &Principal) -> String {
///     principal.id().to_owned()
/// }
///
/// #[get("/stats")]
/// fn stats() -> &'static str {
///     "42"
/// }
///
/// let app = app![
///     Session::new(MemoryStore::new()),
///     guard![require_login() => me],
///     guard![require_login().role("admin") => stats],
/// ];
/// ```
///
/// Above the layer `Session` it does not compile:
///
/// ```compile_fail,E0277
/// # use connect::{app, get};
/// # use connect_middleware::session::{MemoryStore, Principal, Session, require_login};
/// # #[get("/me")]
/// # fn me(principal: &Principal) -> String {
/// #     principal.id().to_owned()
/// # }
/// let app = app![require_login(), Session::new(MemoryStore::new()), me];
/// ```
#[must_use]
pub fn require_login() -> RequireLogin {
    RequireLogin { roles: Vec::new() }
}

/// A guard that refuses a principal without a role: an error with status 403 on the error track.
///
/// It stands below [`require_login`], or below another layer that provides a [`Principal`].
pub fn require_role(role: impl Into<Cow<'static, str>>) -> RequireRole {
    RequireRole { role: role.into() }
}

fn refuse_without(principal: &Principal, role: &str) -> Result<()> {
    if principal.has_role(role) {
        return Ok(());
    }
    Err(Error::new(403, format!("this is for principals with the role `{role}`")))
}

/// What [`require_login`] returns.
#[derive(Debug)]
pub struct RequireLogin {
    roles: Vec<Cow<'static, str>>,
}

impl RequireLogin {
    /// Refuses principals without this role, too, with status 403. Of several roles all are needed.
    #[must_use]
    pub fn role(mut self, role: impl Into<Cow<'static, str>>) -> Self {
        self.roles.push(role.into());
        self
    }
}

impl IntoLayer for RequireLogin {
    type Layer = Stated<Declared<RequireLoginLayer, Declares<(Sessions,), (Principal,)>>, RequireLoginFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(RequireLoginLayer(self)))
    }
}

/// The facts of [`require_login`].
#[derive(Debug)]
pub struct RequireLoginFacts;

impl StatesFacts for RequireLoginFacts {
    const FACTS: Facts = Facts::of("require_login")
        .states(&[SIGNS_IN, REFUSES])
        .laws(&[INSIDE_OF_SESSIONS, AUTHENTICATION_OUTSIDE_OF_BODY_READERS]);
}

/// What [`require_login`] becomes in a list.
#[derive(Debug)]
pub struct RequireLoginLayer(RequireLogin);

impl Layer for RequireLoginLayer {
    async fn run<R: Rest>(&self, req: &mut Request, _res: &mut Response, next: Next<(), R>) -> Result {
        // That it is there is declared, and so checked by the compiler.
        let Some(sessions) = req.provided::<Sessions>().cloned() else {
            return next.fail(Error::msg("there is no layer `Session` above `require_login`"));
        };
        let Some(principal) = sessions.known_principal().await? else {
            return next.fail(Error::new(401, "sign in first"));
        };
        for role in &self.0.roles {
            refuse_without(&principal, role)?;
        }
        req.provide(principal);
        next.pass()
    }

    fn name(&self) -> &str {
        "require_login"
    }
}

/// What [`require_role`] returns.
#[derive(Debug)]
pub struct RequireRole {
    role: Cow<'static, str>,
}

impl IntoLayer for RequireRole {
    type Layer = Stated<Declared<RequireRoleLayer, Declares<(Principal,), ()>>, RequireRoleFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(RequireRoleLayer(self)))
    }
}

/// The facts of [`require_role`].
#[derive(Debug)]
pub struct RequireRoleFacts;

impl StatesFacts for RequireRoleFacts {
    const FACTS: Facts = Facts::of("require_role").states(&[REFUSES]);
}

/// What [`require_role`] becomes in a list.
#[derive(Debug)]
pub struct RequireRoleLayer(RequireRole);

impl PlainLayer for RequireRoleLayer {
    fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let Some(principal) = req.provided::<Principal>() else {
            return next
                .fail(Error::msg("there is no layer above `require_role` that provides a `Principal`"));
        };
        refuse_without(principal, &self.0.role)?;
        next.pass()
    }

    fn name(&self) -> &str {
        "require_role"
    }
}
