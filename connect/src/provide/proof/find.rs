//! Which of the provided types meets a need: a position in the list, which the compiler infers.

use std::marker::PhantomData;

use super::way::{Given, Start, Told, Way};

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
    note = "put one higher up in the list: `provide(value)`, or a middleware with `next: Next<{T}>`; of \
            `provide(Arc::new(value))` the type is `Arc<{T}>`, and of `provide_shared(arc)` it is `{T}`",
    note = "a function's stack and a route's own stack declare what they take from outside, all of it in one tuple: \
            `-> impl Stack<({T},)>`, `#[get(\"/\", auth, needs = {T})]`; what a function's stack provides to the layers below it \
            stands second: `-> impl Stack<(), ({T},)>`",
    note = "below an error handler that resumes, only values of `provide(..)` and of the handler itself count, \
            `next: Resume<{T}>`: the error may have skipped the layers that provide the others"
)]
pub trait Has<T: ?Sized, I> {}

#[diagnostic::do_not_recommend]
impl<T, Sure, Now: Has<T, I>, I, F, P> Has<T, On<I>> for Way<Sure, Now, F, P> {}
/// On the way.
#[derive(Debug)]
pub struct On<I>(PhantomData<I>);

/// [`Has`], for the function of a route with a stack of its own; `Whole` is what the attribute would have to declare.
#[diagnostic::on_unimplemented(
    message = "no layer of this route's own stack provides `{T}`, and the attribute does not take it from outside",
    label = "needs `{T}`",
    note = "if a layer of the list that the route stands in provides it, write `needs = {Whole}` in the attribute, with all \
            that is missing in one tuple",
    note = "or list the layers of the attribute as a guard, which needs no declaration: `guard![auth => route]`"
)]
pub trait HasInRoute<T, Whole, I> {}

#[diagnostic::do_not_recommend]
impl<W: Has<T, I>, T, Whole, I> HasInRoute<T, Whole, I> for W {}

/// Keeps the compiler from concluding what is asked of a beginning, where it is the only thing that can be.
#[derive(Debug)]
pub struct Unasked;

#[diagnostic::do_not_recommend]
impl Has<Unasked, Unasked> for Start {}

#[diagnostic::do_not_recommend]
impl Has<Unasked, Unasked> for () {}

/// Nothing needed, nothing provided. It is not `Sized`, and all that can be provided is: so the compiler does not look
/// for it among that.
#[derive(Debug)]
#[expect(dead_code, reason = "there is no value of it")]
pub struct Nothing([()]);

#[diagnostic::do_not_recommend]
impl<Sure, Now, F, P> Has<Nothing, Here> for Way<Sure, Now, F, P> {}

#[diagnostic::do_not_recommend]
impl<Sure, Now, F, P> ProvidedOnce<Nothing, Here> for Way<Sure, Now, F, P> {}

#[diagnostic::do_not_recommend]
impl<Now, After> ProvidedOnce<Nothing, Here> for OnBothTracks<Now, After> {}

/// The needs behind the fifth, or the provided types: one, and those behind it.
#[derive(Debug)]
pub struct More<T, Then>(Told<(T, Then)>);

/// All of them were provided. A trait of its own, so that what is not met is a bound of [`Has`], which has the message.
pub trait HasAll<Types, I> {}

impl<W> HasAll<(), Here> for W {}

impl<W: Has<T, I> + HasAll<Then, J>, T, Then, I, J> HasAll<More<T, Then>, (I, J)> for W {}

/// The same of [`ProvidedOnce`].
pub trait AllProvidedOnce<Types, I> {}

impl<W> AllProvidedOnce<(), Here> for W {}

impl<W: ProvidedOnce<T, I> + AllProvidedOnce<Then, J>, T, Then, I, J> AllProvidedOnce<More<T, Then>, (I, J)>
    for W
{
}

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
impl<T, Sure, Now: ProvidedOnce<T, I>, I, F, P> ProvidedOnce<T, On<I>> for Way<Sure, Now, F, P> {}

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
