//! A list that is a value: what `stack!` and `router!` make, and the trait of what a function can return, [`Stack`].

use std::marker::PhantomData;

use super::entry::{Entry, Maybe};
use super::join::{Nested, Single, nested, single};
use super::kinds::{FromFunction, Inner, Kinds, Optional, Other};
use crate::chain::either::{Either, OptionalChain, optional_chain};
use crate::chain::mount::{Prefix, RouterScope, Scope, StackScope};
use crate::chain::{Chain, sealed};
use crate::provide::proof::{
    DeclaredAs, Denies, EndsWith, FromFunction as DeclaredByFunction, Is, MayResume, StackKind, Straight,
    Told, Types, Way,
};
use crate::route::pattern::{Options, Pattern};

/// A stack that a function can return: `fn api() -> impl Stack`.
///
/// Implemented by what `stack!`, `router!`, `guard!` and `app!` make, and not to be implemented elsewhere. A stack from a
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
    note = "`stack![..]`, `router![..]`, `guard![..]` and `app![..]` make a stack"
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
pub struct List<Begins, End, Denies, Known, C, S = StackScope> {
    pub(crate) chain: C,
    pub(crate) place: Told<(Begins, End, Denies, Known, S)>,
}

/// What `router!` makes: a stack that is a scope of its own.
///
/// Its error handlers see only the errors of its own layers, and
/// [`next.router()`](crate::Next::router) leaves it. What no layer in it answers goes on after it, and so does an
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
    type Scope = RouterScope;
    type Known = L;
    fn into_chain(self) -> C {
        self.chain
    }
    fn merges_params(&self) -> bool {
        self.merge_params
    }
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
        single(nested(prefix, self.into_chain()))
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        let prefix = Prefix::new(path, options).merging(self.merges_params());
        single(nested(prefix, self.into_chain()))
    }
}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types, K: StackKind, S: Stack<N, P, K>> Maybe<ByStack<N, P, K>> for S {
    type Kind = ByStack<N, (), K>;
    type Out = OptionalStack<S, P>;
    fn maybe(this: Option<Self>) -> Self::Out {
        OptionalStack(this, PhantomData)
    }
}

/// A stack that is there or not.
#[derive(Debug)]
pub struct OptionalStack<S, Provides>(Option<S>, PhantomData<fn() -> Provides>);

impl<S, P> sealed::Sealed for OptionalStack<S, P> {}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types, K: StackKind, S: Stack<N, P, K>> Stack<N, (), K> for OptionalStack<S, P> {
    type Chain = OptionalChain<S::Chain>;
    type Scope = S::Scope;
    type Known = Optional<S::Known>;
    fn into_chain(self) -> Self::Chain {
        optional_chain(self.0.map(Stack::into_chain))
    }
    fn merges_params(&self) -> bool {
        self.0.as_ref().is_some_and(Stack::merges_params)
    }
}

#[diagnostic::do_not_recommend]
impl<N: Types, P: Types, K: StackKind, A: Stack<N, P, K>, B: Stack<N, P, K, Scope = A::Scope>> Stack<N, P, K>
    for Either<A, B>
{
    type Chain = Either<A::Chain, B::Chain>;
    type Scope = A::Scope;
    type Known = Other;
    fn into_chain(self) -> Self::Chain {
        match self {
            Either::Left(stack) => Either::Left(stack.into_chain()),
            Either::Right(stack) => Either::Right(stack.into_chain()),
        }
    }
    fn merges_params(&self) -> bool {
        match self {
            Either::Left(stack) => stack.merges_params(),
            Either::Right(stack) => stack.merges_params(),
        }
    }
}
