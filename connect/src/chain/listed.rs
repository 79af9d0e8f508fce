//! What the compiler can know of a list before it is built: which of its entries are routes.
//!
//! Every segment has a type beside it that says so, and those are joined as the segments are. The types name routes
//! and nothing else: an entry that depends on a function's type parameters is told by the word [`Other`], or else a
//! generic function could not list it.

use std::marker::PhantomData;

use super::join::{Empty, Join, Plain, Routes, Span};
use super::routes::{Leaf, Route, Stacked};
use crate::provide::proof::Free;
use crate::route::reachable::Entries;

/// A segment, what is known of it, and, for a single entry, what that declares.
#[derive(Debug)]
pub struct Listed<S, K, D = Free> {
    pub(crate) segment: S,
    kinds: PhantomData<K>,
    declares: PhantomData<fn() -> D>,
}

impl<S: Kind, D> Listed<S, S::Kind, D> {
    pub(crate) const fn new(segment: S) -> Self {
        Listed { segment, kinds: PhantomData, declares: PhantomData }
    }
}

impl<S, K, D> Listed<S, K, D> {
    pub(crate) fn join<T, L, E>(self, after: Listed<T, L, E>) -> Listed<S::Out, Both<K, L>>
    where
        S: Join<T>,
    {
        Listed { segment: self.segment.join(after.segment), kinds: PhantomData, declares: PhantomData }
    }

    pub(crate) fn known(&self) -> Known<K> {
        Known(PhantomData)
    }
}

/// The entries of a list, as a value that is compared with a constant: that is where the compiler evaluates the
/// constant, whatever the entries are, already in `cargo check`.
#[derive(Debug, PartialEq, Eq)]
pub struct Known<K>(pub(crate) PhantomData<K>);

/// What is known of a segment.
pub trait Kind {
    /// As a type.
    type Kind;
}

/// What is known of a list, as a value.
pub trait Kinds {
    /// The value.
    const ENTRIES: &'static Entries;
}

macro_rules! kinds {
    ($(#[$doc:meta] $name:ident [$($param:ident: $bound:path),*] $entries:expr;)*) => { $(
        #[$doc]
        #[derive(Debug)]
        pub struct $name<$($param),*>(PhantomData<($($param,)*)>);

        // For the comparison; there is but one value.
        impl<$($param),*> PartialEq for $name<$($param),*> {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }

        impl<$($param: $bound),*> Kinds for $name<$($param),*> {
            const ENTRIES: &'static Entries = &$entries;
        }
    )* };
}
kinds! {
    /// A route.
    One [R: Route] Entries::Route(&R::INFO);
    /// Anything else.
    Other [] Entries::Other;
    /// Nothing.
    Gone [] Entries::Gone;
    /// Two neighbours.
    Both [A: Kinds, B: Kinds] Entries::Both(A::ENTRIES, B::ENTRIES);
}

impl Kind for Empty {
    type Kind = Gone;
}

impl<S> Kind for Plain<S> {
    type Kind = Other;
}

impl<A, M, B> Kind for Span<A, M, B> {
    type Kind = Other;
}

impl<R> Kind for Routes<Leaf<R>> {
    type Kind = One<R>;
}

impl<R, S> Kind for Routes<Stacked<R, S>> {
    type Kind = One<R>;
}
