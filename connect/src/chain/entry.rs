//! What may stand in the list of a stack.

use std::marker::PhantomData;

use super::Chain;
use super::join::{Finish, Handler, Nested, One, Plain, Routes, Single, plain, single};
use super::layer::{ByHand, Layer, PlainLayer};
use super::listed;
use super::mount::{Own, Prefix, Scope, Transparent};
use super::plain::Step;
use super::routes::{Leaf, Route, Stacked};
use crate::route::pattern::{Options, Pattern};

/// One entry of a stack, as a segment to join with its neighbours.
///
/// The parameter is inferred. It keeps the implementations apart for the compiler: one for layers, one for
/// functions that make them, and so on.
#[diagnostic::on_unimplemented(
    message = "this entry of the stack is not a layer",
    label = "not a layer: a function needs `#[middleware]` or `#[error_handler]` on it",
    note = "a struct becomes a layer by implementing `Layer` or `PlainLayer`"
)]
pub trait Entry<Kind>: Sized {
    /// The segment.
    type Segment: listed::Kind;
    /// The segment under a path.
    type Mounted: listed::Kind;
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
    message = "`{Self}` is not a stack",
    note = "`stack![..]`, `router![..]` and `app![..]` make one"
)]
pub trait Stack: Sized {
    #[doc(hidden)]
    type Chain: Chain;
    #[doc(hidden)]
    type Scope: Scope;
    #[doc(hidden)]
    fn into_chain(self) -> Self::Chain;
    #[doc(hidden)]
    fn merges_params(&self) -> bool {
        false
    }
}

/// What `stack!` makes: a list of layers that counts as part of the stack around it.
#[derive(Debug)]
pub struct List<C>(pub(crate) C);

/// What `router!` makes: a stack that is a scope of its own.
///
/// Its error handlers see only the errors of its own layers, and
/// [`next.router()`](crate::Next::router) leaves it. What nobody in it answers goes on after it, and so does an
/// error that none of its handlers takes.
#[derive(Debug)]
pub struct Router<C> {
    pub(crate) chain: C,
    pub(crate) merge_params: bool,
}

impl<C: Chain> Stack for List<C> {
    type Chain = C;
    type Scope = Transparent;
    fn into_chain(self) -> C {
        self.0
    }
}

impl<C: Chain> Stack for Router<C> {
    type Chain = C;
    type Scope = Own;
    fn into_chain(self) -> C {
        self.chain
    }
    fn merges_params(&self) -> bool {
        self.merge_params
    }
}

/// A layer under a path: a list of one.
type Under<S> = Single<Nested<<S as Finish>::Chain, Transparent>>;

fn under<S: Finish>(path: &'static Pattern, options: Options, segment: S) -> Under<S> {
    single(Nested::new(Prefix::new(path, options), segment.finish(options)))
}

/// A hand-written [`Layer`].
#[derive(Debug)]
pub struct ByLayer;

#[diagnostic::do_not_recommend]
impl<L: Layer> Entry<ByLayer> for L {
    type Segment = Single<One<ByHand<L>>>;
    type Mounted = Under<Self::Segment>;
    fn entry(self) -> Self::Segment {
        single(One(ByHand(self)))
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
    type Mounted = Under<Self::Segment>;
    fn entry(self) -> Self::Segment {
        plain(self)
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        under(path, options, self.entry())
    }
}

/// What an attribute made, called: `require_role("admin")`.
#[derive(Debug)]
pub struct ByAttribute;

macro_rules! by_attribute {
    ($($wrapper:ident: $bound:ident => $segment:ty, $make:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<L: $bound> Entry<ByAttribute> for $wrapper<L> {
            type Segment = $segment;
            type Mounted = Under<Self::Segment>;
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
    One: Layer => Single<One<L>>, single;
    Handler: Layer => Single<Handler<L>>, single;
    Step: PlainLayer => Plain<Step<L>>, Plain;
}

macro_rules! by_route {
    ($([$($param:ident: $bound:ident),*] $route:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($param: $bound),*> Entry<ByAttribute> for $route {
            type Segment = Routes<Self>;
            type Mounted = Under<Self::Segment>;
            fn entry(self) -> Self::Segment {
                Routes(self)
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                under(path, options, self.entry())
            }
        }

        // A stack of one, so that it need not be known in the table of its neighbours.
        #[diagnostic::do_not_recommend]
        impl<$($param: $bound),*> Maybe<ByAttribute> for $route {
            type Kind = ByStack;
            type Out = MaybeStack<List<<Routes<Self> as Finish>::Chain>>;
            fn maybe(this: Option<Self>) -> Self::Out {
                MaybeStack(this.map(|this| List(Routes(this).finish(Options::default()))))
            }
        }
    )* };
}
by_route! {
    [R: Route] Leaf<R>;
    [R: Route, S: Chain] Stacked<R, S>;
}

/// A stack, a router or an app.
#[derive(Debug)]
pub struct ByStack;

#[diagnostic::do_not_recommend]
impl<S: Stack> Entry<ByStack> for S {
    type Segment = Single<Nested<S::Chain, S::Scope>>;
    type Mounted = Self::Segment;
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
pub trait Maybe<Kind>: Sized {
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
impl<S: Stack> Maybe<ByStack> for S {
    type Kind = ByStack;
    type Out = MaybeStack<S>;
    fn maybe(this: Option<Self>) -> Self::Out {
        MaybeStack(this)
    }
}

/// A stack that is there or not.
#[derive(Debug)]
pub struct MaybeStack<S>(Option<S>);

impl<S: Stack> Stack for MaybeStack<S> {
    type Chain = Option<S::Chain>;
    type Scope = S::Scope;
    fn into_chain(self) -> Self::Chain {
        self.0.map(Stack::into_chain)
    }
    fn merges_params(&self) -> bool {
        self.0.as_ref().is_some_and(Stack::merges_params)
    }
}
