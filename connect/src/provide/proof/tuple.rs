//! Tuples of types: what an entry needs, and what it provides.

use super::find::{Beginning, Has, More, Nothing, ProvidedOnce};
use super::way::{Given, NotEmpty, Told};
use crate::provide::tuples::up_to_twelve;

/// A tuple of types, one by one: each becomes a bound of its own, so that what the compiler reports is the one that
/// is not met.
#[diagnostic::on_unimplemented(
    message = "the types that a stack needs, and those that it provides, are tuples",
    label = "write `({Self},)`; there can be twelve of them"
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
    /// The sixth and those behind it, as [`More`]; `()` if there are no more than five.
    type More;
}

/// Types on top of what was provided before.
pub trait Onto<Before> {
    /// The whole.
    type Out;
}

/// What the way at the end of a stack that declares to provide these has to be.
pub trait EndsWith<Begins, End> {
    /// The types on top of what it begins with.
    type End;
}

impl<Begins, End> EndsWith<Begins, End> for () {
    // Behind a stack that declares nothing, nothing counts on what it provides.
    type End = End;
}

/// A place in a tuple.
#[derive(Debug)]
pub struct At<const N: usize>;

/// The needs of a function that takes more than twelve values: the first five, and those behind.
#[derive(Debug)]
pub struct Many<First, Then>(Told<(First, Then)>);

#[diagnostic::do_not_recommend]
impl<A, B, C, D, E, Then> Types for Many<(A, B, C, D, E), Then> {
    type A = A;
    type B = B;
    type C = C;
    type D = D;
    type E = E;
    type More = Then;
}

macro_rules! more {
    () => { () };
    ($first:ident $($rest:ident)*) => { More<$first, more!($($rest)*)> };
}

macro_rules! types {
    ($($name:ident)*; $a:ident $b:ident $c:ident $d:ident $e:ident $($rest:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$($name),*> Types for ($($name,)*) {
            type A = $a;
            type B = $b;
            type C = $c;
            type D = $d;
            type E = $e;
            type More = more!($($rest)*);
        }
    };
}
types!(; Nothing Nothing Nothing Nothing Nothing);
types!(A; A Nothing Nothing Nothing Nothing);
types!(A B; A B Nothing Nothing Nothing);
types!(A B C; A B C Nothing Nothing);
types!(A B C D; A B C D Nothing);

/// Those with at least five have a name at each place.
macro_rules! long {
    ($(($a:ident $($b:ident $($c:ident $($d:ident $($e:ident $($rest:ident)*)?)?)?)?))*) => {
        $($($($($(types!($a $b $c $d $e $($rest)*; $a $b $c $d $e $($rest)*);)?)?)?)?)*
    };
}
up_to_twelve!(long);

/// What a stack from a function declares is where its list begins.
macro_rules! beginnings {
    ($(($($name:ident)*))*) => { $(
        impl<$($name),*> Beginning for ($($name,)*) {}
        impl<$($name),*> NotEmpty for ($($name,)*) {}
        beginnings!(@each [$($name)*] [0 1 2 3 4 5 6 7 8 9 10 11] $($name)*);
    )* };
    (@each $all:tt [$($at:literal)*]) => {};
    (@each $all:tt [$at:literal $($later:literal)*] $name:ident $($rest:ident)*) => {
        beginnings!(@one $all $at $name);
        beginnings!(@each $all [$($later)*] $($rest)*);
    };
    (@one [$($all:ident)*] $at:literal $name:ident) => {
        #[diagnostic::do_not_recommend]
        impl<$($all),*> Has<$name, At<$at>> for ($($all,)*) {}

        #[diagnostic::do_not_recommend]
        impl<$($all),*> ProvidedOnce<$name, At<$at>> for ($($all,)*) {}
    };
}
impl Beginning for () {}
up_to_twelve!(beginnings);

impl<Before> Onto<Before> for () {
    type Out = Before;
}

macro_rules! onto {
    ($(($first:ident $($rest:ident)*))*) => { $(
        impl<Before, $first, $($rest),*> Onto<Before> for ($first, $($rest,)*) {
            type Out = <($($rest,)*) as Onto<Given<$first, Before>>>::Out;
        }

        impl<Begins, End, $first, $($rest),*> EndsWith<Begins, End> for ($first, $($rest,)*) {
            type End = <Self as Onto<Begins>>::Out;
        }
    )* };
}
up_to_twelve!(onto);
