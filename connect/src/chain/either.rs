//! One of two stacks, chosen when the app is built: two branches of an `if`, or a stack that is there or not.

use super::done::{Detour, Done};
use super::{Chain, Ignores, OnError, Rest, sealed};
use crate::tree::Tree;
use crate::{Request, Response};

/// One of two stacks, or of two apps, where both branches of an `if` have to have one type.
///
/// ```
/// use connect::{get, router, stack, Either, Stack};
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "index"
/// }
///
/// #[get("/debug")]
/// fn debug() -> &'static str {
///     "debug"
/// }
///
/// fn pages(debugging: bool) -> impl Stack {
///     if debugging { Either::Left(stack![debug, index]) } else { Either::Right(stack![index]) }
/// }
/// ```
///
/// Both need and provide the same. Of two apps [`App::left`](crate::App::left) and [`App::right`](crate::App::right) make one
/// that is served. A single layer that is there or not is an `Option`.
#[derive(Debug, Clone)]
pub enum Either<A, B> {
    /// The first.
    Left(A),
    /// The second.
    Right(B),
}

impl<A, B> sealed::Sealed for Either<A, B> {}

impl<A: Chain, B: Chain> Chain for Either<A, B> {
    type OnError = <A::OnError as OnError>::Or<B::OnError>;

    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move {
            match self {
                Either::Left(chain) => chain.run(req, res, tail).await,
                Either::Right(chain) => chain.run(req, res, tail).await,
            }
        }
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // As with every layer that may take an error.
        Box::pin(async move {
            match self {
                Either::Left(chain) => A::OnError::detour(chain, why, req, res, tail).await,
                Either::Right(chain) => B::OnError::detour(chain, why, req, res, tail).await,
            }
        })
    }

    fn answers(&self, req: &mut Request) -> bool {
        match self {
            Either::Left(chain) => chain.answers(req),
            Either::Right(chain) => chain.answers(req),
        }
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        match self {
            Either::Left(chain) => chain.describe(tree),
            Either::Right(chain) => chain.describe(tree),
        }
    }

    #[inline]
    fn collect<T: Rest>() {
        A::collect::<T>();
        B::collect::<T>();
    }
}

/// The stack in an `Option` that is `None`.
#[derive(Debug)]
pub struct Absent;

/// A stack that is there or not, decided when the app is built.
pub(crate) type OptionalChain<C> = Either<C, Absent>;

pub(crate) fn optional_chain<C>(chain: Option<C>) -> OptionalChain<C> {
    chain.map_or(Either::Right(Absent), Either::Left)
}

impl Chain for Absent {
    type OnError = Ignores;

    fn answers(&self, _: &mut Request) -> bool {
        false
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        tree.leaf("(none)");
    }
}
