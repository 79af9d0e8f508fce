//! What was provided at a place of a stack, as a type, and whether a layer's needs are among it.
//!
//! A stack macro carries a [`Way`] from entry to entry. Each entry comes with a [`Declaration`]: what it needs,
//! and what the way is behind it. Which of the provided types meets a need is inferred, as a position in the list
//! ([`Last`], [`Eight`]); two of one type make that ambiguous, which is the error for a second provider.
//!
//! An error skips the layers, and the values that they would have provided, until an error handler resumes the normal
//! track. So a [`Way`] has two lists of what was provided: `Now`, on the normal track, and `Sure`, on either. Below a handler
//! that resumes there is what is sure, and what the handler provides ([`Resumes`]).
//!
//! A stack that stands in another, `"/admin" => router![..]`, leaves its beginning open ([`InRouter`],
//! [`InStack`]), and the place where it is listed fills it in. A stack from a function has its beginning in its
//! type: `impl Stack<(User, Db)>`.

use std::marker::PhantomData;

/// Types that are told and of which there is no value. Whatever they are, it can go to another thread.
pub(crate) type Told<T> = PhantomData<fn() -> T>;

/// Where nothing was provided.
#[derive(Debug)]
pub struct Start;

/// Where a `T` was provided, on top of everything before.
#[derive(Debug)]
pub struct Given<T, Before>(Told<(T, Before)>);

/// A place of a stack: what was provided whichever track the request came by (`Sure`: what there was on entering the app
/// or router, and what cannot fail to be provided), and what `Now`, on the normal track. The last says whether a layer may
/// have resumed in this list.
#[derive(Debug)]
pub struct Way<Sure, Now, Resumption = Straight>(Told<(Sure, Now, Resumption)>);

impl<S, N, F> Clone for Way<S, N, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, N, F> Copy for Way<S, N, F> {}

impl<S, N, F> Default for Way<S, N, F> {
    fn default() -> Self {
        Way(PhantomData)
    }
}

impl<S, N> Way<S, N> {
    pub(crate) const fn new() -> Self {
        Way(PhantomData)
    }
}

/// No error handler in the stack resumes: the default of `impl Stack`.
#[derive(Debug)]
pub struct Straight;

/// An error handler in the stack may resume the normal track: `impl Stack<(), (), Resuming>`.
///
/// The error may have skipped the layers above such a stack, so the values that they provide do not count below it. What
/// counts is what was provided where the app, the router or the route's own stack begins, the values of
/// [`provide(..)`](crate::provide()), and what the stack declares to provide.
///
/// ```
/// use connect::{app, error_handler, stack, Error, Request, Response, Result, Resume, Resuming, Stack};
///
/// #[error_handler]
/// fn ignore(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
///     next.resume()
/// }
///
/// fn lenient() -> impl Stack<(), (), Resuming> {
///     stack![ignore]
/// }
///
/// let app = app![lenient()];
/// ```
#[derive(Debug)]
pub struct Resuming;

/// [`Straight`] or [`Resuming`].
pub trait MayResume {
    /// The two of them together.
    type Or<F>;
    /// What counts behind a mounted list: `Now`, or only what is `Sure`.
    type Keep<Now, Sure>;
    /// What a stack from a function declares.
    type Declares<Needs: Types, Provides: Types>: Declaration<Needs = Needs, Provides = Provides>;
}

impl MayResume for Straight {
    type Or<F> = F;
    type Keep<Now, Sure> = Now;
    type Declares<N: Types, P: Types> = Declares<N, P>;
}

impl MayResume for Resuming {
    type Or<F> = Resuming;
    type Keep<Now, Sure> = Sure;
    type Declares<N: Types, P: Types> = ResumesInside<N, P>;
}

/// A place among the last eight types that were provided, counted from the last.
#[derive(Debug)]
pub struct Last<const N: usize>;

/// Eight further up. One by one, the compiler would go as deep as there are types, and it goes no deeper than 128.
#[derive(Debug)]
pub struct Eight<I>(PhantomData<I>);

/// Above all that was provided in this list, which is fewer than eight here: where it begins.
#[derive(Debug)]
pub struct Above<const N: usize, I>(PhantomData<I>);

/// Where a list can begin.
pub trait Beginning {}

impl Beginning for Start {}

/// A `T` was provided; `I` says where.
#[diagnostic::on_unimplemented(
    message = "no layer above provides `{T}` to this one",
    label = "needs `{T}`",
    note = "put one higher up: `provide(value)`, or a middleware with `next: Next<{T}>`",
    note = "below an error handler that resumes, only values of `provide(..)` and of the handler itself count, \
            `next: Resume<{T}>`: the error may have skipped the layers that provide the others",
    note = "from outside of a route's own stack or of the stack that a function returns, declare it: \
            `#[get(\"/\", auth, needs = {T})]`, `-> impl Stack<({T},)>`"
)]
pub trait Has<T: ?Sized, I> {}

#[diagnostic::do_not_recommend]
impl<T, Sure, Now: Has<T, I>, I, F> Has<T, On<I>> for Way<Sure, Now, F> {}
/// On the way.
#[derive(Debug)]
pub struct On<I>(PhantomData<I>);

/// Keeps the compiler from concluding what is asked of a beginning, where it is the only thing that can be.
#[derive(Debug)]
pub struct Unasked;

#[diagnostic::do_not_recommend]
impl Has<Unasked, Unasked> for Start {}

#[diagnostic::do_not_recommend]
impl Has<Unasked, Unasked> for () {}

/// A tuple of types, one by one: each becomes a bound of its own, so that what the compiler reports is the one that
/// is not met.
#[diagnostic::on_unimplemented(
    message = "the types that a stack needs, and those that it provides, are tuples",
    label = "write `({Self},)`; there can be six of them"
)]
pub trait Types {
    /// The first.
    type A: ?Sized;
    /// The second.
    type B: ?Sized;
    /// The third.
    type C: ?Sized;
    /// The fourth.
    type D: ?Sized;
    /// The fifth.
    type E: ?Sized;
    /// The sixth.
    type F: ?Sized;
}

/// Nothing needed, nothing provided. It is not `Sized`, and all that can be provided is: so the compiler does not look
/// for it among that.
#[derive(Debug)]
#[expect(dead_code, reason = "there is no value of it")]
pub struct Nothing([()]);

#[diagnostic::do_not_recommend]
impl<Sure, Now, F> Has<Nothing, Here> for Way<Sure, Now, F> {}

#[diagnostic::do_not_recommend]
impl<Sure, Now, F> ProvidedOnce<Nothing, Here> for Way<Sure, Now, F> {}

#[diagnostic::do_not_recommend]
impl<Now, After> ProvidedOnce<Nothing, Here> for OnBothTracks<Now, After> {}

/// Where there is nothing to be found.
#[derive(Debug)]
pub struct Here;

/// A `T` was provided once. Where it was twice the compiler finds two places, and cannot infer which.
///
/// Behind a layer that provides, it was provided at least once; so the message is for what an error handler provides, which
/// has to be there on the normal track as well.
#[diagnostic::on_unimplemented(
    message = "this error handler provides `{T}`, and no layer above it does so for requests without an error",
    label = "they skip this handler, and `{T}` is missing below it",
    note = "put a layer above it that provides `{T}` too, or take `Option<&{T}>` below and `next: Resume` here"
)]
pub trait ProvidedOnce<T: ?Sized, I> {}

#[diagnostic::do_not_recommend]
impl<T, Sure, Now: ProvidedOnce<T, I>, I, F> ProvidedOnce<T, On<I>> for Way<Sure, Now, F> {}

/// What was provided above an error handler that resumes, and the way below it.
#[derive(Debug)]
pub struct OnBothTracks<Now, After>(Told<(Now, After)>);

#[diagnostic::do_not_recommend]
impl<T, Now: Has<T, I>, I, After: ProvidedOnce<T, J>, J> ProvidedOnce<T, Tracks<I, J>>
    for OnBothTracks<Now, After>
{
}

/// Where it was provided on the normal track, and where behind the handler.
#[derive(Debug)]
pub struct Tracks<I, J>(PhantomData<(I, J)>);

#[diagnostic::do_not_recommend]
impl ProvidedOnce<Unasked, Unasked> for Start {}

#[diagnostic::do_not_recommend]
impl ProvidedOnce<Unasked, Unasked> for () {}

/// Types on top of what was provided before.
pub trait Onto<Before> {
    /// The whole.
    type Out;
}

/// `Given<A, Given<B, .. End>>`: `A` is the last that was provided.
macro_rules! given {
    ($end:ty;) => { $end };
    ($end:ty; $first:ident $($rest:ident)*) => { Given<$first, given!($end; $($rest)*)> };
}

macro_rules! found {
    ($($has:ident)*) => { $(
        found! { @last $has
            [] A 0; [A] B 1; [A B] C 2; [A B C] D 3; [A B C D] E 4; [A B C D E] F 5; [A B C D E F] G 6;
            [A B C D E F G] H 7;
        }
        found! { @above $has
            [A] 1; [A B] 2; [A B C] 3; [A B C D] 4; [A B C D E] 5; [A B C D E F] 6; [A B C D E F G] 7;
        }

        #[diagnostic::do_not_recommend]
        impl<T, A, B, C, D, E, F, G, H, End: $has<T, I>, I> $has<T, Eight<I>> for given!(End; A B C D E F G H) {}
    )* };
    (@last $has:ident $([$($after:ident)*] $name:ident $n:literal;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($after,)* $name, End> $has<$name, Last<$n>> for given!(End; $($after)* $name) {}
    )* };
    (@above $has:ident $([$($after:ident)*] $n:literal;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T, $($after,)* End: Beginning + $has<T, I>, I> $has<T, Above<$n, I>> for given!(End; $($after)*) {}
    )* };
}
found!(Has ProvidedOnce);

/// A place in a tuple.
#[derive(Debug)]
pub struct At<const N: usize>;

/// What a stack from a function declares is where its list begins.
macro_rules! tuples {
    ($([$($name:ident $at:literal)*] $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($name),*> Types for ($($name,)*) {
            type A = $a;
            type B = $b;
            type C = $c;
            type D = $d;
            type E = $e;
            type F = $f;
        }

        impl<$($name),*> Beginning for ($($name,)*) {}

        tuples!(@each [$($name $at)*] ($($name,)*));
    )* };
    (@each [$($name:ident $at:literal)*] $all:tt) => { $(
        tuples!(@one $name $at $all);
    )* };
    (@one $name:ident $at:literal ($($all:ident,)*)) => {
        #[diagnostic::do_not_recommend]
        impl<$($all),*> Has<$name, At<$at>> for ($($all,)*) {}

        #[diagnostic::do_not_recommend]
        impl<$($all),*> ProvidedOnce<$name, At<$at>> for ($($all,)*) {}
    };
}
tuples! {
    [] Nothing Nothing Nothing Nothing Nothing Nothing;
    [A 0] A Nothing Nothing Nothing Nothing Nothing;
    [A 0 B 1] A B Nothing Nothing Nothing Nothing;
    [A 0 B 1 C 2] A B C Nothing Nothing Nothing;
    [A 0 B 1 C 2 D 3] A B C D Nothing Nothing;
    [A 0 B 1 C 2 D 3 E 4] A B C D E Nothing;
    [A 0 B 1 C 2 D 3 E 4 F 5] A B C D E F;
}

impl<Before> Onto<Before> for () {
    type Out = Before;
}

macro_rules! onto {
    ($(($first:ident $(, $rest:ident)*))*) => { $(
        impl<Before, $first, $($rest),*> Onto<Before> for ($first, $($rest,)*) {
            type Out = <($($rest,)*) as Onto<Given<$first, Before>>>::Out;
        }
    )* };
}
onto! {
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
}

/// What an entry says about the values it needs and provides.
pub trait Declaration {
    /// What has to be there.
    type Needs: Types;
    /// Where it has to stand: for [`StandsAt`].
    type Place;
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
}

/// A layer of the normal track, or an error handler that does not resume.
#[derive(Debug)]
pub struct Declares<Needs, Provides>(Told<(Needs, Provides)>);

/// Neither needs nor provides.
pub(crate) type Free = Declares<(), ()>;

impl<N: Types, P: Types> Declaration for Declares<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Provides = P;
    type Maybe = Declares<N, ()>;
}

impl<S, Now, F, N, P: Onto<Now>> Follow<Way<S, Now, F>> for Declares<N, P> {
    type After = Way<S, P::Out, F>;
    type Around = Way<S, Now, F>;
    type Proof = Self::After;
}

/// A layer that provides on either track, and cannot fail to: [`provide(..)`](crate::provide()).
#[derive(Debug)]
pub struct Always<Provides>(Told<Provides>);

impl<P: Types> Declaration for Always<P> {
    type Needs = ();
    type Place = Anywhere;
    type Provides = P;
    type Maybe = Declares<(), ()>;
}

impl<S, Now, F, P: Onto<Now> + Onto<S>> Follow<Way<S, Now, F>> for Always<P> {
    type After = Way<<P as Onto<S>>::Out, <P as Onto<Now>>::Out, F>;
    type Around = Way<S, Now, F>;
    type Proof = Self::After;
}

/// An error handler that may resume: the error may have skipped layers that provide. What it provides has to be provided
/// above it on the normal track too, which skips the handler.
#[derive(Debug)]
pub struct Resumes<Needs, Provides>(Told<(Needs, Provides)>);

impl<N: Types, P: Types> Declaration for Resumes<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Provides = P;
    type Maybe = Resumes<N, ()>;
}

impl<S, Now, F, N, P: Onto<S>> Follow<Way<S, Now, F>> for Resumes<N, P> {
    type After = Way<S, P::Out, Resuming>;
    type Around = Way<S, S, Resuming>;
    type Proof = OnBothTracks<Now, Self::After>;
}

/// A stack from a function with such a layer in it. What it provides has been proven there.
#[derive(Debug)]
pub struct ResumesInside<Needs, Provides>(Told<(Needs, Provides)>);

impl<N: Types, P: Types> Declaration for ResumesInside<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Provides = P;
    type Maybe = ResumesInside<N, ()>;
}

impl<S, Now, F, N, P: Onto<S>> Follow<Way<S, Now, F>> for ResumesInside<N, P> {
    type After = Way<S, P::Out, Resuming>;
    type Around = Way<S, S, Resuming>;
    type Proof = Self::After;
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
    type Provides = ();
    type Maybe = Self;
}

impl<W> Follow<W> for StandsNowhere {
    type After = W;
    type Around = W;
    type Proof = W;
}

/// A place like any other.
#[derive(Debug)]
pub struct Anywhere;

#[diagnostic::do_not_recommend]
impl<S, Now, F> StandsAt<Anywhere> for Way<S, Now, F> {}

/// A router, in the stack that it is written in: it sees what was provided there. What it provides itself does not
/// count behind it, since `next.router()` leaves it early. No error comes into it, so what it begins with is sure.
#[derive(Debug)]
pub struct InRouter<Begins>(Told<Begins>);

impl<B> Declaration for InRouter<B> {
    type Needs = ();
    type Place = Self;
    type Provides = ();
    type Maybe = Self;
}

#[diagnostic::do_not_recommend]
impl<S, Now, F> StandsAt<InRouter<Now>> for Way<S, Now, F> {}

impl<W, B> Follow<W> for InRouter<B> {
    type After = W;
    type Around = W;
    type Proof = W;
}

/// A list or `stack!`, in the stack that it is written in, from its beginning to the way at its end.
#[derive(Debug)]
pub struct InStack<Sure, Now, End>(Told<(Sure, Now, End)>);

impl<S, N, Y> Declaration for InStack<S, N, Y> {
    type Needs = ();
    type Place = InStack<S, N, ()>;
    type Provides = ();
    type Maybe = Under<Self>;
}

#[diagnostic::do_not_recommend]
impl<S, Now, F> StandsAt<InStack<S, Now, ()>> for Way<S, Now, F> {}

impl<S, Now, F, Then, End, E: MayResume> Follow<Way<S, Now, F>> for InStack<S, Now, Way<Then, End, E>> {
    type After = Way<Then, End, E::Or<F>>;
    type Around = Way<S, E::Keep<Now, S>, E::Or<F>>;
    type Proof = Self::After;
}

/// An entry under a path: who comes by another path goes past it.
#[derive(Debug)]
pub struct Under<D>(Told<D>);

impl<D: Declaration> Declaration for Under<D> {
    type Needs = D::Needs;
    type Place = D::Place;
    type Provides = ();
    type Maybe = Self;
}

impl<W, D: Follow<W>> Follow<W> for Under<D> {
    type After = D::Around;
    type Around = D::Around;
    type Proof = D::Around;
}

/// What a stack from a function provides is what its type says.
#[diagnostic::on_unimplemented(
    message = "this stack does not provide what its type says",
    label = "the second tuple in `impl Stack<(..), (..)>` names all that it provides, in the order of its layers"
)]
pub trait Is<Declared> {}

#[diagnostic::do_not_recommend]
impl<T> Is<T> for T {}

/// Whether an error handler in a stack from a function resumes is what its type declares.
#[diagnostic::on_unimplemented(
    message = "an error handler in this stack resumes the normal track, and the type of the stack does not declare it",
    label = "write `impl Stack<(..), (..), Resuming>`, with `()` for an empty tuple"
)]
pub trait DeclaredAs<Declared> {}

#[diagnostic::do_not_recommend]
impl DeclaredAs<Straight> for Straight {}

#[diagnostic::do_not_recommend]
impl<T> DeclaredAs<Resuming> for T {}
