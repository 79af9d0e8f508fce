//! What an entry says about values, and what it makes of the way.

use super::find::OnBothTracks;
use super::guard::{Access, Everybody, Private};
use super::tuple::{Onto, Types};
use super::way::{Resuming, Told, Way};

/// What an entry says about the values it needs and provides.
pub trait Declaration {
    /// What has to be there.
    type Needs: Types;
    /// Where it has to stand: for [`StandsAt`](super::place::StandsAt).
    type Place;
    /// Who gets to it: for [`GuardedBy`](super::guard::GuardedBy).
    type Access: Access;
    /// What is new behind it.
    type Provides: Types;
    /// The same for an entry that may not be there.
    type Maybe: Declaration;
}

/// What an entry makes of the way.
pub trait Follow<W> {
    /// Behind the entry.
    type After;
    /// Behind the entry, where it stands under a path.
    type Around;
    /// Where what it provides has to be found, once: behind it, and for an error handler above it as well.
    type Proof;
    /// What was provided before, to which it adds what it provides.
    type Upon;
}

/// A place like any other.
#[derive(Debug)]
pub struct Anywhere;

/// A layer of the normal track, or an error handler that does not resume.
#[derive(Debug)]
pub struct Declares<Needs, Provides>(Told<(Needs, Provides)>);

/// Neither needs nor provides.
pub(crate) type Free = Declares<(), ()>;

impl<N: Types, P: Types> Declaration for Declares<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Access = Everybody;
    type Provides = P;
    type Maybe = Declares<N, ()>;
}

impl<S, Now, F, Q, N, P: Onto<Now>> Follow<Way<S, Now, F, Q>> for Declares<N, P> {
    type After = Way<S, P::Out, F, Q>;
    type Around = Way<S, Now, F, Q>;
    type Proof = Self::After;
    type Upon = Now;
}

/// A layer that provides on either track, and cannot fail to: [`provide(..)`](crate::provide()).
#[derive(Debug)]
pub struct Always<Provides>(Told<Provides>);

impl<P: Types> Declaration for Always<P> {
    type Needs = ();
    type Place = Anywhere;
    type Access = Everybody;
    type Provides = P;
    type Maybe = Declares<(), ()>;
}

impl<S, Now, F, Q, P: Onto<Now> + Onto<S>> Follow<Way<S, Now, F, Q>> for Always<P> {
    type After = Way<<P as Onto<S>>::Out, <P as Onto<Now>>::Out, F, Q>;
    type Around = Way<S, Now, F, Q>;
    type Proof = Self::After;
    type Upon = Now;
}

/// An error handler that may resume: the error may have skipped layers that provide. What it provides has to be provided
/// above it on the normal track too, which skips the handler.
#[derive(Debug)]
pub struct Resumes<Needs, Provides>(Told<(Needs, Provides)>);

impl<N: Types, P: Types> Declaration for Resumes<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Access = Everybody;
    type Provides = P;
    type Maybe = Resumes<N, ()>;
}

impl<S, Now, F, Q, N, P: Onto<S>> Follow<Way<S, Now, F, Q>> for Resumes<N, P> {
    type After = Way<S, P::Out, Resuming, Q>;
    type Around = Way<S, S, Resuming, Q>;
    type Proof = OnBothTracks<Now, Self::After>;
    type Upon = S;
}

/// A stack from a function with such a layer in it. What it provides has been proven there.
#[derive(Debug)]
pub struct ResumesInside<Needs, Provides>(Told<(Needs, Provides)>);

impl<N: Types, P: Types> Declaration for ResumesInside<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Access = Everybody;
    type Provides = P;
    type Maybe = ResumesInside<N, ()>;
}

impl<S, Now, F, Q, N, P: Onto<S>> Follow<Way<S, Now, F, Q>> for ResumesInside<N, P> {
    type After = Way<S, P::Out, Resuming, Q>;
    type Around = Way<S, S, Resuming, Q>;
    type Proof = Self::After;
    type Upon = S;
}

/// What a layer is by itself, [`Free`] or `Resumes<(), ()>`, and what is declared of it.
pub trait And<D> {
    /// The two of them together.
    type Out: Declaration;
}

#[diagnostic::do_not_recommend]
impl<D: Declaration> And<D> for Free {
    type Out = D;
}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types> And<Declares<N, P>> for Resumes<(), ()> {
    type Out = Resumes<N, P>;
}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types> And<Resumes<N, P>> for Resumes<(), ()> {
    type Out = Resumes<N, P>;
}

/// A route, with what its function needs of the list around it.
#[derive(Debug)]
pub struct OfRoute<Needs, Access>(Told<(Needs, Access)>);

impl<N: Types, A: Access> Declaration for OfRoute<N, A> {
    type Needs = N;
    type Place = Anywhere;
    type Access = A;
    type Provides = ();
    type Maybe = Self;
}

impl<W, N, A> Follow<W> for OfRoute<N, A> {
    type After = W;
    type Around = W;
    type Proof = W;
    type Upon = ();
}

#[diagnostic::do_not_recommend]
impl<N: Types> And<Declares<N, ()>> for OfRoute<(), Private> {
    type Out = OfRoute<N, Private>;
}

#[diagnostic::do_not_recommend]
impl<N: Types, A: Access> And<OfRoute<N, A>> for OfRoute<(), Private> {
    type Out = OfRoute<N, A>;
}
