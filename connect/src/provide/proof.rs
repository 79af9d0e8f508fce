//! What was provided at a place of a stack, as a type, and whether a layer's needs are among it.
//!
//! A stack macro carries a [`Way`] from entry to entry. Each entry comes with a [`Declaration`]: what it needs,
//! and what the way is behind it. Which of the provided types meets a need is inferred, as a position in the list
//! ([`Here`], [`There`]); two of one type make that ambiguous, which is the error for a second provider.
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

/// The needed type is the last one provided.
#[derive(Debug)]
pub struct Here;

/// It is further up.
#[derive(Debug)]
pub struct There<I>(PhantomData<I>);

/// A `T` was provided; `I` says where.
#[diagnostic::on_unimplemented(
    message = "no layer above this one provides `{T}`",
    label = "needs `{T}`",
    note = "put one higher up: `provide(value)`, or a middleware with `next: Next<{T}>`",
    note = "from outside of a route's own stack or of the stack that a function returns, declare it: \
            `#[get(\"/\", auth, needs = {T})]`, `-> impl Stack<({T},)>`"
)]
pub trait Has<T, I> {}

#[diagnostic::do_not_recommend]
impl<T, Before> Has<T, Here> for Given<T, Before> {}

#[diagnostic::do_not_recommend]
impl<T, U, Before: Has<T, I>, I> Has<T, There<I>> for Given<U, Before> {}

#[diagnostic::do_not_recommend]
impl<T, Base, Now: Has<T, I>, I, F> Has<T, On<I>> for Way<Base, Now, F> {}

/// On the way.
#[derive(Debug)]
pub struct On<I>(PhantomData<I>);

/// Nothing needed, nothing provided.
#[derive(Debug)]
pub struct Nothing;

#[diagnostic::do_not_recommend]
impl<Base, Now, F> Has<Nothing, Here> for Way<Base, Now, F> {}

/// Keeps the compiler from concluding that what is asked of the beginning can only be [`Nothing`].
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
    type A;
    /// The second.
    type B;
    /// The third.
    type C;
    /// The fourth.
    type D;
    /// The fifth.
    type E;
    /// The sixth.
    type F;
}

/// A `T` was provided once. Where it was twice the compiler finds two places, and cannot infer which.
pub trait ProvidedOnce<T, I> {}

#[diagnostic::do_not_recommend]
impl<T, Before> ProvidedOnce<T, Here> for Given<T, Before> {}

#[diagnostic::do_not_recommend]
impl<T, U, Before: ProvidedOnce<T, I>, I> ProvidedOnce<T, There<I>> for Given<U, Before> {}

#[diagnostic::do_not_recommend]
impl<T, Base, Now: ProvidedOnce<T, I>, I, F> ProvidedOnce<T, On<I>> for Way<Base, Now, F> {}

#[diagnostic::do_not_recommend]
impl<Base, Now, F> ProvidedOnce<Nothing, Here> for Way<Base, Now, F> {}

#[diagnostic::do_not_recommend]
impl ProvidedOnce<Unasked, Unasked> for Start {}

#[diagnostic::do_not_recommend]
impl ProvidedOnce<Unasked, Unasked> for () {}

/// Types on top of what was provided before.
pub trait Onto<Before> {
    /// The whole.
    type Out;
}

/// A place in a tuple.
#[derive(Debug)]
pub struct At<const N: usize>;

macro_rules! types {
    ($($all:tt: $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident;)*) => { $(
        types!(@one $all $a $b $c $d $e $f);
    )* };
    (@one ($($all:ident),*) $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident) => {
        #[diagnostic::do_not_recommend]
        impl<$($all),*> Types for ($($all,)*) {
            type A = $a;
            type B = $b;
            type C = $c;
            type D = $d;
            type E = $e;
            type F = $f;
        }
    };
}
types! {
    (): Nothing Nothing Nothing Nothing Nothing Nothing;
    (A): A Nothing Nothing Nothing Nothing Nothing;
    (A, B): A B Nothing Nothing Nothing Nothing;
    (A, B, C): A B C Nothing Nothing Nothing;
    (A, B, C, D): A B C D Nothing Nothing;
    (A, B, C, D, E): A B C D E Nothing;
    (A, B, C, D, E, F): A B C D E F;
}

/// What a stack from a function declares is the end of its list.
macro_rules! declared {
    ($($all:tt $name:ident $at:literal;)*) => { $(
        declared!(@one $all $name $at);
    )* };
    (@one ($($all:ident),*) $name:ident $at:literal) => {
        #[diagnostic::do_not_recommend]
        impl<$($all),*> Has<$name, At<$at>> for ($($all,)*) {}

        #[diagnostic::do_not_recommend]
        impl<$($all),*> ProvidedOnce<$name, At<$at>> for ($($all,)*) {}
    };
}
declared! {
    (A) A 0;
    (A, B) A 0;
    (A, B) B 1;
    (A, B, C) A 0;
    (A, B, C) B 1;
    (A, B, C) C 2;
    (A, B, C, D) A 0;
    (A, B, C, D) B 1;
    (A, B, C, D) C 2;
    (A, B, C, D) D 3;
    (A, B, C, D, E) A 0;
    (A, B, C, D, E) B 1;
    (A, B, C, D, E) C 2;
    (A, B, C, D, E) D 3;
    (A, B, C, D, E) E 4;
    (A, B, C, D, E, F) A 0;
    (A, B, C, D, E, F) B 1;
    (A, B, C, D, E, F) C 2;
    (A, B, C, D, E, F) D 3;
    (A, B, C, D, E, F) E 4;
    (A, B, C, D, E, F) F 5;
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
