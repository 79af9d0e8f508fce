//! The typed parts of a session.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A value in the session: what an application declares for each thing that it keeps there.
///
/// It is stored as JSON, and is its [`Default`] until it is changed. Changes of different parts never conflict, so two things that change
/// apart are better two parts. When a field is added later, `#[serde(default)]` lets the sessions of before be read.
///
/// ```
/// use connect_middleware::session::Part;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Default)]
/// struct Cart {
///     items: Vec<String>,
/// }
///
/// impl Part for Cart {
///     const NAME: &'static str = "cart";
/// }
/// ```
pub trait Part: Serialize + DeserializeOwned + Default + Send + 'static {
    /// The name that it is stored by: another one for each part of an application. `login` and `flash` are taken by the library.
    const NAME: &'static str;
}

/// Who is signed in: a part that [`login`](super::Sessions::login) sets, and that
/// [`change`](super::Sessions::change) does not compile with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    principal: Option<Principal>,
}

impl Login {
    pub(super) const fn of(principal: Principal) -> Self {
        Login { principal: Some(principal) }
    }

    /// The principal; `None` if nobody is signed in.
    #[must_use]
    pub const fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    pub(super) fn into_principal(self) -> Option<Principal> {
        self.principal
    }
}

impl Part for Login {
    const NAME: &'static str = "login";
}

/// Who is signed in, with the roles that the application gave at login.
///
/// ```
/// use connect_middleware::session::Principal;
///
/// let ann = Principal::new("7").role("admin");
/// assert_eq!(ann.id(), "7");
/// assert!(ann.has_role("admin") && !ann.has_role("auditor"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    id: String,
    #[serde(default)]
    roles: Vec<String>,
}

impl Principal {
    /// A principal without roles. The id is what the application knows an account by, and never that of another one later.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Principal { id: id.into(), roles: Vec::new() }
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Adds roles.
    #[must_use]
    pub fn roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// The id of the account.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the principal has a role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// Messages for the next page, which are read once: see [`Sessions::flash`](super::Sessions::flash).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    messages: Vec<Message>,
}

/// More than a page shows; without a limit, a client that never reads them could fill the part.
const MESSAGES: usize = 32;

impl Flash {
    pub(super) fn push(&mut self, message: Message) {
        if self.messages.len() >= MESSAGES {
            self.messages.remove(0);
        }
        self.messages.push(message);
    }

    pub(super) fn take(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.messages)
    }

    /// The messages. To read them does not remove them: [`take_flash`](super::Sessions::take_flash) does.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}

impl Part for Flash {
    const NAME: &'static str = "flash";
}

/// A message for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// What kind of message it is: a word of the application, such as `error`.
    pub kind: String,
    /// The text, which is to be escaped in HTML.
    pub text: String,
}

impl Message {
    pub(super) fn new(kind: &str, text: String) -> Self {
        Message { kind: kind.to_owned(), text }
    }
}
