//! What was provided at a place of a stack, as a type, and whether a layer's needs are among it.
//!
//! A stack macro carries a [`Way`] from entry to entry. Each entry comes with a [`Declaration`]: what it needs,
//! and what the way is behind it. Which of the provided types meets a need is inferred, as a position in the list
//! ([`Last`], [`Eight`]); two of one type make that ambiguous, which is the error for a second provider.
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

/// A place of a stack: what was provided on entering the app or router (`Base`), and what `Now`. The last says
/// whether an error handler may have come back to the normal track in this list.
#[derive(Debug)]
pub struct Way<Base, Now, Resumes = Straight>(Told<(Base, Now, Resumes)>);

impl<B, N, F> Clone for Way<B, N, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B, N, F> Copy for Way<B, N, F> {}

impl<B, N, F> Default for Way<B, N, F> {
    fn default() -> Self {
        Way(PhantomData)
    }
}

impl<B, N> Way<B, N> {
    pub(crate) const fn new() -> Self {
        Way(PhantomData)
    }
}

/// No error handler came back.
#[derive(Debug)]
pub struct Straight;

/// One may have: what was provided since the beginning may have been gone past on the error track.
#[derive(Debug)]
pub struct Resumed;

/// [`Straight`] or [`Resumed`].
pub trait Flag {
    /// The two of them together.
    type Or<F>;
    /// What counts behind a mounted list: `Now`, or only `Base`.
    type Keep<Now, Base>;
}

impl Flag for Straight {
    type Or<F> = F;
    type Keep<Now, Base> = Now;
}

impl Flag for Resumed {
    type Or<F> = Resumed;
    type Keep<Now, Base> = Base;
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
    message = "no layer above this one provides `{T}`",
    label = "needs `{T}`",
    note = "put one higher up: `provide(value)`, or a middleware with `next: Next<{T}>`",
    note = "from outside of a route's own stack or of the stack that a function returns, declare it: \
            `#[get(\"/\", auth, needs = {T})]`, `-> impl Stack<({T},)>`"
)]
pub trait Has<T: ?Sized, I> {}

#[diagnostic::do_not_recommend]
impl<T, Base, Now: Has<T, I>, I, F> Has<T, On<I>> for Way<Base, Now, F> {}

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
impl<Base, Now, F> Has<Nothing, Here> for Way<Base, Now, F> {}

#[diagnostic::do_not_recommend]
impl<Base, Now, F> ProvidedOnce<Nothing, Here> for Way<Base, Now, F> {}

/// Where there is nothing to be found.
#[derive(Debug)]
pub struct Here;

/// A `T` was provided once. Where it was twice the compiler finds two places, and cannot infer which.
pub trait ProvidedOnce<T: ?Sized, I> {}

#[diagnostic::do_not_recommend]
impl<T, Base, Now: ProvidedOnce<T, I>, I, F> ProvidedOnce<T, On<I>> for Way<Base, Now, F> {}

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
}

/// A layer of the normal track, or an error handler that does not come back.
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

impl<B, Now, F, N, P: Onto<Now>> Follow<Way<B, Now, F>> for Declares<N, P> {
    type After = Way<B, P::Out, F>;
    type Around = Way<B, Now, F>;
}

/// A layer that may come back from the error track, where what was provided in between may have been gone past.
#[derive(Debug)]
pub struct Resumes<Needs, Provides>(Told<(Needs, Provides)>);

impl<N: Types, P: Types> Declaration for Resumes<N, P> {
    type Needs = N;
    type Place = Anywhere;
    type Provides = P;
    type Maybe = Resumes<N, ()>;
}

impl<B, Now, F, N, P: Onto<B>> Follow<Way<B, Now, F>> for Resumes<N, P> {
    type After = Way<B, P::Out, Resumed>;
    type Around = Way<B, B, Resumed>;
}

/// This way is the one of the place where an entry has to stand: it is what infers the beginning of a stack that is
/// written in another.
pub trait StandsAt<Place> {}

/// A place like any other.
#[derive(Debug)]
pub struct Anywhere;

#[diagnostic::do_not_recommend]
impl<B, Now, F> StandsAt<Anywhere> for Way<B, Now, F> {}

/// A router, in the stack that it is written in: it sees what was provided there. What it provides itself does not
/// count behind it, since `next.router()` leaves it early.
#[derive(Debug)]
pub struct InRouter<Base>(Told<Base>);

impl<B> Declaration for InRouter<B> {
    type Needs = ();
    type Place = Self;
    type Provides = ();
    type Maybe = Self;
}

#[diagnostic::do_not_recommend]
impl<B, Now, F> StandsAt<InRouter<Now>> for Way<B, Now, F> {}

impl<W, B> Follow<W> for InRouter<B> {
    type After = W;
    type Around = W;
}

/// A list or `stack!`, in the stack that it is written in, from its beginning to the way at its end.
#[derive(Debug)]
pub struct InStack<Base, Now, End>(Told<(Base, Now, End)>);

impl<B, N, Y> Declaration for InStack<B, N, Y> {
    type Needs = ();
    type Place = InStack<B, N, ()>;
    type Provides = ();
    type Maybe = Under<Self>;
}

#[diagnostic::do_not_recommend]
impl<B, Now, F> StandsAt<InStack<B, Now, ()>> for Way<B, Now, F> {}

impl<B, Now, F, End, E: Flag> Follow<Way<B, Now, F>> for InStack<B, Now, Way<B, End, E>> {
    type After = Way<B, End, E::Or<F>>;
    type Around = Way<B, E::Keep<Now, B>, E::Or<F>>;
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
}

/// What a stack from a function provides is what its type says.
#[diagnostic::on_unimplemented(
    message = "this stack does not provide what its type says",
    label = "the second tuple in `impl Stack<(..), (..)>` names all that it provides, in the order of its layers"
)]
pub trait Is<Declared> {}

#[diagnostic::do_not_recommend]
impl<T> Is<T> for T {}
