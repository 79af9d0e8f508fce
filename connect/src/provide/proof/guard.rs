//! Which routes may stand at a place: `#![deny(unguarded = User)]`.
//!
//! A list's policy is part of the [`Way`], so it goes into the lists, mounts and routers that are written in it as what was
//! provided does. A stack from a function has to say by its type that its routes are guarded.

use super::find::{Has, Here, Nothing, On};
use super::way::{AllowAll, Told, Way};

/// Below a layer that provides a `T`, and where the policy around it lets it.
#[derive(Debug)]
pub struct Deny<T, Around>(Told<(T, Around)>);

/// What a list denies by itself.
#[derive(Debug)]
pub struct Unguarded<T>(Told<T>);

/// A policy.
pub trait Policy {
    /// What has to be provided above an entry.
    type T: ?Sized;
    /// What is asked whether it is so: an entry behind a way.
    type Asks<X: Access, W: Place>;
    /// The policy of the list around.
    type Around: Policy;
}

impl Policy for AllowAll {
    type T = Nothing;
    type Asks<X: Access, W: Place> = Everybody;
    type Around = AllowAll;
}

impl<T, Around: Policy> Policy for Deny<T, Around> {
    type T = T;
    type Asks<X: Access, W: Place> = X::Behind<W>;
    type Around = Around;
}

/// The policy at a place.
pub trait Place {
    /// The policy.
    type Policy: Policy;
    /// What was provided on the normal track.
    type Now;
    /// What was provided on either.
    type Sure;
}

impl<S, Now, F, P: Policy> Place for Way<S, Now, F, P> {
    type Policy = P;
    type Now = Now;
    type Sure = S;
}

/// What the policy at a place asks of an entry.
pub(crate) type Asked<W, X> = <<W as Place>::Policy as Policy>::Asks<X, W>;
/// The guard at a place.
pub(crate) type Guard<W> = <<W as Place>::Policy as Policy>::T;
/// The policy around that at a place.
pub(crate) type Around<W> = <<W as Place>::Policy as Policy>::Around;

/// Who gets to an entry.
pub trait Access {
    /// Behind a way.
    type Behind<W: Place>;
}

/// The entry is a layer, or a route with `public`.
#[derive(Debug)]
pub struct Everybody;

impl Access for Everybody {
    type Behind<W: Place> = Everybody;
}

/// A route that the layers above it have to guard.
#[derive(Debug)]
pub struct Private;

impl Access for Private {
    type Behind<W: Place> = Behind<W::Now>;
}

/// A route with `guarded = ..`: its own stack provides these.
#[derive(Debug)]
pub struct ByItsStack<G>(Told<G>);

impl<G> Access for ByItsStack<G> {
    type Behind<W: Place> = Behind<G>;
}

/// A route behind what was provided.
#[derive(Debug)]
pub struct Behind<Now>(Told<Now>);

/// Nobody gets to an entry without a `T`, or everybody may. `I` says where it was provided.
#[diagnostic::on_unimplemented(
    message = "this is not guarded by `{T}`, and the list denies what is not: `#![deny(unguarded = {T})]`",
    label = "unguarded",
    note = "list a route below a layer that provides `{T}`, or let everybody use it: `#[get(\"/path\", public)]`; if a layer of its \
            own stack provides it, write so: `#[get(\"/path\", auth, guarded = {T})]`, with all that the lists around it ask for",
    note = "a stack from a function can guard its routes itself: write `#![deny(unguarded = {T})]` in its list, and \
            `-> impl Stack<(), (), Guarded<{T}>>`, or `-> impl Stack<(Db, Config), (), Guarded<{T}>>` if it needs these"
)]
pub trait GuardedBy<T: ?Sized, I> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> GuardedBy<T, Here> for Everybody {}

#[diagnostic::do_not_recommend]
impl<T, Now: Has<T, I>, I> GuardedBy<T, On<I>> for Behind<Now> {}

// One of two, so that rustc quotes neither where no `T` was provided.
#[diagnostic::do_not_recommend]
impl<Now> GuardedBy<Nothing, Here> for Behind<Now> {}

/// The policies of the lists around: all of them let an entry stand behind a way.
pub trait Admits<X, W, I> {}

#[diagnostic::do_not_recommend]
impl<X, W> Admits<X, W, Here> for AllowAll {}

impl<T, Around: Admits<X, W, J>, X: Access<Behind<W>: GuardedBy<T, I>>, W: Place, I, J> Admits<X, W, (I, J)>
    for Deny<T, Around>
{
}
