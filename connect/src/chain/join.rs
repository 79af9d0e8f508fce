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
//! **Folding.** [`Fold`] then nests the links around [`End`], last to first, and cuts the chain where
//! [`cut`](super::cut) says.

use std::marker::PhantomData;

use super::cut::{Direct, Nothing, Spend, Waits};
use super::layer::{Layer, PlainLayer};
use super::link::{Catch, Link};
use super::mount::{Mount, Prefix, Scope};
use super::plain::{PlainLink, Step, Steps};
use super::{Chain, End, Seq};

/// No layers.
#[derive(Debug)]
pub struct Empty;

/// A run of plain layers.
#[derive(Debug)]
pub struct Plain<S>(pub(crate) S);

/// A plain run or [`Empty`], then links, then a plain run or [`Empty`].
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

/// One link to be: what a segment holds, before it is put in front of a chain.
pub trait Element {
    /// What it costs in depth.
    type Weight;
    /// The link, in front of `C`.
    type Link<C: Chain>: Chain;
    /// Makes it.
    fn link<C: Chain>(self, rest: C) -> Self::Link<C>;
}

impl<S: Steps> Element for Plain<S> {
    type Weight = Direct;
    type Link<C: Chain> = PlainLink<S, C>;
    fn link<C: Chain>(self, rest: C) -> Self::Link<C> {
        PlainLink { steps: self.0, rest }
    }
}

impl<L: Layer> Element for One<L> {
    type Weight = Waits;
    type Link<C: Chain> = Link<L, C>;
    fn link<C: Chain>(self, rest: C) -> Self::Link<C> {
        Link { layer: self.0, rest }
    }
}

impl<L: Layer> Element for Handler<L> {
    type Weight = Direct;
    type Link<C: Chain> = Catch<L, C>;
    fn link<C: Chain>(self, rest: C) -> Self::Link<C> {
        Catch { layer: self.0, rest }
    }
}

impl<I: Chain, S: Scope> Element for Nested<I, S> {
    type Weight = Direct;
    type Link<C: Chain> = Mount<I, S, C>;
    fn link<C: Chain>(self, rest: C) -> Self::Link<C> {
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
    fn fold(self, rest: C) -> Self::Chain;
}

impl<C: Chain, N> Fold<C, N> for Empty {
    type Chain = C;
    type Count = N;
    fn fold(self, rest: C) -> C {
        rest
    }
}

macro_rules! fold_one {
    ($([$($param:ident: $bound:ident),*] $element:ty;)*) => { $(
        impl<$($param: $bound,)* C: Chain, N: Spend<<$element as Element>::Weight>> Fold<C, N> for $element {
            type Chain = <Self as Element>::Link<N::Rest<C>>;
            type Count = N::Then;
            fn fold(self, rest: C) -> Self::Chain {
                self.link(N::rest(rest))
            }
        }
    )* };
}
fold_one! {
    [S: Steps] Plain<S>;
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

impl<S: Fold<End, Nothing>> Finish for S {
    type Chain = S::Chain;
    fn finish(self) -> Self::Chain {
        self.fold(End)
    }
}
