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
//! The macro says which joins are to become branches of the tree ([`InTree`]); the others make rows ([`InRow`]), in which a
//! place is one reference.
//!
//! **Folding.** [`Fold`] then makes a [tree of links](super::list) of it, last to first, and cuts it where
//! [`cut`](super::cut) says.

use std::marker::PhantomData;

use super::cut::{Cut, Direct, Hold, InFront, Nothing, Spend, Waits};
use super::group::{Group, Merge};
use super::held::{Kept, kept};
use super::layer::{Layer, PlainLayer};
use super::link::{self, Both, Catch};
use super::list::{Behind, End, OneThen, Then, then};
use super::mount::{Mount, Prefix, Scope, Transparent};
use super::plain::{PlainLink, Step, Steps};
use super::routes::Switch;
use super::row::{Pair, pair};
use super::{Chain, OnError, Seq};
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

/// A layer of the normal track, to become a `Link`.
#[derive(Debug)]
pub struct One<L>(pub(crate) L);

/// A layer that may act on either track, to become a `Both`.
#[derive(Debug)]
pub struct EitherTrack<L>(pub(crate) L);

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

/// A segment that is there or not, to become a [`Mount`]. It becomes a chain with the options of the list around it.
#[derive(Debug)]
pub struct Perhaps<S> {
    pub(crate) prefix: Prefix,
    pub(crate) segment: Option<S>,
}

/// A segment that consists of one link only.
pub(crate) type Single<M> = Span<Empty, M, Empty>;

pub(crate) fn single<M>(link: M) -> Single<M> {
    Span(Empty, link, Empty)
}

pub(crate) fn plain<L: PlainLayer>(layer: L) -> Plain<Step<L>> {
    Plain(Step(layer))
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
pub struct Branches<A, B>(A, B);

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
    Plain, Routes;
    Routes, Plain;
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

/// One link: what costs how much in depth.
macro_rules! elements {
    ($([$($param:ident: $bound:ident),*] $element:ty => $weight:ty, $link:ty, |$this:ident, $options:ident| $make:expr;)*) => { $(
        impl<$($param: $bound,)* N, After> Fold<N, After> for $element
        where
            N: Spend<$weight, Between: InFront<After, Out: Behind<$link>>>,
        {
            type Chain = <<N::Between as InFront<After>>::Out as Behind<$link>>::Out;
            type Count = N::Then;
            fn fold(self, $options: Options, after: After) -> Self::Chain {
                let $this = self;
                N::Between::in_front(after).behind($make)
            }
        }
    )* };
}
elements! {
    [S: Steps] Plain<S> => Direct, PlainLink<S>, |this, _options| PlainLink(this.0);
    [G: Group] Routes<G> => Waits, Switch<G>, |this, options| Switch::new(this.0, options);
    [L: Layer] One<L> => Waits, link::Link<L>, |this, _options| link::Link(this.0);
    [L: Layer] Handler<L> => Direct, Catch<L>, |this, _options| Catch(this.0);
    [L: Layer] EitherTrack<L> => Waits, Both<L>, |this, _options| Both(this.0);
    [I: Chain, S: Scope] Nested<I, S> => Direct, Mount<Kept<I>, S>, |this, _options|
        Mount { prefix: this.prefix, inner: kept(this.chain), scope: this.scope };
    [S: Finish] Perhaps<S> => Direct, Mount<Kept<Option<S::Chain>>, Transparent>, |this, options|
        Mount {
            prefix: this.prefix,
            inner: kept(this.segment.map(|segment| segment.finish(options))),
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

macro_rules! behind {
    ($([$($param:ident: $bound:ident),*] $chain:ty;)*) => { $(
        impl<$($param: $bound,)* Link: Chain> Behind<Link> for $chain {
            type Out = Pair<Link, Self>;
            fn behind(self, link: Link) -> Self::Out {
                pair(link, self)
            }
        }
    )* };
}
behind! {
    [S: Steps] PlainLink<S>;
    [G: Group] Switch<G>;
    [L: Layer] link::Link<L>;
    [L: Layer] Catch<L>;
    [L: Layer] Both<L>;
    [I: Chain, S: Scope] Mount<I, S>;
    [A: Chain, B: Chain, E: OnError] Then<A, B, E>;
    [] Cut;
    [] Hold;
}

/// A whole list, ready to become a chain of its own.
pub trait Finish {
    /// The chain.
    type Chain: Chain;
    /// Makes it.
    fn finish(self, options: Options) -> Self::Chain;
}

impl<S: Fold<Nothing, End>> Finish for S {
    type Chain = S::Chain;
    fn finish(self, options: Options) -> Self::Chain {
        self.fold(options, End)
    }
}
