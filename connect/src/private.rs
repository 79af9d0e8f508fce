//! What the expansions of the macros name.

pub use crate::chain::layer::Attribute;
// The links of an `async fn` that an attribute made.
pub use crate::chain::link::{Catch as Handler, Link as One};
pub use crate::chain::next::{ErrorHandler, RouteHandler};
pub use crate::chain::plain::Step;
pub use crate::chain::route::Route;
pub use crate::chain::routes::{Leaf, Stacked};
pub use crate::check::{LayerInfo, Part as LayerPart};
pub use crate::refused::{ErrorTrack, GoesBack, HasARest, LastOfItsStack, PlainMiddleware, WaitsForTheRest};
pub use crate::request::OwnedParam;
pub use crate::respond::Responder;
pub use crate::route::info::Info;
pub use crate::route::methods::Methods;
pub use crate::route::param::{Optional, OptionalSplat, Required, Splat};
pub use crate::route::pattern::{Options, Part, Pattern};
pub use crate::route::url::{AnyNumber, MayBe, MustBe, Several, url};
pub use crate::stack::entry::Entry;
pub use crate::stack::fold::Finish;
pub use crate::stack::inline::{Form, Listable};
pub use crate::stack::join::{Empty, Join};
pub use crate::stack::kinds::{
    Both, Gone, InMergingScope, InScope, Kinds, Known, Listed, Literal, Mounted, Routed, Steps, Within,
};
pub use crate::stack::list::{List, Router};
pub use crate::{
    App, Chain, Error, FromError, Layer, Next, PlainFn, PlainLayer, Request, Response, Rest, Result, Resume,
    Rewrite,
};

pub use crate::provide::declared::Declared;
pub use crate::provide::proof::{ByItsStack, Declares, Everybody, OfRoute, Resumes};
// What the compiler prints, under a short path.
pub use crate::provide::proof::{
    Above, Behind, Given, GuardedBy, Has, Last, Many, More, On, ProvidedOnce, Start, Way,
};
pub use crate::provide::proof::{
    Anew, First, Needs, NeedsAlone, NoneTakes, Provides, Second, Takes, Untaken,
};
pub use crate::provide::ready::Gives;
pub use crate::provide::values::{Single, Tuple};
pub use crate::provide::with::{Holds, With};

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::chain::caught::Lazy;
use crate::chain::gate::Gate;
use crate::chain::group::AnyOf2;
use crate::chain::mount::GuardScope;
use crate::check::{Scope, first_fault, knows_more, report};
use crate::error::IntoError;
use crate::extract::{After, FromRequest, ReadsHead};
use crate::provide::proof::{
    Admits, AllProvidedOnce, Around, Asked, Declaration, Deny, Follow, Guard, HasAll, HasInRoute, MayResume,
    Place, StandsAt, Straight, Types, Under, Unguarded,
};
use crate::provide::values::missing;
use crate::provide::with::AllProvided;
use crate::stack::join::InTree;
use crate::stack::kinds::Optional as Optionally;
use crate::stack::own::WithStack;

/// An entry without a path.
pub fn entry<Of, E: Entry<Of>>(entry: E) -> Listed<E::Segment, E::Known, E::Built, E::Declares> {
    Listed::new(entry.entry())
}

/// The way at the beginning of an app: nothing was provided.
pub const APP: Way<Start, Start> = Way::new();

/// The way at the beginning of a router, wherever it stands: no error comes into it either.
pub const fn router_way<B, P>() -> Way<B, B, Straight, P> {
    Way::new()
}

/// The way at the beginning of a list, wherever it stands.
pub const fn stack_way<B, N, P>() -> Way<B, N, Straight, P> {
    Way::new()
}

/// The way at the beginning of a list that is written in another, where it stands.
pub const fn list_way<S, N, F, P>(_: &Way<S, N, F, P>) -> Way<S, N, Straight, P> {
    Way::new()
}

/// The way at the beginning of a route's own stack. No error comes into it, so what it begins with is sure.
pub const fn route_way<N>() -> Way<N, N> {
    Way::new()
}

/// The way at the beginning of a list that denies unguarded routes.
pub fn denying<T, S, N, F, P>(_: Way<S, N, F, P>) -> Way<S, N, F, Deny<T, P>> {
    Way::new()
}

/// The way behind an entry, which needs what was provided before it.
pub fn follow<
    W,
    S,
    K,
    B,
    D: Declaration + Follow<W>,
    Ia,
    Ib,
    Ic,
    Id,
    Ie,
    If,
    Ga,
    Gb,
    Ja,
    Jb,
    Jc,
    Jd,
    Je,
    Jf,
>(
    _: W,
    _: &Listed<S, K, B, D>,
) -> D::After
where
    W: Has<<D::Needs as Types>::A, Ia>,
    W: Has<<D::Needs as Types>::B, Ib>,
    W: Has<<D::Needs as Types>::C, Ic>,
    W: Has<<D::Needs as Types>::D, Id>,
    W: Has<<D::Needs as Types>::E, Ie>,
    W: HasAll<<D::Needs as Types>::More, If>,
    W: StandsAt<D::Place> + Place,
    Asked<W, D::Access>: GuardedBy<Guard<W>, Ga>,
    Around<W>: Admits<D::Access, W, Gb>,
    D::Proof: ProvidedOnce<<D::Provides as Types>::A, Ja>,
    D::Proof: ProvidedOnce<<D::Provides as Types>::B, Jb>,
    D::Proof: ProvidedOnce<<D::Provides as Types>::C, Jc>,
    D::Proof: ProvidedOnce<<D::Provides as Types>::D, Jd>,
    D::Proof: ProvidedOnce<<D::Provides as Types>::E, Je>,
    D::Proof: AllProvidedOnce<<D::Provides as Types>::More, Jf>,
    D::After: Default,
{
    D::After::default()
}

/// An entry, to the way before it: whether it provides what was provided.
pub const fn anew<W, S, K, B, D, I>(_: &W, _: &Listed<S, K, B, D>) -> Anew<W, D, I> {
    Anew::new()
}

type UnderPath<P, Of, E> = Listed<
    <E as Entry<Of>>::Mounted,
    Mounted<P, <E as Entry<Of>>::Known>,
    Mounted<P, <E as Entry<Of>>::Built>,
    Under<<E as Entry<Of>>::Declares>,
>;

/// An entry with a path.
pub fn mount<P: Literal, Of, E: Entry<Of>>(options: Options, entry: E) -> UnderPath<P, Of, E> {
    Listed::new(entry.mount(P::PATTERN, options))
}

/// Two neighbours.
pub fn join<A: Join<B>, B, K, L, M, N, D, E>(
    a: Listed<A, K, M, D>,
    b: Listed<B, L, N, E>,
) -> Listed<A::Out, Both<K, L>, Both<M, N>> {
    Listed::new(a.segment.join(b.segment))
}

/// Two neighbours that are many entries.
pub fn join_far<A: Join<B, InTree>, B, K, L, M, N, D, E>(
    a: Listed<A, K, M, D>,
    b: Listed<B, L, N, E>,
) -> Listed<A::Out, Both<K, L>, Both<M, N>> {
    Listed::new(a.segment.join(b.segment))
}

/// A list with options of its own for patterns.
pub fn within<const STRICT: bool, const CASE_SENSITIVE: bool, S, K, B, D>(
    list: Listed<S, K, B, D>,
) -> Listed<S, Within<STRICT, CASE_SENSITIVE, K>, Within<STRICT, CASE_SENSITIVE, B>, D> {
    Listed::new(list.segment)
}

/// No entry.
pub const EMPTY: Listed<Empty, Gone, Gone> = Listed::new(Empty);

/// The entries of a list, as they are known when it is checked.
pub fn known<S, K, B, D>(_: &Listed<S, K, B, D>) -> Known<K> {
    Known(PhantomData)
}

/// The same when it is built: the second is a constant, which the compiler evaluates then.
pub fn built<S, K, B, D>(_: &Listed<S, K, B, D>, _: Known<B>) {}

/// The same under a short name, which is what the compiler prints.
pub fn hidden<K: Kinds>(known: Known<K>) -> Known<impl Kinds> {
    known
}

/// The value that [`known`] gives.
pub const fn checked<K>() -> Known<K> {
    Known(PhantomData)
}

/// Which entry of a list is one that nothing reaches; behind the last one, if none is. With `BUILT` it looks where more is
/// known than when the list was checked.
pub const fn first_dead<K: Kinds, const BUILT: bool>(own: bool, sees_outside: bool) -> usize {
    if BUILT && !knows_more(K::ENTRIES) {
        return usize::MAX;
    }
    match first_fault(K::ENTRIES, Scope { own, sees_outside }) {
        Some(fault) => fault.entry,
        None => usize::MAX,
    }
}

/// Stops the compiler there.
#[track_caller]
pub const fn report_dead<K: Kinds>(own: bool, sees_outside: bool) {
    if let Some(fault) = first_fault(K::ENTRIES, Scope { own, sees_outside }) {
        report(fault);
    }
}

/// The end of `stack!`.
pub fn stack<S: Finish, K, L, D, B, Y>(
    options: Options,
    _: B,
    _: Y,
    list: Listed<S, K, L, D>,
) -> List<B, Y, (), (K, L), S::Chain> {
    List { chain: list.segment.finish(options), place: PhantomData }
}

/// What is known of a router when it is checked, and when it is built.
type Closed<K, L> = (InScope<K>, InScope<L>);
type Merging<K, L> = (InMergingScope<K>, InMergingScope<L>);

/// The end of `router!`.
pub fn router<S: Finish, K, L, D, B, Y>(
    options: Options,
    _: B,
    _: Y,
    list: Listed<S, K, L, D>,
) -> Router<B, (), Closed<K, L>, S::Chain> {
    Router { chain: list.segment.finish(options), merge_params: false, place: PhantomData }
}

/// The same with `merge_params`.
pub fn router_merging<S: Finish, K, L, D, B, Y>(
    options: Options,
    _: B,
    _: Y,
    list: Listed<S, K, L, D>,
) -> Router<B, (), Merging<K, L>, S::Chain> {
    Router { chain: list.segment.finish(options), merge_params: true, place: PhantomData }
}

/// The end of a `stack!` that denies unguarded routes.
pub fn stack_guarded<T, B, Y, K, C>(stack: List<B, Y, (), K, C>) -> List<B, Y, Unguarded<T>, K, C> {
    List { chain: stack.chain, place: PhantomData }
}

/// The end of a `router!` that denies unguarded routes.
pub fn router_guarded<T, B, K, C>(router: Router<B, (), K, C>) -> Router<B, Unguarded<T>, K, C> {
    Router { chain: router.chain, merge_params: router.merge_params, place: PhantomData }
}

/// The guards and the routes of a `guard!`, as they are known in it.
pub fn both<S, K, L, D, T, M, N, E>(
    _: &Listed<S, K, L, D>,
    _: &Listed<T, M, N, E>,
) -> Listed<(), Both<K, M>, Both<L, N>> {
    Listed::new(())
}

/// What the list around knows of a guard: a request that matches no route behind it skips its layers.
type BehindGuard<K, L, M, N> = (Both<Optionally<K>, M>, Both<Optionally<L>, N>);

/// The end of `guard!`. What it provides counts in it and not behind it.
#[expect(clippy::type_complexity, reason = "the way behind it is told by the one where it begins")]
pub fn guarded<G, R, K, L, M, N, D, E, Sure, Now, Policy, Then, End, F: MayResume, Q>(
    options: Options,
    _: Way<Sure, Now, Straight, Policy>,
    _: Way<Then, End, F, Q>,
    guard: Listed<G, K, L, D>,
    routes: Listed<R, M, N, E>,
) -> List<
    Way<Sure, Now, Straight, Policy>,
    Way<Sure, F::Keep<Now, Sure>, F, Policy>,
    (),
    BehindGuard<K, L, M, N>,
    Gate<G::Chain, R::Chain>,
    GuardScope,
>
where
    G: Finish,
    R: Finish,
{
    let gate = Gate::new(guard.segment.finish(options), routes.segment.finish(options));
    List { chain: gate, place: PhantomData }
}

/// The end of `app!`.
pub fn app<S: Finish, K, L, D, Y>(
    options: Options,
    _: Way<Start, Start>,
    _: Y,
    list: Listed<S, K, L, D>,
) -> App<S::Chain> {
    App::new(list.segment.finish(options))
}

/// Calls an `async fn` with the first poll: its arguments are cloned then.
pub fn inert<M, F>(make: M) -> Lazy<M, F>
where
    M: FnOnce() -> F,
    F: Future<Output = Result>,
{
    Lazy::new(make)
}

/// The end of a route's own stack.
pub fn route_stack<S: Finish, K, L, D, B, Y>(_: B, _: Y, list: Listed<S, K, L, D>) -> OwnStack<K, S::Chain> {
    OwnStack { chain: list.segment.finish(Options::default()), kinds: PhantomData }
}

/// A route's own stack, and what is known of it.
#[derive(Debug)]
pub struct OwnStack<K, C> {
    chain: C,
    kinds: PhantomData<fn() -> K>,
}

/// What an attribute makes.
pub fn leaf<R: Route>(route: R) -> Leaf<R> {
    Leaf(route)
}

/// What an attribute makes.
pub fn stacked<R: Route, K: Kinds + 'static, C: Chain>(
    route: R,
    stack: OwnStack<K, C>,
) -> Stacked<WithStack<R, K>, C> {
    Stacked { route: WithStack::new(route), stack: stack.chain }
}

/// A route's `next`.
pub fn route_next() -> Next<(), RouteHandler> {
    Next::new(RouteHandler)
}

/// The `next` of a layer that awaits the future of what follows through wrappers that do not box it.
pub fn apart<R: Rest>(next: Next<(), R>) -> Next<(), crate::chain::boxed::Boxed<R>> {
    next.apart()
}

/// The `next` of a layer that may do anything with it.
pub fn type_erased<R: Rest>(next: Next<(), R>) -> Next<(), crate::chain::boxed::TypeErased<R>> {
    next.type_erased()
}

/// The `next` of a layer that provides.
pub fn giving<P, Form, R>(next: Next<(), R>, req: &mut Request) -> Next<P, Gives<Form, R>> {
    Next::<P, Gives<(), R>>::giving(next, req)
}

/// The `next` of an error handler that provides.
pub fn resume_giving<P, Form>(_: Resume, req: &mut Request) -> Resume<P, Gives<Form, ErrorHandler>> {
    Gives::resuming(req)
}

/// The request of a layer that needs something.
pub fn with<N, All: AllProvided>(req: &mut Request) -> Result<&mut With<N>> {
    crate::provide::with::with::<N, All>(req)
}

/// The request of a layer that may rewrite it.
pub fn rewritable(req: &mut Request) -> &mut Rewrite {
    Rewrite::of_request(req)
}

/// The same of one that needs something.
pub fn rewritable_with<N>(req: &mut With<N>) -> &mut Rewrite<N> {
    Rewrite::of(req)
}

/// Calls an `async fn` with what may be missing.
pub fn with_or_fail<'a, N: 'a, All: AllProvided, F>(
    req: &'a mut Request,
    call: impl FnOnce(&'a mut With<N>) -> F,
) -> impl Future<Output = Result>
where
    F: Future<Output = Result>,
{
    match crate::provide::with::with::<N, All>(req) {
        Ok(req) => AnyOf2::A { future: call(req) },
        Err(err) => AnyOf2::B { future: std::future::ready(Err(err)) },
    }
}

/// A provided value, for a route.
pub fn provided<T: Any + Send + Sync>(req: &Request) -> Result<&T> {
    req.provided().ok_or_else(missing::<T>)
}

/// The same beside `&mut Request`.
pub fn provided_shared<T: Any + Send + Sync>(req: &Request) -> Result<Arc<T>> {
    req.values.share().ok_or_else(missing::<T>)
}

/// A value that may be provided.
pub fn maybe_provided<T: Any + Send + Sync>(req: &Request) -> Option<&T> {
    req.provided()
}

/// The same beside `&mut Request`.
pub fn maybe_shared<T: Any + Send + Sync>(req: &Request) -> Option<Arc<T>> {
    req.values.share()
}

/// Whether a route's own stack and what it declares meet the needs of its function.
pub fn needs<T, W: Has<T, I>, I>(_: W) {}

/// The same for the function, with what the attribute would have to say for this one.
pub fn route_needs<T, Whole, W: HasInRoute<T, Whole, I>, I>(_: W) {}

/// What entries of a route's own stack, and what its function takes, declare: an entry and those behind it.
pub const fn beside<S, K, B, D, Rest>(
    _: &Listed<S, K, B, D>,
    _: PhantomData<Rest>,
) -> PhantomData<(D, Rest)> {
    PhantomData
}

/// The function's part of it, where that takes one type.
pub const fn function_beside<T, Rest>(_: PhantomData<Rest>) -> PhantomData<(Declares<(T,), ()>, Rest)> {
    PhantomData
}

/// Behind the last.
pub const NOTHING_BESIDE: PhantomData<()> = PhantomData;

/// Whether one of them takes a type of `needs = ..`.
pub const fn takes<T, All, I>(_: PhantomData<All>) -> Takes<T, All, I> {
    Takes::new()
}

/// A type of `needs = ..` that nothing takes so far.
pub const fn untaken<T, Rest>() -> Untaken<T, Rest> {
    Untaken::new()
}

/// Whether something took it, with what the attribute would have to say without it.
pub fn taken<T, Rest, U: Needs<T, Rest>>(_: U) {}

/// The same where it is the only one.
pub fn taken_alone<T, U: NeedsAlone<T>>(_: U) {}

/// What an attribute makes of a layer that declares something.
pub fn declared<L, D>(layer: L) -> Declared<L, D> {
    Declared::of(layer)
}

/// A parameter of a route's function that is no part of its pattern.
pub async fn extract<T: FromRequest>(req: &mut Request) -> Result<T> {
    T::from_request(req).await.map_err(IntoError::into_error)
}

/// What the parameters before read of the request.
#[derive(Debug)]
pub struct Read<Reads>(PhantomData<Reads>);

/// Nothing yet.
pub fn read() -> Read<ReadsHead> {
    Read(PhantomData)
}

/// The same, if there are several.
pub async fn extract_after<Before, Now, T: FromRequest<Reads: After<Before, Out = Now>>>(
    _: Read<Before>,
    req: &mut Request,
) -> Result<(Read<Now>, T)> {
    Ok((Read(PhantomData), extract(req).await?))
}

/// A copy of a parameter of a mount. It stays what it is, whatever becomes of the request.
pub fn mount_param(req: &Request, name: &'static str) -> Result<OwnedParam> {
    req.mount_param(name)
}

/// A copy of a parameter, for a route that has the request by `&mut`.
pub fn owned(req: &Request, index: usize) -> Result<OwnedParam> {
    Ok(OwnedParam::new(req.nth_param(index)?))
}

// One line each, and the bound in it: the compiler quotes them where a parameter's type does not fit.

/// A parameter of a route's function.
pub fn required<'a, K, T: Required<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
    Ok(T::take(req.nth_param(index)?)?)
}

/// The same, of a copy.
pub fn required_of<'a, K, T: Required<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
    Ok(T::take(copy.param())?)
}

/// A parameter of a route's function.
pub fn optional<'a, K, T: Optional<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
    Ok(T::take(req.nth_param(index)?)?)
}

/// The same, of a copy.
pub fn optional_of<'a, K, T: Optional<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
    Ok(T::take(copy.param())?)
}

/// A parameter of a route's function.
pub fn splat<'a, K, T: Splat<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
    Ok(T::take(req.nth_param(index)?)?)
}

/// The same, of a copy.
pub fn splat_of<'a, K, T: Splat<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
    Ok(T::take(copy.param())?)
}

/// A parameter of a route's function.
pub fn optional_splat<'a, K, T: OptionalSplat<'a, K>>(req: &'a Request, index: usize) -> Result<T> {
    Ok(T::take(req.nth_param(index)?)?)
}

/// The same, of a copy.
pub fn optional_splat_of<'a, K, T: OptionalSplat<'a, K>>(copy: &'a OwnedParam) -> Result<T> {
    Ok(T::take(copy.param())?)
}

/// What an attribute makes.
pub fn one<L: Layer>(layer: L) -> One<L> {
    One(layer)
}

/// What an attribute makes.
pub fn handler<L: Layer>(layer: L) -> Handler<L> {
    Handler(layer)
}

/// What an attribute makes.
pub fn step<L: PlainLayer>(layer: L) -> Step<L> {
    Step(layer)
}
