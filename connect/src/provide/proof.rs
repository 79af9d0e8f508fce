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

/// Where nothing was provided.
#[derive(Debug)]
pub struct Start;

/// Where a `T` was provided, on top of everything before.
#[derive(Debug)]
pub struct Given<T, Before>(PhantomData<fn() -> (T, Before)>);

/// A place of a stack: what was provided on entering the app or router (`Base`), and what `Now`. The last says
/// whether an error handler may have come back to the normal track in this list.
#[derive(Debug)]
pub struct Way<Base, Now, Resumes = Straight>(PhantomData<fn() -> (Base, Now, Resumes)>);

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
    note = "put a layer that provides it higher up: `provide(value)`, or a middleware with `next: Next<{T}>`",
    note = "what stands around a route's own stack, or around the stack that a function returns, is declared: \
            `#[get(\"/\", auth, needs = {T})]`, `-> impl Stack<({T},)>`"
)]
pub trait Has<T, I> {}

#[diagnostic::do_not_recommend]
impl<T, Before> Has<T, Here> for Given<T, Before> {}

#[diagnostic::do_not_recommend]
impl<T, U, Before: Has<T, I>, I> Has<T, There<I>> for Given<U, Before> {}

/// A `T` was provided once.
#[diagnostic::on_unimplemented(message = "`{T}` is not provided here")]
pub trait ProvidedOnce<T, I> {}

#[diagnostic::do_not_recommend]
impl<T, Before> ProvidedOnce<T, Here> for Given<T, Before> {}

#[diagnostic::do_not_recommend]
impl<T, U, Before: ProvidedOnce<T, I>, I> ProvidedOnce<T, There<I>> for Given<U, Before> {}

/// All needs of a layer are met.
#[diagnostic::on_unimplemented(message = "the needs of this layer are not met", label = "needs `{Needs}`")]
pub trait Meets<Needs, I> {}

/// Each of some types was provided once.
pub trait Once<Provides, I> {}

/// Types on top of what was provided before.
pub trait Onto<Before> {
    /// The whole.
    type Out;
}

/// A place in a tuple.
#[derive(Debug)]
pub struct At<const N: usize>;

macro_rules! tuples {
    ($(($($name:ident $index:ident),*))*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Base, Now, Flag, $($name, $index),*> Meets<($($name,)*), ($($index,)*)> for Way<Base, Now, Flag>
        where
            $(Now: Has<$name, $index>,)*
        {
        }

        #[diagnostic::do_not_recommend]
        impl<Base, Now, Flag, $($name, $index),*> Once<($($name,)*), ($($index,)*)> for Way<Base, Now, Flag>
        where
            $(Now: ProvidedOnce<$name, $index>,)*
        {
        }
    )* };
}
tuples! {
    ()
    (A I0)
    (A I0, B I1)
    (A I0, B I1, C I2)
    (A I0, B I1, C I2, D I3)
    (A I0, B I1, C I2, D I3, E I4)
    (A I0, B I1, C I2, D I3, E I4, F I5)
    (A I0, B I1, C I2, D I3, E I4, F I5, G I6)
    (A I0, B I1, C I2, D I3, E I4, F I5, G I6, H I7)
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
    (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
}

/// What an entry says about the values it needs and provides.
pub trait Declaration {
    /// What has to be there: for a [`Meets`].
    type Needs;
    /// What is new behind it.
    type Provides;
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
pub struct Declares<Needs, Provides>(PhantomData<fn() -> (Needs, Provides)>);

/// Neither needs nor provides.
pub(crate) type Free = Declares<(), ()>;

impl<N, P> Declaration for Declares<N, P> {
    type Needs = N;
    type Provides = P;
    type Maybe = Declares<N, ()>;
}

impl<B, Now, F, N, P: Onto<Now>> Follow<Way<B, Now, F>> for Declares<N, P> {
    type After = Way<B, P::Out, F>;
    type Around = Way<B, Now, F>;
}

/// A layer that may come back from the error track, where what was provided in between may have been gone past.
#[derive(Debug)]
pub struct Resumes<Needs, Provides>(PhantomData<fn() -> (Needs, Provides)>);

impl<N, P> Declaration for Resumes<N, P> {
    type Needs = N;
    type Provides = P;
    type Maybe = Resumes<N, ()>;
}

impl<B, Now, F, N, P: Onto<B>> Follow<Way<B, Now, F>> for Resumes<N, P> {
    type After = Way<B, P::Out, Resumed>;
    type Around = Way<B, B, Resumed>;
}

/// A router, in the stack that it is written in: it sees what was provided there. What it provides itself does not
/// count behind it, since `next.router()` leaves it early.
#[derive(Debug)]
pub struct InRouter<Base>(PhantomData<fn() -> Base>);

impl<B> Declaration for InRouter<B> {
    type Needs = InRouter<B>;
    type Provides = ();
    type Maybe = Self;
}

impl<B, Now, F> Meets<InRouter<Now>, ()> for Way<B, Now, F> {}

impl<W, B> Follow<W> for InRouter<B> {
    type After = W;
    type Around = W;
}

/// A list or `stack!`, in the stack that it is written in, from its beginning to the way at its end.
#[derive(Debug)]
pub struct InStack<Base, Now, End>(PhantomData<fn() -> (Base, Now, End)>);

impl<B, N, Y> Declaration for InStack<B, N, Y> {
    type Needs = InStack<B, N, ()>;
    type Provides = ();
    type Maybe = Under<Self>;
}

impl<B, Now, F> Meets<InStack<B, Now, ()>, ()> for Way<B, Now, F> {}

impl<B, Now, F, End, E: Flag> Follow<Way<B, Now, F>> for InStack<B, Now, Way<B, End, E>> {
    type After = Way<B, End, E::Or<F>>;
    type Around = Way<B, E::Keep<Now, B>, E::Or<F>>;
}

/// An entry under a path: who comes by another path goes past it.
#[derive(Debug)]
pub struct Under<D>(PhantomData<fn() -> D>);

impl<D: Declaration> Declaration for Under<D> {
    type Needs = D::Needs;
    type Provides = ();
    type Maybe = Self;
}

impl<W, D: Follow<W>> Follow<W> for Under<D> {
    type After = D::Around;
    type Around = D::Around;
}
