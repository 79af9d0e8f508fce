//! What the compiler can know of a list before it is built: what its entries are.
//!
//! Every segment has two types beside it that say so, and those are joined as the segments are. The first counts in
//! `cargo check`. It names what attributes made and nothing else: an entry that depends on a function's type parameters is
//! told by the word [`Other`], or else a generic function could not list it. The second counts when code is generated, and
//! names what a function has returned, too.

use std::marker::PhantomData;

use crate::chain::layer::{Layer, PlainLayer};
use crate::chain::route::Route;
use crate::check::Entries;
use crate::provide::proof::{Free, Told};
use crate::route::pattern::{Options, Pattern};

/// A segment, what is known of it when it is checked and when it is built, and, for a single entry, what that declares.
#[derive(Debug)]
pub struct Listed<S, K, B, D = Free> {
    pub(crate) segment: S,
    pub(crate) kinds: Told<(K, B, D)>,
}

impl<S, K, B, D> Listed<S, K, B, D> {
    pub(crate) const fn new(segment: S) -> Self {
        Listed { segment, kinds: PhantomData }
    }
}

/// The entries of a list, as a value that is compared with a constant: that is where the compiler evaluates the
/// constant, whatever the entries are, already in `cargo check`.
#[derive(Debug, PartialEq, Eq)]
pub struct Known<K>(pub(crate) PhantomData<K>);

/// The path of a mount, as a type.
pub trait Literal {
    /// The path.
    const PATTERN: &'static Pattern;
}

/// A list with options of its own for patterns.
#[derive(Debug)]
pub struct Within<const STRICT: bool, const CASE_SENSITIVE: bool, K>(PhantomData<K>);

impl<const STRICT: bool, const CASE_SENSITIVE: bool, K> PartialEq for Within<STRICT, CASE_SENSITIVE, K> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<const STRICT: bool, const CASE_SENSITIVE: bool, K: Kinds> Kinds for Within<STRICT, CASE_SENSITIVE, K> {
    const ENTRIES: &'static Entries =
        &Entries::Within(Options { strict: STRICT, case_sensitive: CASE_SENSITIVE }, K::ENTRIES);
}

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
    Routed [R: Route] Entries::Route(&R::INFO, R::STACK);
    /// A layer from an attribute.
    Waits [L: Layer] Entries::Layer(&L::INFO);
    /// One that never waits.
    Steps [L: PlainLayer] Entries::Layer(&L::INFO);
    /// A hand-written layer.
    HandWritten [] Entries::Handmade;
    /// One that may set the URL or the method.
    Rewrites [] Entries::Rewrites;
    /// Anything else.
    Other [] Entries::Other;
    /// A list that counts as part of this one.
    Inner [K: Kinds] Entries::List(K::ENTRIES);
    /// A router.
    InScope [K: Kinds] Entries::Router(K::ENTRIES);
    /// A router that sees the parameters outside.
    InMergingScope [K: Kinds] Entries::MergingRouter(K::ENTRIES);
    /// Under a path.
    Mounted [P: Literal, K: Kinds] Entries::Mounted(P::PATTERN, K::ENTRIES);
    /// There or not.
    Optional [K: Kinds] Entries::Optional(K::ENTRIES);
    /// From a function: its type says what it holds only when it is built.
    FromFunction [K: Kinds] Entries::FromFunction(K::ENTRIES);
    /// Nothing.
    Gone [] Entries::Gone;
    /// Two neighbours.
    Both [A: Kinds, B: Kinds] Entries::Both(A::ENTRIES, B::ENTRIES);
}
