//! Questions that the compiler answers with yes or no: where a bound holds, a method of the type itself is called, and else
//! the one of a trait that has the same name.
//!
//! They make sentences of mistakes, and the proof does not count on them. They need types without a variable, so they are
//! asked where a list knows what it begins with: in `app!`, and in a route's own stack.

use std::marker::PhantomData;

use super::declare::{Anywhere, Declaration, Follow};
use super::find::{Eight, Here, More, ProvidedOnce, Unasked};
use super::place::{InRouter, InStack};
use super::tuple::{At, Types};
use super::way::{NotEmpty, Told};
use crate::stack::kinds::{Gone, Listed};

/// Asks whether the first type that an entry provides was provided above it.
#[derive(Debug)]
pub struct Anew<W, D, I>(Told<(W, D, I)>);

impl<W, D, I> Anew<W, D, I> {
    pub(crate) const fn new() -> Self {
        Anew(PhantomData)
    }
}

impl<W, D: Declaration + Follow<W>, I> Anew<W, D, I>
where
    D::Upon: NotEmpty + ProvidedOnce<<D::Provides as Types>::A, I>,
{
    /// It was. That is the error, and so the entry counts as one that provides nothing.
    pub fn __connect_entry(&self) -> Listed<(), Gone, Gone, D::Maybe>
    where
        Second<D::Upon>: Provides<<D::Provides as Types>::A>,
    {
        Listed::new(())
    }
}

/// It was not.
pub trait First {
    /// The entry, as it is.
    type Entry;
    /// The entry, as it is.
    fn __connect_entry(&self) -> Self::Entry;
}

impl<W, D> First for Anew<W, D, Here> {
    type Entry = Listed<(), Gone, Gone, D>;
    fn __connect_entry(&self) -> Self::Entry {
        Listed::new(())
    }
}

/// An entry that provides what was provided above it.
#[derive(Debug)]
pub struct Second<Upon>(Told<Upon>);

/// Implemented by nothing that there can be. Two that there cannot be keep the compiler from a second error where an entry is
/// no layer, and nothing is known of what it provides.
#[diagnostic::on_unimplemented(
    message = "`{T}` is provided twice: by a layer above this one, and by this one",
    label = "provides a second `{T}`",
    note = "leave one of the two out, or give one of the values a type of its own, such as `struct Admin(..)`"
)]
pub trait Provides<T: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Provides<T> for Second<Unasked> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Provides<T> for Second<Here> {}

/// Asks whether one of several entries needs a `T`: a pair of an entry and those behind it.
#[derive(Debug)]
pub struct Takes<T, All, I>(Told<(T, All, I)>);

impl<T, All, I> Takes<T, All, I> {
    pub(crate) const fn new() -> Self {
        Takes(PhantomData)
    }
}

impl<T, All: OneTakes<T, I>, I> Takes<T, All, I> {
    /// One does.
    pub fn __connect_or<Untaken>(&self, _: Untaken) -> Taken {
        Taken
    }
}

/// None does.
pub trait NoneTakes {
    /// The type, which nothing takes.
    fn __connect_or<Untaken>(&self, untaken: Untaken) -> Untaken;
}

impl<T, All> NoneTakes for Takes<T, All, Here> {
    fn __connect_or<Untaken>(&self, untaken: Untaken) -> Untaken {
        untaken
    }
}

/// One of several entries needs a `T`.
pub trait OneTakes<T, I> {}

impl<D: MayTake<T, I>, T, I, Rest> OneTakes<T, Needed<I>> for (D, Rest) {}
impl<D, T, I, Rest: OneTakes<T, I>> OneTakes<T, Eight<I>> for (D, Rest) {}

/// An entry that needs a `T`, and one of which it is not known.
pub trait MayTake<T, I> {}

impl<D: Declaration<Place = Anywhere, Needs: Among<T, I>>, T, I> MayTake<T, Needed<I>> for D {}

// What is in a list that is written in another is not declared by it.
impl<T, B> MayTake<T, Unknown> for InRouter<B> {}
impl<T, B, E> MayTake<T, Unknown> for InStack<B, E> {}

/// By what it declares.
#[derive(Debug)]
pub struct Needed<I>(PhantomData<I>);

/// By what it is.
#[derive(Debug)]
pub struct Unknown;

/// A type is one of these; `I` says which.
pub trait Among<T, I> {}

impl<N: Types<A = T>, T> Among<T, At<0>> for N {}
impl<N: Types<B = T>, T> Among<T, At<1>> for N {}
impl<N: Types<C = T>, T> Among<T, At<2>> for N {}
impl<N: Types<D = T>, T> Among<T, At<3>> for N {}
impl<N: Types<E = T>, T> Among<T, At<4>> for N {}
impl<N: Types<More: AmongMore<T, I>>, T, I> Among<T, Eight<I>> for N {}

/// The same behind the fifth.
pub trait AmongMore<T, I> {}

impl<T, Then> AmongMore<T, Here> for More<T, Then> {}
impl<T, U, Then: AmongMore<T, I>, I> AmongMore<T, Eight<I>> for More<U, Then> {}

/// A type in `needs = ..` that something takes.
#[derive(Debug)]
pub struct Taken;

/// One that nothing takes; `Rest` is what the attribute would have to declare.
#[derive(Debug)]
pub struct Untaken<T, Rest>(Told<(T, Rest)>);

impl<T, Rest> Untaken<T, Rest> {
    pub(crate) const fn new() -> Self {
        Untaken(PhantomData)
    }
}

/// Something takes the `T` of `needs = ..`.
#[diagnostic::on_unimplemented(
    message = "`needs` says `{T}`, and neither the route nor a layer of its own stack takes one",
    label = "not taken",
    note = "write `needs = {Rest}`"
)]
pub trait Needs<T, Rest> {}

#[diagnostic::do_not_recommend]
impl<T, Rest> Needs<T, Rest> for Taken {}

/// The same of the only type.
#[diagnostic::on_unimplemented(
    message = "`needs` says `{T}`, and neither the route nor a layer of its own stack takes one",
    label = "not taken",
    note = "leave `needs` out"
)]
pub trait NeedsAlone<T> {}

#[diagnostic::do_not_recommend]
impl<T> NeedsAlone<T> for Taken {}
