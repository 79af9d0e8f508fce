//! What the compiler can know of a list before it is built: what its entries are.
//!
//! Every segment has a type beside it that says so, and those are joined as the segments are. The types name what
//! attributes made and nothing else: an entry that depends on a function's type parameters is told by the word [`Other`], or else a
//! generic function could not list it.

use std::marker::PhantomData;

use super::layer::{Layer, PlainLayer};
use super::routes::Route;
use crate::check::Entries;
use crate::provide::proof::Free;

/// A segment, what is known of it, and, for a single entry, what that declares.
#[derive(Debug)]
pub struct Listed<S, K, D = Free> {
    pub(crate) segment: S,
    pub(crate) kinds: PhantomData<K>,
    pub(crate) declares: PhantomData<fn() -> D>,
}

impl<S, K, D> Listed<S, K, D> {
    pub(crate) fn known(&self) -> Known<K> {
        Known(PhantomData)
    }
}

/// The entries of a list, as a value that is compared with a constant: that is where the compiler evaluates the
/// constant, whatever the entries are, already in `cargo check`.
#[derive(Debug, PartialEq, Eq)]
pub struct Known<K>(pub(crate) PhantomData<K>);

/// What is known of a list, as a value.
pub trait Kinds: PartialEq {
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
    Routed [R: Route] Entries::Route(&R::INFO);
    /// A layer from an attribute.
    Waits [L: Layer] Entries::Layer(&L::INFO);
    /// One that never waits.
    Steps [L: PlainLayer] Entries::Layer(&L::INFO);
    /// Anything else.
    Other [] Entries::Other;
    /// A list that counts as part of this one.
    Inner [K: Kinds] Entries::List(K::ENTRIES);
    /// A router.
    InScope [K: Kinds] Entries::Router(K::ENTRIES);
    /// Under a path, or not there: who comes by need not go through it.
    Skipped [K: Kinds] Entries::Skipped(K::ENTRIES);
    /// Nothing.
    Gone [] Entries::Gone;
    /// Two neighbours.
    Both [A: Kinds, B: Kinds] Entries::Both(A::ENTRIES, B::ENTRIES);
}
