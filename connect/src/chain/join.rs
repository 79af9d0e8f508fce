//! How the list in `app!` becomes a chain.
//!
//! **Joining.** A macro sees names, not types: it cannot know which entries are plain. So each entry becomes a
//! *segment*, and [`Join`] combines two neighbouring segments into one. It is associative, which lets the macro
//! write a balanced tree: the nesting of types grows with the logarithm of the list. There are three segments:
//!
//! * [`Empty`],
//! * [`Plain`], a run of plain layers,
//! * [`Span`], anything with a link in it that is not plain: a plain run before, links, a plain run after. Two
//!   spans meet by joining the plain run at the end of one with the one at the beginning of the other.
//!
//! **Folding.** [`Fold`] then nests the links around [`End`](super::End), last to first. It counts, in a type,
//! the async layers since the last box, and puts a [`Cut`] below every fourth: without it rustc's query depth
//! ends at about a dozen async layers ("queries overflow the depth limit").

use std::marker::PhantomData;

use super::layer::{Layer, PlainLayer};
use super::link::{Catch, Cut, Link};
use super::mount::{Mount, Prefix, Scope};
use super::plain::{PlainLink, Step, Steps};
use super::{Chain, End};

/// No layers.
#[derive(Debug)]
pub struct Empty;

/// A run of plain layers.
#[derive(Debug)]
pub struct Plain<S>(pub(crate) S);

/// A plain run or [`Empty`], then links, then a plain run or [`Empty`].
#[derive(Debug)]
pub struct Span<A, M, B>(pub(crate) A, pub(crate) M, pub(crate) B);

/// One after the other.
#[derive(Debug)]
pub struct Seq<A, B>(pub(crate) A, pub(crate) B);

/// A layer that may act on either track, to become a [`Link`].
#[derive(Debug)]
pub struct One<L>(pub(crate) L);

/// An error handler, to become a [`Catch`].
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

impl<S> Join<Empty> for Plain<S> {
    type Out = Self;
    fn join(self, _: Empty) -> Self {
        self
    }
}

impl<S, T> Join<Plain<T>> for Plain<S> {
    type Out = Plain<Seq<S, T>>;
    fn join(self, after: Plain<T>) -> Self::Out {
        Plain(Seq(self.0, after.0))
    }
}

impl<S, A, M, B> Join<Span<A, M, B>> for Plain<S>
where
    Plain<S>: Join<A>,
{
    type Out = Span<<Plain<S> as Join<A>>::Out, M, B>;
    fn join(self, after: Span<A, M, B>) -> Self::Out {
        Span(self.join(after.0), after.1, after.2)
    }
}

impl<A, M, B> Join<Empty> for Span<A, M, B> {
    type Out = Self;
    fn join(self, _: Empty) -> Self {
        self
    }
}

impl<A, M, B: Join<Plain<S>>, S> Join<Plain<S>> for Span<A, M, B> {
    type Out = Span<A, M, B::Out>;
    fn join(self, after: Plain<S>) -> Self::Out {
        Span(self.0, self.1, self.2.join(after))
    }
}

impl<A1, M1, B1: Join<A2>, A2, M2, B2> Join<Span<A2, M2, B2>> for Span<A1, M1, B1> {
    type Out = Span<A1, Seq<M1, Seq<B1::Out, M2>>, B2>;
    fn join(self, after: Span<A2, M2, B2>) -> Self::Out {
        Span(self.0, Seq(self.1, Seq(self.2.join(after.0), after.1)), after.2)
    }
}

/// A number in a type: zero.
#[derive(Debug)]
pub struct Zero;

/// A number in a type: one more than `N`.
#[derive(Debug)]
pub struct Succ<N>(PhantomData<N>);

type Two = Succ<Succ<Zero>>;
type Four = Succ<Succ<Two>>;

/// Puts links in front of a chain. `N` is the number of async layers in `rest` down to the next box.
pub trait Fold<C, N> {
    /// The longer chain.
    type Chain: Chain;
    /// The number of async layers in it down to the next box.
    type Count;
    /// Puts them in front.
    fn fold(self, rest: C) -> Self::Chain;
}

impl<C: Chain, N> Fold<C, N> for Empty {
    type Chain = C;
    type Count = N;
    fn fold(self, rest: C) -> C {
        rest
    }
}

impl<S: Steps, C: Chain, N> Fold<C, N> for Plain<S> {
    type Chain = PlainLink<S, C>;
    type Count = N;
    fn fold(self, rest: C) -> Self::Chain {
        PlainLink { steps: self.0, rest }
    }
}

macro_rules! link_without_cut {
    ($($count:ty),*) => { $(
        impl<L: Layer, C: Chain> Fold<C, $count> for One<L> {
            type Chain = Link<L, C>;
            type Count = Succ<$count>;
            fn fold(self, rest: C) -> Self::Chain {
                Link { layer: self.0, rest }
            }
        }
    )* };
}
link_without_cut!(Zero, Succ<Zero>, Two, Succ<Two>);

impl<L: Layer, C: Chain> Fold<C, Four> for One<L> {
    type Chain = Link<L, Cut<C>>;
    type Count = Succ<Zero>;
    fn fold(self, rest: C) -> Self::Chain {
        Link { layer: self.0, rest: Cut(rest) }
    }
}

impl<L: Layer, C: Chain, N> Fold<C, N> for Handler<L> {
    type Chain = Catch<L, C>;
    type Count = N;
    fn fold(self, rest: C) -> Self::Chain {
        Catch { layer: self.0, rest }
    }
}

impl<I: Chain, S: Scope, C: Chain, N> Fold<C, N> for Nested<I, S> {
    type Chain = Mount<I, S, C>;
    type Count = N;
    fn fold(self, rest: C) -> Self::Chain {
        Mount { prefix: self.prefix, inner: self.chain, scope: self.scope, rest }
    }
}

impl<A, B, C, N> Fold<C, N> for Seq<A, B>
where
    B: Fold<C, N>,
    A: Fold<B::Chain, B::Count>,
{
    type Chain = A::Chain;
    type Count = A::Count;
    fn fold(self, rest: C) -> Self::Chain {
        self.0.fold(self.1.fold(rest))
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
    fn fold(self, rest: C) -> Self::Chain {
        self.0.fold(self.1.fold(self.2.fold(rest)))
    }
}

/// A whole list, ready to become a chain of its own.
pub trait Finish {
    /// The chain.
    type Chain: Chain;
    /// Makes it.
    fn finish(self) -> Self::Chain;
}

impl<S: Fold<End, Zero>> Finish for S {
    type Chain = S::Chain;
    fn finish(self) -> Self::Chain {
        self.fold(End)
    }
}
