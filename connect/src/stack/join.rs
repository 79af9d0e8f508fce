//! Joining: how the entries of a list become one segment.
//!
//! A macro sees names, not types: it cannot know which entries are plain. So each entry becomes a *segment*, and [`Join`] combines
//! two neighbouring segments into one. It is associative, which lets the macro write a balanced tree: the nesting of types grows
//! with the logarithm of the list. There are four segments:
//!
//! * [`Empty`],
//! * [`PlainLink`], a run of plain layers,
//! * [`Routes`], a run of routes,
//! * [`Span`], anything else: a run before, links, a run after. Two spans meet by joining the run at the end of one
//!   with the one at the beginning of the other.
//!
//! The macro says which joins are to become branches of the tree ([`InTree`]); the others make rows ([`InRow`]), in which a
//! place is one reference. [`fold`](super::fold) makes a chain of the segment.

use std::marker::PhantomData;

use super::merge::Merge;
use crate::chain::Chain;
use crate::chain::mount::{Mount, Prefix};
use crate::chain::plain::{PlainLink, Seq};
use crate::erased::debug::{MaybeErased, maybe_erased};

/// No layers.
#[derive(Debug)]
pub struct Empty;

/// A run of routes.
#[derive(Debug)]
pub struct Routes<G>(pub(crate) G);

/// A run of one kind or [`Empty`], then links, then a run of one kind or [`Empty`].
#[derive(Debug)]
pub struct Span<A, M, B>(pub(crate) A, pub(crate) M, pub(crate) B);

/// A stack inside the stack.
pub(crate) type Nested<C, S> = Mount<MaybeErased<C>, S>;

pub(crate) fn nested<C: Chain, S>(prefix: Prefix, chain: C) -> Nested<C, S> {
    Mount { prefix, inner: maybe_erased(chain), scope: PhantomData }
}

/// A segment that is there or not, to become a [`Mount`]. It becomes a chain with the options of the list around it.
#[derive(Debug)]
pub struct OptionalSegment<S> {
    pub(crate) prefix: Prefix,
    pub(crate) segment: Option<S>,
}

/// A segment that consists of one link only.
pub(crate) type Single<M> = Span<Empty, M, Empty>;

pub(crate) fn single<M>(link: M) -> Single<M> {
    Span(Empty, link, Empty)
}

/// How two parts of a list that are more than a run are held together.
pub trait Arrange {
    /// The two.
    type Of<A, B>;
    /// Makes it.
    fn of<A, B>(a: A, b: B) -> Self::Of<A, B>;
}

/// In a row: the links of the second part come after those of the first as if they had been one.
#[derive(Debug)]
pub struct InRow;

/// As branches of a tree.
#[derive(Debug)]
pub struct InTree;

impl Arrange for InRow {
    type Of<A, B> = Seq<A, B>;
    fn of<A, B>(a: A, b: B) -> Seq<A, B> {
        Seq(a, b)
    }
}

impl Arrange for InTree {
    type Of<A, B> = Branches<A, B>;
    fn of<A, B>(a: A, b: B) -> Branches<A, B> {
        Branches(a, b)
    }
}

/// Two parts of a list that stay two.
#[derive(Debug)]
pub struct Branches<A, B>(pub(super) A, pub(super) B);

/// Combines two neighbouring segments.
pub trait Join<B, H = InRow> {
    /// The combined segment.
    type Out;
    /// Combines them.
    fn join(self, after: B) -> Self::Out;
}

impl<B, H> Join<B, H> for Empty {
    type Out = B;
    fn join(self, after: B) -> B {
        after
    }
}

/// The two kinds of runs: one with its like makes a longer run, one with the other a span. At the end of a span
/// the same, and what has got something on both sides moves into the middle.
macro_rules! runs {
    ($($run:ident, $other:ident;)*) => { $(
        impl<S, H> Join<Empty, H> for $run<S> {
            type Out = Self;
            fn join(self, _: Empty) -> Self {
                self
            }
        }

        impl<S: Merge<T>, T, H> Join<$run<T>, H> for $run<S> {
            type Out = $run<S::Out>;
            fn join(self, after: $run<T>) -> Self::Out {
                $run(self.0.merge(after.0))
            }
        }

        impl<S, T, H> Join<$other<T>, H> for $run<S> {
            type Out = Span<Self, Empty, $other<T>>;
            fn join(self, after: $other<T>) -> Self::Out {
                Span(self, Empty, after)
            }
        }

        impl<S, M, B, H> Join<Span<Empty, M, B>, H> for $run<S> {
            type Out = Span<Self, M, B>;
            fn join(self, after: Span<Empty, M, B>) -> Self::Out {
                Span(self, after.1, after.2)
            }
        }

        impl<S: Merge<T>, T, M, B, H> Join<Span<$run<T>, M, B>, H> for $run<S> {
            type Out = Span<$run<S::Out>, M, B>;
            fn join(self, after: Span<$run<T>, M, B>) -> Self::Out {
                Span(Join::<_, InRow>::join(self, after.0), after.1, after.2)
            }
        }

        impl<S, T, M, B, H> Join<Span<$other<T>, M, B>, H> for $run<S> {
            type Out = Span<Self, Seq<$other<T>, M>, B>;
            fn join(self, after: Span<$other<T>, M, B>) -> Self::Out {
                Span(self, Seq(after.0, after.1), after.2)
            }
        }

        impl<A, M, T, H> Join<$run<T>, H> for Span<A, M, Empty> {
            type Out = Span<A, M, $run<T>>;
            fn join(self, after: $run<T>) -> Self::Out {
                Span(self.0, self.1, after)
            }
        }

        impl<A, M, S: Merge<T>, T, H> Join<$run<T>, H> for Span<A, M, $run<S>> {
            type Out = Span<A, M, $run<S::Out>>;
            fn join(self, after: $run<T>) -> Self::Out {
                Span(self.0, self.1, Join::<_, InRow>::join(self.2, after))
            }
        }

        impl<A, M, S, T, H> Join<$run<T>, H> for Span<A, M, $other<S>> {
            type Out = Span<A, Seq<M, $other<S>>, $run<T>>;
            fn join(self, after: $run<T>) -> Self::Out {
                Span(self.0, Seq(self.1, self.2), after)
            }
        }
    )* };
}
runs! {
    PlainLink, Routes;
    Routes, PlainLink;
}

impl<A, M, B, H> Join<Empty, H> for Span<A, M, B> {
    type Out = Self;
    fn join(self, _: Empty) -> Self {
        self
    }
}

impl<A1, M1, B1: Join<A2>, A2, M2, B2, H: Arrange> Join<Span<A2, M2, B2>, H> for Span<A1, M1, B1> {
    type Out = Span<A1, H::Of<M1, Seq<B1::Out, M2>>, B2>;
    fn join(self, after: Span<A2, M2, B2>) -> Self::Out {
        Span(self.0, H::of(self.1, Seq(self.2.join(after.0), after.1)), after.2)
    }
}
