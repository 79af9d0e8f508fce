//! Folding: how a combined list becomes a chain.
//!
//! [`Fold`] makes a [tree of links](crate::chain::list) of a segment, last to first, and cuts it where [`depth`](super::depth) says.

use std::marker::PhantomData;

use super::depth::{Add, Insert, WithCoroutine, WithoutCoroutine, Zero};
use super::join::{Branches, Empty, OptionalSegment, Routes, Span};
use super::prepend::Prepend;
use crate::chain::Chain;
use crate::chain::either::{OptionalChain, optional_chain};
use crate::chain::group::Group;
use crate::chain::layer::Layer;
use crate::chain::link::{Both, Catch, Link};
use crate::chain::list::{End, OneThen, then};
use crate::chain::mount::{Mount, Scope, StackScope};
use crate::chain::plain::{PlainLink, Seq, Steps};
use crate::chain::routes::Switch;
use crate::erased::debug::{MaybeErased, maybe_erased};
use crate::route::pattern::Options;

/// Makes a chain of a segment and of what follows it, where `N` says how deep that is.
pub trait Fold<N, After> {
    /// The chain.
    type Chain: Chain;
    /// How deep it is then.
    type Count;
    /// Makes it.
    fn fold(self, options: Options, after: After) -> Self::Chain;
}

impl<N, After: Chain> Fold<N, After> for Empty {
    type Chain = After;
    type Count = N;
    fn fold(self, _: Options, after: After) -> After {
        after
    }
}

/// One link, by how much it adds to the depth.
macro_rules! elements {
    ($([$($param:ident: $bound:ident),*] $element:ty: $weight:ty => $link:ty, |$this:ident, $options:ident| $make:expr;)*) => { $(
        impl<$($param: $bound,)* N, After> Fold<N, After> for $element
        where
            N: Add<$weight, Between: Insert<After, Out: Prepend<$link>>>,
        {
            type Chain = <<N::Between as Insert<After>>::Out as Prepend<$link>>::Out;
            type Count = N::Sum;
            fn fold(self, $options: Options, after: After) -> Self::Chain {
                let $this = self;
                N::Between::insert(after).prepend($make)
            }
        }
    )* };
}
elements! {
    [S: Steps] PlainLink<S>: WithoutCoroutine => Self, |this, _options| this;
    [L: Layer] Link<L>: WithCoroutine => Self, |this, _options| this;
    [L: Layer] Catch<L>: WithoutCoroutine => Self, |this, _options| this;
    [L: Layer] Both<L>: WithCoroutine => Self, |this, _options| this;
    [I: Chain, S: Scope] Mount<I, S>: WithoutCoroutine => Self, |this, _options| this;
    [G: Group] Routes<G>: WithCoroutine => Switch<G>, |this, options| Switch::new(this.0, options);
    [S: Finish] OptionalSegment<S>: WithoutCoroutine
        => Mount<MaybeErased<OptionalChain<S::Chain>>, StackScope>, |this, options| Mount {
        prefix: this.prefix,
        inner: maybe_erased(optional_chain(this.segment.map(|segment| segment.finish(options)))),
        scope: PhantomData,
    };
}

impl<A, B, N, After> Fold<N, After> for Seq<A, B>
where
    B: Fold<N, After>,
    A: Fold<B::Count, B::Chain>,
{
    type Chain = A::Chain;
    type Count = A::Count;
    fn fold(self, options: Options, after: After) -> Self::Chain {
        let after = self.1.fold(options, after);
        self.0.fold(options, after)
    }
}

impl<A, B, N, After> Fold<N, After> for Branches<A, B>
where
    B: Fold<N, After>,
    A: Fold<B::Count, End>,
{
    type Chain = OneThen<A::Chain, B::Chain>;
    type Count = A::Count;
    fn fold(self, options: Options, after: After) -> Self::Chain {
        let after = self.1.fold(options, after);
        then(self.0.fold(options, End), after)
    }
}

impl<A, M, B, N, After> Fold<N, After> for Span<A, M, B>
where
    Seq<A, Seq<M, B>>: Fold<N, After>,
{
    type Chain = <Seq<A, Seq<M, B>> as Fold<N, After>>::Chain;
    type Count = <Seq<A, Seq<M, B>> as Fold<N, After>>::Count;
    fn fold(self, options: Options, after: After) -> Self::Chain {
        Seq(self.0, Seq(self.1, self.2)).fold(options, after)
    }
}

/// A whole list, ready to become a chain of its own.
pub trait Finish {
    /// The chain.
    type Chain: Chain;
    /// Makes it.
    fn finish(self, options: Options) -> Self::Chain;
}

impl<S: Fold<Zero, End>> Finish for S {
    type Chain = S::Chain;
    fn finish(self, options: Options) -> Self::Chain {
        self.fold(options, End)
    }
}
