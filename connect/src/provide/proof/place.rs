//! Where an entry can stand: anywhere, or in the one place that infers the beginning of a stack written in another.

use super::declare::{Anywhere, Declaration, Follow};
use super::guard::Everybody;
use super::way::{MayResume, Straight, Told, Way};

/// This way is the one of the place where an entry has to stand: it is what infers the beginning of a stack that is
/// written in another.
#[diagnostic::on_unimplemented(
    message = "an app with settings cannot be mounted in another app: settings apply to the whole request",
    label = "`environment`, `etag`, `trust_proxy` or `body_timeout` was called on it: call it on the outermost app"
)]
pub trait StandsAt<Place> {}

/// An app with settings.
#[derive(Debug)]
pub struct StandsNowhere;

impl Declaration for StandsNowhere {
    type Needs = ();
    type Place = Self;
    type Access = Everybody;
    type Provides = ();
    type Maybe = Self;
}

impl<W> Follow<W> for StandsNowhere {
    type After = W;
    type Around = W;
    type Proof = W;
    type Upon = ();
}

#[diagnostic::do_not_recommend]
impl<S, Now, F, P> StandsAt<Anywhere> for Way<S, Now, F, P> {}

/// A router, in the stack that it is written in: it sees what was provided there. What it provides itself does not
/// count behind it, since `next.router()` leaves it early. No error comes into it, so what it begins with is sure.
#[derive(Debug)]
pub struct InRouter<Begins>(Told<Begins>);

impl<B> Declaration for InRouter<B> {
    type Needs = ();
    type Place = Self;
    type Access = Everybody;
    type Provides = ();
    type Maybe = Self;
}

#[diagnostic::do_not_recommend]
impl<S, Now, F, P> StandsAt<InRouter<Way<Now, Now, Straight, P>>> for Way<S, Now, F, P> {}

impl<W, B> Follow<W> for InRouter<B> {
    type After = W;
    type Around = W;
    type Proof = W;
    type Upon = ();
}

/// A list or `stack!`, in the stack that it is written in, from its beginning to the way at its end.
#[derive(Debug)]
pub struct InStack<Begins, End>(Told<(Begins, End)>);

impl<B, Y> Declaration for InStack<B, Y> {
    type Needs = ();
    type Place = InStack<B, ()>;
    type Access = Everybody;
    type Provides = ();
    type Maybe = Under<Self>;
}

#[diagnostic::do_not_recommend]
impl<S, Now, F, P> StandsAt<InStack<Way<S, Now, Straight, P>, ()>> for Way<S, Now, F, P> {}

impl<S, Now, F, P, B, Then, End, E: MayResume, Q> Follow<Way<S, Now, F, P>>
    for InStack<B, Way<Then, End, E, Q>>
{
    type After = Way<Then, End, E::Or<F>, P>;
    type Around = Way<S, E::Keep<Now, S>, E::Or<F>, P>;
    type Proof = Self::After;
    type Upon = ();
}

/// An entry under a path: who comes by another path goes past it.
#[derive(Debug)]
pub struct Under<D>(Told<D>);

impl<D: Declaration> Declaration for Under<D> {
    type Needs = D::Needs;
    type Place = D::Place;
    type Access = D::Access;
    type Provides = ();
    type Maybe = Self;
}

impl<W, D: Follow<W>> Follow<W> for Under<D> {
    type After = D::Around;
    type Around = D::Around;
    type Proof = D::Around;
    type Upon = ();
}
