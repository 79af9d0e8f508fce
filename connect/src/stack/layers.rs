//! Layers and routes as entries of a list: those that an attribute made, and those that are written by hand.

use super::entry::{ByDeclared, Entry, Maybe};
use super::fold::Finish;
use super::join::{Nested, OptionalSegment, Routes, Single, nested, single};
use super::kinds::{HandWritten, Other, Rewrites, Routed, Steps, Waits};
use crate::chain::Chain;
use crate::chain::group::Solo;
use crate::chain::layer::{ByHand, Layer, PlainLayer};
use crate::chain::link::{Both, Catch, Link};
use crate::chain::mount::{Prefix, StackScope};
use crate::chain::plain::{PlainLink, Step};
use crate::chain::resuming::{AsLayer, ResumingLayer};
use crate::chain::rewriting::{Rewriting, RewritingLayer};
use crate::chain::route::Route;
use crate::chain::routes::{Leaf, Stacked};
use crate::provide::declared::Declared;
use crate::provide::proof::{Free, OfRoute, Private, Resumes};
use crate::route::pattern::{Options, Pattern};

/// A layer under a path: a list of one.
pub(super) type UnderPath<S> = Single<Nested<<S as Finish>::Chain, StackScope>>;

pub(super) fn under<S: Finish>(path: &'static Pattern, options: Options, segment: S) -> UnderPath<S> {
    single(nested(Prefix::new(path, options), segment.finish(options)))
}

/// Layers as entries: what kind of entry each is, its segment, what the checks know of it, and what it declares.
macro_rules! layers {
    ($([$($param:ident: $bound:ident),*] $layer:ty: $kind:ty => $segment:ty, $known:ty, $declares:ty, |$this:ident| $make:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($param: $bound),*> Entry<$kind> for $layer {
            type Segment = $segment;
            type Mounted = UnderPath<$segment>;
            type Known = $known;
            type Built = $known;
            type Declares = $declares;
            fn entry(self) -> Self::Segment {
                let $this = self;
                $make
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                under(path, options, Entry::<$kind>::entry(self))
            }
        }
    )* };
}
pub(super) use layers;

/// A hand-written [`Layer`].
#[derive(Debug)]
pub struct ByLayer;

/// A hand-written [`PlainLayer`].
#[derive(Debug)]
pub struct ByPlain;

/// A hand-written [`ResumingLayer`].
#[derive(Debug)]
pub struct ByResuming;

/// A hand-written [`RewritingLayer`].
#[derive(Debug)]
pub struct ByRewriting;

/// What an attribute made, called: `require_role("admin")`.
#[derive(Debug)]
pub struct ByAttribute;

layers! {
    [L: Layer] L: ByLayer => Single<Both<ByHand<L>>>, HandWritten, Free, |this| single(Both(ByHand(this)));
    [L: PlainLayer] L: ByPlain => PlainLink<Step<L>>, HandWritten, Free, |this| PlainLink(Step(this));
    [L: ResumingLayer] L: ByResuming
        => Single<Both<ByHand<AsLayer<L>>>>, Other, Resumes<(), ()>, |this| single(Both(ByHand(AsLayer(this))));
    [L: RewritingLayer] L: ByRewriting
        => Single<Both<ByHand<Rewriting<L>>>>, Rewrites, Free, |this| single(Both(ByHand(Rewriting(this))));
    [L: Layer] Link<L>: ByAttribute => Single<Self>, Waits<L>, Free, |this| single(this);
    [L: Layer] Catch<L>: ByAttribute => Single<Self>, Waits<L>, Free, |this| single(this);
    [L: PlainLayer] Step<L>: ByAttribute => PlainLink<Self>, Steps<L>, Free, |this| PlainLink(this);
    [R: Route] Leaf<R>: ByAttribute => Routes<Solo<Self>>, Routed<R>, OfRoute<(), Private>, |this| Routes(Solo(this));
    [R: Route, S: Chain] Stacked<R, S>: ByAttribute
        => Routes<Solo<Self>>, Routed<R>, OfRoute<(), Private>, |this| Routes(Solo(this));
}

/// An `Option` of a layer, as the entry that it is.
macro_rules! optional {
    ($([$($param:ident: $bound:ident),*] $layer:ty: $kind:ty => $optional:ty: $of:ty, |$this:ident| $make:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($param: $bound),*> Maybe<$kind> for $layer {
            type Kind = $of;
            type Out = $optional;
            fn maybe($this: Option<Self>) -> Self::Out {
                $make
            }
        }
    )* };
}
// The `Option` of a hand-written `Layer` or `PlainLayer` is one itself. That of a route is a stack of one, so that the table of its
// neighbours need not know it.
optional! {
    [L: ResumingLayer] L: ByResuming
        => Declared<Option<AsLayer<L>>, Resumes<(), ()>>: ByDeclared<ByLayer>,
        |this| Declared::of(this.map(AsLayer));
    [L: RewritingLayer] L: ByRewriting => Option<Rewriting<L>>: ByLayer, |this| this.map(Rewriting);
    [L: Layer] Link<L>: ByAttribute => Link<Option<L>>: ByAttribute, |this| Link(this.map(|this| this.0));
    [L: Layer] Catch<L>: ByAttribute => Catch<Option<L>>: ByAttribute, |this| Catch(this.map(|this| this.0));
    [L: PlainLayer] Step<L>: ByAttribute => Step<Option<L>>: ByAttribute, |this| Step(this.map(|this| this.0));
    [R: Route] Leaf<R>: ByAttribute
        => OptionalRoute<Routes<Solo<Self>>>: BySegment, |this| OptionalRoute(this.map(|this| Routes(Solo(this))));
    [R: Route, S: Chain] Stacked<R, S>: ByAttribute
        => OptionalRoute<Routes<Solo<Self>>>: BySegment, |this| OptionalRoute(this.map(|this| Routes(Solo(this))));
}

/// By [`OptionalRoute`].
#[derive(Debug)]
pub struct BySegment;

/// A route that is there or not.
#[derive(Debug)]
pub struct OptionalRoute<S>(Option<S>);

#[diagnostic::do_not_recommend]
impl<S: Finish> Entry<BySegment> for OptionalRoute<S> {
    type Segment = Single<OptionalSegment<S>>;
    type Mounted = Self::Segment;
    type Known = Other;
    type Built = Other;
    type Declares = OfRoute<(), Private>;
    fn entry(self) -> Self::Segment {
        single(OptionalSegment { prefix: Prefix::ANY, segment: self.0 })
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        single(OptionalSegment { prefix: Prefix::new(path, options), segment: self.0 })
    }
}
