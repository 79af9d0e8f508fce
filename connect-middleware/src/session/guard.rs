//! Guards for routes that need a principal.

use std::borrow::Cow;

use connect::{
    Declared, Declares, Error, Facts, IntoLayer, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest,
    Result, Stated, StatesFacts,
};

use http::Method;
use http::header::{self, HeaderValue};

use super::parts::Principal;
use super::sessions::Sessions;
use crate::facts::{AUTHENTICATION_OUTSIDE_OF_BODY_READERS, INSIDE_OF_SESSIONS, REFUSES, SIGNS_IN};

/// A guard that provides the [`Principal`] who is signed in, and refuses requests without one: an error with status 401 on the error
/// track.
///
/// It stands below [`Session`](super::Session), in front of routes or in a [`guard!`](connect::guard!). It can send browsers to a page
/// for the login: see [`sign_in_at`](RequireLogin::sign_in_at).
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
    RequireLogin { roles: Vec::new(), sign_in: None }
}

/// A guard that refuses a principal without a role: an error with status 403 on the error track.
///
/// It stands below [`require_login`], or below another layer that provides a [`Principal`].
pub fn require_role(role: impl Into<Cow<'static, str>>) -> RequireRole {
    RequireRole { role: role.into() }
}

/// In bytes: many proxies refuse a response whose head has more than 4,096, and a byte may become three.
const LONGEST_THEN: usize = 1000;

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

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
    sign_in: Option<Cow<'static, str>>,
}

impl RequireLogin {
    /// Refuses principals without this role, too, with status 403. Of several roles all are needed.
    #[must_use]
    pub fn role(mut self, role: impl Into<Cow<'static, str>>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Sends browsers without a principal to the page at this path, by status 303, in place of the 401. A browser is a client whose
    /// `Accept` names `text/html`: one that opens a page, and no script or program.
    ///
    /// For a `GET` the path and the query that were asked for, up to 1,000 bytes, are appended as the query `then`: `/sign-in?then=/orders`. The page has to send it
    /// with the form, and the handler of the form redirects to [`local_path`] of it.
    ///
    /// ```
    /// use connect::{app, get, guard, post, Query, Redirect, Result};
    /// use connect_middleware::session::{MemoryStore, Principal, Session, Sessions, local_path, require_login};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Then {
    ///     then: Option<String>,
    /// }
    ///
    /// #[post("/sign-in")]
    /// async fn sign_in(sessions: &Sessions, Query(Then { then }): Query<Then>) -> Result<Redirect> {
    ///     // Of course a password is checked first.
    ///     sessions.login(Principal::new("ann")).await?;
    ///     Ok(Redirect::see_other(then.as_deref().and_then(local_path).unwrap_or("/").to_owned()))
    /// }
    ///
    /// #[get("/orders")]
    /// fn orders(principal: &Principal) -> String {
    ///     format!("orders of {}", principal.id())
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let app = app![
    ///     Session::new(MemoryStore::new()),
    ///     sign_in,
    ///     guard![require_login().sign_in_at("/sign-in") => orders],
    /// ];
    /// let client = connect::testing::Client::new(app);
    /// let page = client.get("/orders?page=2").header("accept", "text/html").send().await;
    /// page.assert_status(303).assert_redirect("/sign-in?then=/orders?page=2");
    /// client.post("/sign-in?then=/orders?page=2").send().await.assert_redirect("/orders?page=2");
    /// client.get("/orders?page=2").send().await.assert_text("orders of ann");
    /// # }
    /// ```
    ///
    /// # Panics
    /// If it does not begin with a slash.
    #[must_use]
    #[track_caller]
    pub fn sign_in_at(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        let path = path.into();
        assert!(
            local_path(&path).is_some(),
            "RequireLogin::sign_in_at: `{path}` is no path of this site, such as `/sign-in`"
        );
        self.sign_in = Some(path);
        self
    }
}

/// A text of a request as a path to redirect to: `None` if it would lead to another site, which would make the app an open redirect.
/// Browsers take `//host` and `/\host` for the address of one, and ignore tabs and line ends in it.
///
/// ```
/// use connect_middleware::session::local_path;
///
/// assert_eq!(local_path("/orders?page=2"), Some("/orders?page=2"));
/// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", ""] {
///     assert_eq!(local_path(elsewhere), None);
/// }
/// ```
#[must_use]
pub fn local_path(text: &str) -> Option<&str> {
    let after_slash = text.strip_prefix('/')?;
    let is_local =
        !after_slash.starts_with(['/', '\\']) && !text.contains(|letter: char| letter.is_control());
    is_local.then_some(text)
}

/// Where a browser signs in, and comes back from.
fn with_then(path: &str, req: &Request) -> String {
    let mut target = path.to_owned();
    if *req.method() != Method::GET {
        return target;
    }
    let then = req.original_uri().path_and_query().filter(|then| then.as_str().len() <= LONGEST_THEN);
    let Some(then) = then else { return target };
    target.push_str(if path.contains('?') { "&then=" } else { "?then=" });
    for letter in then.as_str().chars() {
        // The others stand for themselves in a query (RFC 3986, section 3.4), and forms decode them as they are.
        match letter {
            '%' => target.push_str("%25"),
            '&' => target.push_str("%26"),
            '+' => target.push_str("%2B"),
            '#' => target.push_str("%23"),
            letter => target.push(letter),
        }
    }
    target
}

/// Whether a client names HTML: not by `*/*`, as scripts and programs do.
fn is_browser(req: &Request) -> bool {
    let accept = req.headers().get_all(header::ACCEPT);
    accept
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains("text/html")))
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
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        // That it is there is declared, and so checked by the compiler.
        let Some(sessions) = req.provided::<Sessions>().cloned() else {
            return next.fail(Error::msg("there is no layer `Session` above `require_login`"));
        };
        let Some(principal) = sessions.known_principal().await? else {
            return match &self.0.sign_in {
                Some(path) if is_browser(req) => {
                    // A cache must not give it to who has signed in.
                    res.vary("Accept").set(header::CACHE_CONTROL, NO_STORE);
                    res.status(303).redirect(with_then(path, req))
                }
                _ => next.fail(Error::new(401, "sign in first")),
            };
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
