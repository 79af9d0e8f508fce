//! What may stand in the list of a stack.

use std::marker::PhantomData;

use super::group::Solo;
use super::join::{EitherTrack, Finish, Handler, Nested, One, Perhaps, Plain, Routes, Single, plain, single};
use super::layer::{ByHand, Layer, PlainLayer};
use super::listed::{
    FromFunction, Handmade, Inner, Kinds, Optional, Other, Rewrites, Routed, Stating, Steps, Waits,
};
use super::mount::{Own, Prefix, Scope, Transparent};
use super::plain::Step;
use super::resuming::{AsLayer, ResumingLayer};
use super::rewriting::{Rewriting, RewritingLayer};
use super::route::Route;
use super::routes::{Leaf, Stacked};
use super::{Chain, sealed};
use crate::facts::{IntoLayer, Stated, StatesFacts};
use crate::provide::declared::Declared;
use crate::provide::proof::{
    And, Declaration, DeclaredAs, Denies, EndsWith, Free, FromFunction as DeclaredByFunction, InRouter,
    InStack, Is, MayResume, OfRoute, Private, Resumes, StackKind, Straight, Told, Types, Under, Way,
};
use crate::route::pattern::{Options, Pattern};

/// One entry of a stack, as a segment to join with its neighbours.
///
/// The parameter is inferred. It keeps the implementations apart for the compiler: one for layers, one for
/// functions that make them, and so on.
#[diagnostic::on_unimplemented(
    message = "this entry of the stack is not a layer",
    label = "not a layer: a function needs `#[middleware]` or `#[error_handler]` on it, and one with `#[config]` parameters is called",
    note = "a struct becomes a layer by implementing `Layer` or `PlainLayer`, one of tower's by `tower(..)`"
)]
pub trait Entry<Kind>: Sized {
    /// The segment.
    type Segment;
    /// The segment under a path.
    type Mounted;
    /// What is known of it when it is checked.
    type Known;
    /// What is known of it when it is built.
    type Built;
    /// What it needs and provides.
    type Declares: Declaration;
    /// As an entry without a path.
    fn entry(self) -> Self::Segment;
    /// As an entry with a path.
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted;
}

/// A stack that a function can return: `fn api() -> impl Stack`.
///
/// Implemented by what `stack!`, `router!` and `app!` make, and not to be implemented elsewhere. A stack from a
/// function can be used in many places; each call builds another.
///
/// What it needs of the stack around it, and what it provides to the layers behind it, are tuples in its type:
/// `impl Stack<(Db,), (User,)>`. A third argument declares what else is to be known of it: that an error handler in it may
/// resume, [`Resuming`](crate::Resuming), or that its own list denies unguarded routes, [`Guarded`](crate::Guarded).
///
/// ```
/// use connect::{app, middleware, stack, Next, Request, Response, Result, Stack};
///
/// #[middleware]
/// fn log_url(req: &mut Request, _res: &mut Response, next: Next) -> Result {
///     println!("url: {}", req.original_uri());
///     next.pass()
/// }
///
/// #[middleware]
/// fn log_method(req: &mut Request, _res: &mut Response, next: Next) -> Result {
///     println!("method: {}", req.method());
///     next.pass()
/// }
///
/// fn log_stuff() -> impl Stack {
///     stack![log_url, log_method]
/// }
///
/// let app = app!["/user" => log_stuff(), "/admin" => log_stuff()];
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `impl Stack<{Needs}, {Provides}, {Kind}>`",
    label = "what it needs and provides is another, or it is not a stack",
    note = "a stack declares in its type exactly what it needs and provides: write the same tuples in both places, as in \
            `fn pages() -> impl Stack<(User,)>`",
    note = "`stack![..]`, `router![..]` and `app![..]` make a stack"
)]
pub trait Stack<Needs: Types = (), Provides: Types = (), Kind: StackKind = Straight>:
    Sized + sealed::Sealed
{
    #[doc(hidden)]
    type Chain: Chain;
    #[doc(hidden)]
    type Scope: Scope;
    #[doc(hidden)]
    type Known: Kinds;
    #[doc(hidden)]
    fn into_chain(self) -> Self::Chain;
    #[doc(hidden)]
    fn merges_params(&self) -> bool {
        false
    }
}

/// What `stack!` makes: a list of layers that counts as part of the stack around it.
///
/// `Begins` is the way where it stands, and `End` the way at its end. In a stack that is listed where it is written they are
/// inferred; in one that a function returns they follow from what `impl Stack` declares. `Denies` says what guards its routes,
/// if it denies others, and `Known` what its entries are. `S` is the kind of its scope.
#[derive(Debug)]
pub struct List<Begins, End, Denies, Known, C, S = Transparent> {
    pub(crate) chain: C,
    pub(crate) place: Told<(Begins, End, Denies, Known, S)>,
}

/// What `router!` makes: a stack that is a scope of its own.
///
/// Its error handlers see only the errors of its own layers, and
/// [`next.router()`](crate::Next::router) leaves it. What nobody in it answers goes on after it, and so does an
/// error that none of its handlers takes.
#[derive(Debug)]
pub struct Router<Begins, Denies, Known, C> {
    pub(crate) chain: C,
    pub(crate) merge_params: bool,
    /// As in [`List`].
    pub(crate) place: Told<(Begins, Denies, Known)>,
}

impl<B, Y, D, K, C, S> sealed::Sealed for List<B, Y, D, K, C, S> {}

impl<B, D, K, C> sealed::Sealed for Router<B, D, K, C> {}

/// What counts at the end of a stack of what it needs: where an error handler in it resumes nothing does, since the error may
/// have come from above.
type Kept<Needs, Resumption> = <Resumption as MayResume>::Keep<Needs, ()>;

/// A stack that a function returns, with what it declares to provide: all of it, in its order.
impl<Needs, Provides, Sure, End, Resumption, Policy, D, Kind, K, L, C, S> Stack<Needs, Provides, Kind>
    for List<Way<(), Needs>, Way<Sure, End, Resumption, Policy>, D, (K, L), C, S>
where
    Needs: Types,
    Provides: Types + EndsWith<Kept<Needs, Resumption>, End>,
    Resumption: MayResume + DeclaredAs<Kind::Resumption>,
    End: Is<Provides::End>,
    D: Denies<Kind>,
    Kind: StackKind,
    L: Kinds,
    C: Chain,
    S: Scope,
{
    type Chain = C;
    type Scope = S;
    type Known = Inner<L>;
    fn into_chain(self) -> C {
        self.chain
    }
}

impl<Needs: Types, D: Denies<Kind>, Kind: StackKind, K, L: Kinds, C: Chain> Stack<Needs, (), Kind>
    for Router<Way<Needs, Needs>, D, (K, L), C>
{
    type Chain = C;
    type Scope = Own;
    type Known = L;
    fn into_chain(self) -> C {
        self.chain
    }
    fn merges_params(&self) -> bool {
        self.merge_params
    }
}

/// A layer under a path: a list of one.
type UnderPath<S> = Single<Nested<<S as Finish>::Chain, Transparent>>;

fn under<S: Finish>(path: &'static Pattern, options: Options, segment: S) -> UnderPath<S> {
    single(Nested::new(Prefix::new(path, options), segment.finish(options)))
}

/// A hand-written [`Layer`].
#[derive(Debug)]
pub struct ByLayer;

#[diagnostic::do_not_recommend]
impl<L: Layer> Entry<ByLayer> for L {
    type Segment = Single<EitherTrack<ByHand<L>>>;
    type Mounted = UnderPath<Self::Segment>;
    type Known = Handmade;
    type Built = Handmade;
    type Declares = Free;
    fn entry(self) -> Self::Segment {
        single(EitherTrack(ByHand(self)))
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        under(path, options, self.entry())
    }
}

/// A hand-written [`PlainLayer`].
#[derive(Debug)]
pub struct ByPlain;

#[diagnostic::do_not_recommend]
impl<L: PlainLayer> Entry<ByPlain> for L {
    type Segment = Plain<Step<L>>;
    type Mounted = UnderPath<Self::Segment>;
    type Known = Handmade;
    type Built = Handmade;
    type Declares = Free;
    fn entry(self) -> Self::Segment {
        plain(self)
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        under(path, options, self.entry())
    }
}

/// A hand-written [`ResumingLayer`].
#[derive(Debug)]
pub struct ByResuming;

#[diagnostic::do_not_recommend]
impl<L: ResumingLayer> Entry<ByResuming> for L {
    type Segment = Single<EitherTrack<ByHand<AsLayer<L>>>>;
    type Mounted = UnderPath<Self::Segment>;
    type Known = Other;
    type Built = Other;
    type Declares = Resumes<(), ()>;
    fn entry(self) -> Self::Segment {
        single(EitherTrack(ByHand(AsLayer(self))))
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        under(path, options, self.entry())
    }
}

#[diagnostic::do_not_recommend]
impl<L: ResumingLayer> Maybe<ByResuming> for L {
    type Kind = ByDeclared<ByLayer>;
    type Out = Declared<Option<AsLayer<L>>, Resumes<(), ()>>;
    fn maybe(this: Option<Self>) -> Self::Out {
        Declared::of(this.map(AsLayer))
    }
}

/// A hand-written [`RewritingLayer`].
#[derive(Debug)]
pub struct ByRewriting;

#[diagnostic::do_not_recommend]
impl<L: RewritingLayer> Entry<ByRewriting> for L {
    type Segment = Single<EitherTrack<ByHand<Rewriting<L>>>>;
    type Mounted = UnderPath<Self::Segment>;
    type Known = Rewrites;
    type Built = Rewrites;
    type Declares = Free;
    fn entry(self) -> Self::Segment {
        single(EitherTrack(ByHand(Rewriting(self))))
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        under(path, options, self.entry())
    }
}

#[diagnostic::do_not_recommend]
impl<L: RewritingLayer> Maybe<ByRewriting> for L {
    type Kind = ByLayer;
    type Out = Option<Rewriting<L>>;
    fn maybe(this: Option<Self>) -> Self::Out {
        this.map(Rewriting)
    }
}

/// What an attribute made, called: `require_role("admin")`.
#[derive(Debug)]
pub struct ByAttribute;

macro_rules! by_attribute {
    ($($wrapper:ident: $bound:ident, $known:ident => $segment:ty, $make:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<L: $bound> Entry<ByAttribute> for $wrapper<L> {
            type Segment = $segment;
            type Mounted = UnderPath<Self::Segment>;
            type Known = $known<L>;
            type Built = $known<L>;
            type Declares = Free;
            fn entry(self) -> Self::Segment {
                $make(self)
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                under(path, options, self.entry())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<L: $bound> Maybe<ByAttribute> for $wrapper<L> {
            type Kind = ByAttribute;
            type Out = $wrapper<Option<L>>;
            fn maybe(this: Option<Self>) -> Self::Out {
                $wrapper(this.map(|this| this.0))
            }
        }
    )* };
}
by_attribute! {
    One: Layer, Waits => Single<One<L>>, single;
    Handler: Layer, Waits => Single<Handler<L>>, single;
    Step: PlainLayer, Steps => Plain<Step<L>>, Plain;
}

macro_rules! by_route {
    ($([$($param:ident: $bound:ident),*] $route:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($param: $bound),*> Entry<ByAttribute> for $route {
            type Segment = Routes<Solo<Self>>;
            type Mounted = UnderPath<Self::Segment>;
            type Known = Routed<R>;
            type Built = Routed<R>;
            type Declares = OfRoute<(), Private>;
            fn entry(self) -> Self::Segment {
                Routes(Solo(self))
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                under(path, options, self.entry())
            }
        }

        // A stack of one, so that it need not be known in the table of its neighbours.
        #[diagnostic::do_not_recommend]
        impl<$($param: $bound),*> Maybe<ByAttribute> for $route {
            type Kind = BySegment;
            type Out = PerhapsRoute<Routes<Solo<Self>>>;
            fn maybe(this: Option<Self>) -> Self::Out {
                PerhapsRoute(this.map(|this| Routes(Solo(this))))
            }
        }
    )* };
}
by_route! {
    [R: Route] Leaf<R>;
    [R: Route, S: Chain] Stacked<R, S>;
}

/// By [`PerhapsRoute`].
#[derive(Debug)]
pub struct BySegment;

/// A route that is there or not.
#[derive(Debug)]
pub struct PerhapsRoute<S>(Option<S>);

#[diagnostic::do_not_recommend]
impl<S: Finish> Entry<BySegment> for PerhapsRoute<S> {
    type Segment = Single<Perhaps<S>>;
    type Mounted = Self::Segment;
    type Known = Other;
    type Built = Other;
    type Declares = OfRoute<(), Private>;
    fn entry(self) -> Self::Segment {
        single(Perhaps { prefix: Prefix::ANY, segment: self.0 })
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        single(Perhaps { prefix: Prefix::new(path, options), segment: self.0 })
    }
}

/// A layer and what it declares.
#[derive(Debug)]
pub struct ByDeclared<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<E: Entry<Of, Declares: And<D>>, Of, D: Declaration> Entry<ByDeclared<Of>> for Declared<E, D> {
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = E::Known;
    type Built = E::Built;
    type Declares = <E::Declares as And<D>>::Out;
    fn entry(self) -> Self::Segment {
        self.layer.entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.layer.mount(path, options)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Maybe<Of> + Entry<Of, Declares: And<D>>, Of, D> Maybe<ByDeclared<Of>> for Declared<E, D>
where
    E::Out: Entry<E::Kind, Declares: And<D::Maybe>>,
    D: Declaration,
{
    type Kind = ByDeclared<E::Kind>;
    type Out = Declared<E::Out, D::Maybe>;
    fn maybe(this: Option<Self>) -> Self::Out {
        Declared::of(E::maybe(this.map(|this| this.layer)))
    }
}

/// A layer and the facts that it states.
#[derive(Debug)]
pub struct ByStated<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<E: Entry<Of>, Of, F: StatesFacts> Entry<ByStated<Of>> for Stated<E, F> {
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = Stating<F, E::Known>;
    type Built = Stating<F, E::Built>;
    type Declares = E::Declares;
    fn entry(self) -> Self::Segment {
        self.layer.entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.layer.mount(path, options)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Maybe<Of>, Of, F: StatesFacts> Maybe<ByStated<Of>> for Stated<E, F> {
    type Kind = ByStated<E::Kind>;
    type Out = Stated<E::Out, F>;
    fn maybe(this: Option<Self>) -> Self::Out {
        Stated::new(E::maybe(this.map(|this| this.layer)))
    }
}

/// What becomes a layer where it is listed.
#[derive(Debug)]
pub struct ByInto<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<E: Entry<Of>, Of, B: IntoLayer<Layer = E>> Entry<ByInto<Of>> for B {
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = E::Known;
    type Built = E::Built;
    type Declares = E::Declares;
    fn entry(self) -> Self::Segment {
        self.into_layer().entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.into_layer().mount(path, options)
    }
}

/// What becomes a layer, there or not.
#[derive(Debug)]
pub struct ByMaybeInto<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<B: IntoLayer, Of> Entry<ByMaybeInto<Of>> for Option<B>
where
    Option<B::Layer>: Entry<Of>,
{
    type Segment = <Option<B::Layer> as Entry<Of>>::Segment;
    type Mounted = <Option<B::Layer> as Entry<Of>>::Mounted;
    type Known = <Option<B::Layer> as Entry<Of>>::Known;
    type Built = <Option<B::Layer> as Entry<Of>>::Built;
    type Declares = <Option<B::Layer> as Entry<Of>>::Declares;
    fn entry(self) -> Self::Segment {
        self.map(IntoLayer::into_layer).entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.map(IntoLayer::into_layer).mount(path, options)
    }
}

/// A hand-written layer that states facts, there or not: the `Option` of one is a layer itself, and no [`Maybe`].
#[derive(Debug)]
pub struct ByMaybeStated<Kind>(PhantomData<Kind>);

macro_rules! maybe_stated {
    ($($by:ident: $bound:ident;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<L: $bound, F: StatesFacts> Entry<ByMaybeStated<$by>> for Option<Stated<L, F>> {
            type Segment = <Option<L> as Entry<$by>>::Segment;
            type Mounted = <Option<L> as Entry<$by>>::Mounted;
            type Known = Optional<Stating<F, Handmade>>;
            type Built = Optional<Stating<F, Handmade>>;
            type Declares = Free;
            fn entry(self) -> Self::Segment {
                self.map(|this| this.layer).entry()
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                self.map(|this| this.layer).mount(path, options)
            }
        }
    )* };
}
maybe_stated! {
    ByLayer: Layer;
    ByPlain: PlainLayer;
}

/// A stack or router from a function, or an app.
#[derive(Debug)]
pub struct ByStack<Needs, Provides, Kind>(PhantomData<(Needs, Provides, Kind)>);

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types, K: StackKind, S: Stack<N, P, K>> Entry<ByStack<N, P, K>> for S {
    type Segment = Single<Nested<S::Chain, S::Scope>>;
    type Mounted = Self::Segment;
    type Known = Other;
    type Built = FromFunction<S::Known>;
    type Declares = DeclaredByFunction<K, K::Declares<N, P>>;
    fn entry(self) -> Self::Segment {
        let prefix = Prefix::ANY.merging(self.merges_params());
        single(Nested::new(prefix, self.into_chain()))
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        let prefix = Prefix::new(path, options).merging(self.merges_params());
        single(Nested::new(prefix, self.into_chain()))
    }
}

/// A function that makes an entry: what an attribute puts in place of a function, or `fn() -> impl Stack`.
#[derive(Debug)]
pub struct ByFunction<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<F, E, Of> Entry<ByFunction<Of>> for F
where
    F: FnOnce() -> E,
    E: Entry<Of>,
{
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = E::Known;
    type Built = E::Built;
    type Declares = E::Declares;
    fn entry(self) -> Self::Segment {
        self().entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self().mount(path, options)
    }
}

/// An entry that is there or not, decided when the app is built.
#[derive(Debug)]
pub struct ByOption<Kind>(PhantomData<Kind>);

/// An entry of which an `Option` is one too.
pub trait Maybe<Kind>: Entry<Kind> {
    /// The kind of entry that the `Option` is.
    type Kind;
    /// The `Option`, as an entry.
    type Out: Entry<Self::Kind>;
    /// Makes it.
    fn maybe(this: Option<Self>) -> Self::Out;
}

#[diagnostic::do_not_recommend]
impl<E: Maybe<Kind>, Kind> Entry<ByOption<Kind>> for Option<E> {
    type Segment = <E::Out as Entry<E::Kind>>::Segment;
    type Mounted = <E::Out as Entry<E::Kind>>::Mounted;
    type Known = Optional<E::Known>;
    type Built = Optional<E::Built>;
    type Declares = <<E::Out as Entry<E::Kind>>::Declares as Declaration>::Maybe;
    fn entry(self) -> Self::Segment {
        E::maybe(self).entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        E::maybe(self).mount(path, options)
    }
}

#[diagnostic::do_not_recommend]
impl<F, E, Kind> Maybe<ByFunction<Kind>> for F
where
    F: FnOnce() -> E,
    E: Maybe<Kind>,
{
    type Kind = E::Kind;
    type Out = E::Out;
    fn maybe(this: Option<Self>) -> Self::Out {
        E::maybe(this.map(|make| make()))
    }
}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types, K: StackKind, S: Stack<N, P, K>> Maybe<ByStack<N, P, K>> for S {
    type Kind = ByStack<N, (), K>;
    type Out = MaybeStack<S, P>;
    fn maybe(this: Option<Self>) -> Self::Out {
        MaybeStack(this, PhantomData)
    }
}

/// A stack that is there or not.
#[derive(Debug)]
pub struct MaybeStack<S, Provides>(Option<S>, PhantomData<fn() -> Provides>);

impl<S, P> sealed::Sealed for MaybeStack<S, P> {}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types, K: StackKind, S: Stack<N, P, K>> Stack<N, (), K> for MaybeStack<S, P> {
    type Chain = Option<S::Chain>;
    type Scope = S::Scope;
    type Known = Optional<S::Known>;
    fn into_chain(self) -> Self::Chain {
        self.0.map(Stack::into_chain)
    }
    fn merges_params(&self) -> bool {
        self.0.as_ref().is_some_and(Stack::merges_params)
    }
}

/// A stack that stands in another where it is written, so that its place need not be declared.
#[derive(Debug)]
pub struct Inline<S>(S);

/// By [`Inline`].
#[derive(Debug)]
pub struct ByInline;

macro_rules! by_inline {
    ($([$($param:ident $(: $bound:ident)?),*] $stack:ty, $chain:ty, $scope:ident, $known:ty, $built:ty, $declares:ty, $this:ident => $parts:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($param $(: $bound)?,)* C: Chain> Entry<ByInline> for Inline<$stack> {
            type Segment = Single<Nested<$chain, $scope>>;
            type Mounted = Self::Segment;
            type Known = $known;
            type Built = $built;
            type Declares = $declares;
            fn entry(self) -> Self::Segment {
                let $this = self.0;
                let (chain, merge_params) = $parts;
                single(Nested::new(Prefix::ANY.merging(merge_params), chain))
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                let $this = self.0;
                let (chain, merge_params) = $parts;
                single(Nested::new(Prefix::new(path, options).merging(merge_params), chain))
            }
        }

        impl<$($param $(: $bound)?,)* C> WrittenHere for $stack {}
    )* };
}
by_inline! {
    [B, D, K, L] Router<B, D, (K, L), C>, C, Own, K, L, InRouter<B>, this => (this.chain, this.merge_params);
    [B, D, K, L] Option<Router<B, D, (K, L), C>>, Option<C>, Own, Optional<K>, Optional<L>, InRouter<B>, this => {
        let merge_params = this.as_ref().is_some_and(|this| this.merge_params);
        (this.map(|this| this.chain), merge_params)
    };
    [B, Y, D, K, L, S: Scope] List<B, Y, D, (K, L), C, S>, C, S, Inner<K>, Inner<L>, InStack<B, Y>, this => (this.chain, false);
    [B, Y, D, K, L, S: Scope] Option<List<B, Y, D, (K, L), C, S>>, Option<C>, S, Optional<Inner<K>>, Optional<Inner<L>>, Under<InStack<B, Y>>, this =>
        (this.map(|this| this.chain), false);
}

/// Tells a stack that stands where it is written from all other entries. An inherent method goes before a trait's, so
/// `Form(&entry).form()` is the one above for those, and [`Listable::form`] for all others; a trait alone could not
/// decide, as long as the stack's place is still to be inferred.
#[derive(Debug)]
pub struct Form<'a, E>(pub &'a E);

impl<S: WrittenHere> Form<'_, S> {
    /// To the place where it stands.
    pub fn form(&self) -> Place {
        Place
    }
}

/// A stack whose type leaves its place open.
pub trait WrittenHere {}

/// An entry as it is.
#[derive(Debug)]
pub struct AsItIs;

/// A stack at its place.
#[derive(Debug)]
pub struct Place;

/// For all other entries.
pub trait Listable {
    /// As it is.
    fn form(&self) -> AsItIs {
        AsItIs
    }
}

impl<E> Listable for Form<'_, E> {}

impl AsItIs {
    /// The entry.
    pub fn of<E>(self, entry: E) -> E {
        entry
    }
}

impl Place {
    /// The entry.
    pub fn of<E>(self, entry: E) -> Inline<E> {
        Inline(entry)
    }
}
