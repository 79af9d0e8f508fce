//! One of two stacks, chosen when the app is built.

use super::done::{Detour, Done};
use super::entry::Stack;
use super::listed::Other;
use super::tree::Tree;
use super::{Chain, OnError, Rest, sealed};
use crate::provide::proof::{StackKind, Types};
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
