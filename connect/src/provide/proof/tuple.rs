//! Tuples of types: what an entry needs, and what it provides.

use super::find::{Beginning, Has, Nothing, ProvidedOnce};
use super::way::Given;

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

/// Types on top of what was provided before.
pub trait Onto<Before> {
    /// The whole.
    type Out;
}

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
