//! How the list in `app!` becomes a chain.
//!
//! **Joining.** A macro sees names, not types: it cannot know which entries are plain. So each entry becomes a
//! *segment*, and [`Join`] combines two neighbouring segments into one. It is associative, which lets the macro
//! write a balanced tree: the nesting of types grows with the logarithm of the list. There are four segments:
//!
//! * [`Empty`],
//! * [`Plain`], a run of plain layers,
//! * [`Routes`], a run of routes,
//! * [`Span`], anything else: a run before, links, a run after. Two spans meet by joining the run at the end of one
//!   with the one at the beginning of the other.
//!
//! **Folding.** [`Fold`] then nests the links around [`End`], last to first, and cuts the chain where
//! [`cut`](super::cut) says.

use std::marker::PhantomData;

use super::cut::{Direct, Nothing, Spend, Waits};
use super::group::{Group, Merge};
use super::layer::{Layer, PlainLayer};
use super::link::{Catch, Link};
use super::mount::{Mount, Prefix, Scope};
use super::plain::{PlainLink, Step, Steps};
use super::routes::Switch;
use super::{Chain, End, Seq};
use crate::route::pattern::Options;

/// No layers.
#[derive(Debug)]
pub struct Empty;

/// A run of plain layers.
#[derive(Debug)]
pub struct Plain<S>(pub(crate) S);

/// A run of routes.
#[derive(Debug)]
pub struct Routes<G>(pub(crate) G);

/// A run of one kind or [`Empty`], then links, then a run of one kind or [`Empty`].
#[derive(Debug)]
pub struct Span<A, M, B>(pub(crate) A, pub(crate) M, pub(crate) B);

/// A layer that may act on either track, to become a `Link`.
#[derive(Debug)]
pub struct One<L>(pub(crate) L);

/// An error handler, to become a `Catch`.
#[derive(Debug)]
pub struct Handler<L>(pub(crate) L);

/// A stack inside the stack, to become a [`Mount`].
#[derive(Debug)]
pub struct Nested<C, S> {
    pub(crate) prefix: Prefix,
    pub(crate) chain: C,
    pub(crate) scope: PhantomData<S>,
}

impl<C, S> Nested<C, S> {
    pub(crate) fn new(prefix: Prefix, chain: C) -> Self {
        Nested { prefix, chain, scope: PhantomData }
    }
}

/// A segment that consists of one link only.
pub(crate) type Single<M> = Span<Empty, M, Empty>;

pub(crate) fn single<M>(link: M) -> Single<M> {
    Span(Empty, link, Empty)
}

pub(crate) fn plain<L: PlainLayer>(layer: L) -> Plain<Step<L>> {
    Plain(Step(layer))
}

/// Combines two neighbouring segments.
pub trait Join<B> {
    /// The combined segment.
    type Out;
    /// Combines them.
    fn join(self, after: B) -> Self::Out;
}

impl<B> Join<B> for Empty {
    type Out = B;
    fn join(self, after: B) -> B {
        after
    }
}

/// The two kinds of runs: one with its like makes a longer run, one with the other a span. At the end of a span
/// the same, and what has got something on both sides moves into the middle.
macro_rules! runs {
    ($($run:ident, $other:ident;)*) => { $(
        impl<S> Join<Empty> for $run<S> {
            type Out = Self;
            fn join(self, _: Empty) -> Self {
                self
            }
        }

        impl<S: Merge<T>, T> Join<$run<T>> for $run<S> {
            type Out = $run<S::Out>;
            fn join(self, after: $run<T>) -> Self::Out {
                $run(self.0.merge(after.0))
            }
        }

        impl<S, T> Join<$other<T>> for $run<S> {
            type Out = Span<Self, Empty, $other<T>>;
            fn join(self, after: $other<T>) -> Self::Out {
                Span(self, Empty, after)
            }
        }

        impl<S, M, B> Join<Span<Empty, M, B>> for $run<S> {
            type Out = Span<Self, M, B>;
            fn join(self, after: Span<Empty, M, B>) -> Self::Out {
                Span(self, after.1, after.2)
            }
        }

        impl<S: Merge<T>, T, M, B> Join<Span<$run<T>, M, B>> for $run<S> {
            type Out = Span<$run<S::Out>, M, B>;
            fn join(self, after: Span<$run<T>, M, B>) -> Self::Out {
                Span(self.join(after.0), after.1, after.2)
            }
        }

        impl<S, T, M, B> Join<Span<$other<T>, M, B>> for $run<S> {
            type Out = Span<Self, Seq<$other<T>, M>, B>;
            fn join(self, after: Span<$other<T>, M, B>) -> Self::Out {
                Span(self, Seq(after.0, after.1), after.2)
            }
        }

        impl<A, M, T> Join<$run<T>> for Span<A, M, Empty> {
            type Out = Span<A, M, $run<T>>;
            fn join(self, after: $run<T>) -> Self::Out {
                Span(self.0, self.1, after)
            }
        }

        impl<A, M, S: Merge<T>, T> Join<$run<T>> for Span<A, M, $run<S>> {
            type Out = Span<A, M, $run<S::Out>>;
            fn join(self, after: $run<T>) -> Self::Out {
                Span(self.0, self.1, self.2.join(after))
            }
        }

        impl<A, M, S, T> Join<$run<T>> for Span<A, M, $other<S>> {
            type Out = Span<A, Seq<M, $other<S>>, $run<T>>;
            fn join(self, after: $run<T>) -> Self::Out {
                Span(self.0, Seq(self.1, self.2), after)
            }
        }
    )* };
}
runs! {
    Plain, Routes;
    Routes, Plain;
}

impl<A, M, B> Join<Empty> for Span<A, M, B> {
    type Out = Self;
    fn join(self, _: Empty) -> Self {
        self
    }
}

impl<A1, M1, B1: Join<A2>, A2, M2, B2> Join<Span<A2, M2, B2>> for Span<A1, M1, B1> {
    type Out = Span<A1, Seq<M1, Seq<B1::Out, M2>>, B2>;
    fn join(self, after: Span<A2, M2, B2>) -> Self::Out {
        Span(self.0, Seq(self.1, Seq(self.2.join(after.0), after.1)), after.2)
    }
}

/// One link to be: what a segment holds, before it is put in front of a chain.
pub trait Element {
    /// What it costs in depth.
    type Weight;
    /// The link, in front of `C`.
    type Link<C: Chain>: Chain;
    /// Makes it.
    fn link<C: Chain>(self, rest: C, options: Options) -> Self::Link<C>;
}

impl<S: Steps> Element for Plain<S> {
    type Weight = Direct;
    type Link<C: Chain> = PlainLink<S, C>;
    fn link<C: Chain>(self, rest: C, _: Options) -> Self::Link<C> {
        PlainLink { steps: self.0, rest }
    }
}

impl<G: Group> Element for Routes<G> {
    type Weight = Waits;
    type Link<C: Chain> = Switch<G, C>;
    fn link<C: Chain>(self, rest: C, options: Options) -> Self::Link<C> {
        Switch::new(self.0, rest, options)
    }
}

impl<L: Layer> Element for One<L> {
    type Weight = Waits;
    type Link<C: Chain> = Link<L, C>;
    fn link<C: Chain>(self, rest: C, _: Options) -> Self::Link<C> {
        Link { layer: self.0, rest }
    }
}

impl<L: Layer> Element for Handler<L> {
    type Weight = Direct;
    type Link<C: Chain> = Catch<L, C>;
    fn link<C: Chain>(self, rest: C, _: Options) -> Self::Link<C> {
        Catch { layer: self.0, rest }
    }
}

impl<I: Chain, S: Scope> Element for Nested<I, S> {
    type Weight = Direct;
    type Link<C: Chain> = Mount<I, S, C>;
    fn link<C: Chain>(self, rest: C, _: Options) -> Self::Link<C> {
        Mount { prefix: self.prefix, inner: self.chain, scope: self.scope, rest }
    }
}

/// Puts links in front of a chain, of which `N` says how deep it is.
pub trait Fold<C, N> {
    /// The longer chain.
    type Chain: Chain;
    /// How deep that is.
    type Count;
    /// Puts them in front.
    fn fold(self, rest: C, options: Options) -> Self::Chain;
}

impl<C: Chain, N> Fold<C, N> for Empty {
    type Chain = C;
    type Count = N;
    fn fold(self, rest: C, _: Options) -> C {
        rest
    }
}

macro_rules! fold_one {
    ($([$($param:ident: $bound:ident),*] $element:ty;)*) => { $(
        impl<$($param: $bound,)* C: Chain, N: Spend<<$element as Element>::Weight>> Fold<C, N> for $element {
            type Chain = <Self as Element>::Link<N::Rest<C>>;
            type Count = N::Then;
            fn fold(self, rest: C, options: Options) -> Self::Chain {
                self.link(N::rest(rest), options)
            }
        }
    )* };
}
fold_one! {
    [S: Steps] Plain<S>;
    [G: Group] Routes<G>;
    [L: Layer] One<L>;
    [L: Layer] Handler<L>;
    [I: Chain, S: Scope] Nested<I, S>;
}

impl<A, B, C, N> Fold<C, N> for Seq<A, B>
where
    B: Fold<C, N>,
    A: Fold<B::Chain, B::Count>,
{
    type Chain = A::Chain;
    type Count = A::Count;
    fn fold(self, rest: C, options: Options) -> Self::Chain {
        self.0.fold(self.1.fold(rest, options), options)
    }
}

impl<A, M, B, C, N> Fold<C, N> for Span<A, M, B>
where
    B: Fold<C, N>,
    M: Fold<B::Chain, B::Count>,
    A: Fold<M::Chain, M::Count>,
{
    type Chain = A::Chain;
    type Count = A::Count;
    fn fold(self, rest: C, options: Options) -> Self::Chain {
        self.0.fold(self.1.fold(self.2.fold(rest, options), options), options)
    }
}

/// A whole list, ready to become a chain of its own.
pub trait Finish {
    /// The chain.
    type Chain: Chain;
    /// Makes it.
    fn finish(self, options: Options) -> Self::Chain;
}

impl<S: Fold<End, Nothing>> Finish for S {
    type Chain = S::Chain;
    fn finish(self, options: Options) -> Self::Chain {
        self.fold(End, options)
    }
}
