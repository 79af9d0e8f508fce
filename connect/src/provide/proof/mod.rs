//! What was provided at a place of a stack, as a type, and whether a layer's needs are among it.
//!
//! A stack macro carries a [`Way`] from entry to entry. Each entry comes with a [`Declaration`]: what it needs,
//! and what the way is behind it. Which of the provided types meets a need is inferred, as a position in the list
//! ([`Last`](find::Last), [`Eight`](find::Eight)); two of one type make that ambiguous, which is the error for a second provider.
//!
//! An error skips the layers, and the values that they would have provided, until an error handler resumes the normal
//! track. So a [`Way`] has two lists of what was provided: `Now`, on the normal track, and `Sure`, on either. Below a handler
//! that resumes there is what is sure, and what the handler provides ([`Resumes`]).
//!
//! A stack that stands in another, `"/admin" => router![..]`, leaves its beginning open ([`InRouter`],
//! [`InStack`]), and the place where it is listed fills it in. A stack from a function has its beginning in its
//! type: `impl Stack<(User, Db)>`.
//!
//! [`way`] is a place of a stack, [`find`] the positions in it, [`tuple`] how a layer's types are written, [`declare`] what
//! an entry makes of the way, [`place`] how a stack that is written in another takes its beginning, [`function`] what the type of one
//! from a function says, [`guard`] which routes may stand where, and [`probe`] what makes sentences of mistakes.

mod declare;
mod find;
mod function;
mod guard;
mod place;
mod probe;
mod tuple;
mod way;

pub(crate) use self::declare::{Always, And, Declaration, Follow, Free};
pub use self::declare::{Declares, OfRoute, Resumes};
pub use self::find::More;
pub use self::find::{Above, Has, Last, On, ProvidedOnce};
pub(crate) use self::find::{AllProvidedOnce, HasAll, HasInRoute};
pub use self::function::Guarded;
pub(crate) use self::function::{DeclaredAs, Denies, FromFunction, Is, StackKind};
pub(crate) use self::guard::{Admits, Around, Asked, Deny, Guard, Place, Private, Unguarded};
pub use self::guard::{Behind, ByItsStack, Everybody, GuardedBy};
pub(crate) use self::place::{InRouter, InStack, StandsAt, StandsNowhere, Under};
pub use self::probe::{Anew, First, Needs, NeedsAlone, NoneTakes, Provides, Second, Takes, Untaken};
pub use self::tuple::Many;
pub(crate) use self::tuple::{EndsWith, Types};
pub use self::way::{Given, Resuming, Start, Straight, Way};
pub(crate) use self::way::{MayResume, Told};
