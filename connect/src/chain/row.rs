//! Up to eight links in a row, and how a layer among them refers to what follows it.
//!
//! The last of the eight may be another row, and so on. What follows a link is one reference for a layer to carry,
//! however long the row is, and the type of the row nests once for every seven links.

use std::marker::PhantomData;

use super::done::{Detour, Done};
use super::{Chain, OnError, Rest, rest_is_copy};
use crate::tree::Tree;
use crate::{Request, Response};

/// A row has a link with this number.
pub(crate) trait Nth<const N: usize>: Chain {
    /// The link.
    type Part: Chain;
    /// What follows it: a later link of the row, or what follows the row.
    type After<'a, T: Rest>: Rest;
    /// The link.
    fn part(&self) -> &Self::Part;
    /// What follows it.
    fn after<T: Rest>(&self, tail: T) -> Self::After<'_, T>;
}

/// What follows a link of a row: the link with a number and those after it, then the tail.
#[derive(Debug)]
pub(crate) struct FromNth<'a, R, const N: usize, T> {
    row: &'a R,
    tail: T,
}

rest_is_copy!([R, const N: usize, T] FromNth<'_, R, N, T>, T);

impl<R: Nth<N>, const N: usize, T: Rest> Rest for FromNth<'_, R, N, T> {
    #[inline]
    fn in_route(self) -> bool {
        self.tail.in_route()
    }

    #[inline]
    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        self.row.part().run(req, res, self.row.after(self.tail))
    }

    #[inline]
    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        <R::Part as Chain>::OnError::detour(self.row.part(), why, req, res, self.row.after(self.tail))
    }
}

#[inline]
fn collect<R: Nth<N>, const N: usize, T: Rest>() {
    R::Part::collect::<R::After<'static, T>>();
}

macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident [$($all:ident)+]: $($name:ident $n:tt $after:tt)+;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $row<$($all,)+ Errors> {
            pub(crate) links: ($($all,)+),
            pub(crate) on_error: PhantomData<fn() -> Errors>,
        }

        impl<$($all: Chain,)+ Errors: OnError> Chain for $row<$($all,)+ Errors> {
            type OnError = Errors;

            #[inline]
            fn run<T: Rest>(
                &self,
                req: &mut Request,
                res: &mut Response,
                tail: T,
            ) -> impl Future<Output = Done> + Send {
                Nth::<0>::part(self).run(req, res, Nth::<0>::after(self, tail))
            }

            #[inline]
            fn detour<T: Rest>(
                &self,
                why: Detour,
                req: &mut Request,
                res: &mut Response,
                tail: T,
            ) -> impl Future<Output = Done> + Send + Unpin {
                <<Self as Nth<0>>::Part as Chain>::OnError::detour(
                    Nth::<0>::part(self), why, req, res, Nth::<0>::after(self, tail),
                )
            }

            fn answers(&self, req: &mut Request) -> bool {
                false $(|| self.links.$n.answers(req))+
            }

            fn describe(&self, tree: &mut Tree<'_>) {
                $(self.links.$n.describe(tree);)+
            }

            #[inline]
            fn collect<T: Rest>() {
                rows!(@collect $($n)+);
            }
        }

        rows!(@links $row [$($all)+] $($name $n $after)+);
    )* };
    (@collect $first:tt $($rest:tt)*) => {
        rows!(@collect $($rest)*);
        collect::<Self, $first, T>();
    };
    (@collect) => {};
    (@links $row:ident $all:tt $($name:ident $n:tt $after:tt)+) => { $(
        rows!(@link $row $all $name $n $after);
    )+ };
    (@link $row:ident [$($all:ident)+] $name:ident $n:tt []) => {
        impl<$($all: Chain,)+ Errors: OnError> Nth<$n> for $row<$($all,)+ Errors> {
            type Part = $name;
            type After<'a, T: Rest> = T;
            #[inline]
            fn part(&self) -> &$name {
                &self.links.$n
            }
            #[inline]
            fn after<T: Rest>(&self, tail: T) -> T {
                tail
            }
        }
    };
    (@link $row:ident [$($all:ident)+] $name:ident $n:tt [$after:literal]) => {
        impl<$($all: Chain,)+ Errors: OnError> Nth<$n> for $row<$($all,)+ Errors> {
            type Part = $name;
            type After<'a, T: Rest> = FromNth<'a, Self, $after, T>;
            #[inline]
            fn part(&self) -> &$name {
                &self.links.$n
            }
            #[inline]
            fn after<T: Rest>(&self, tail: T) -> FromNth<'_, Self, $after, T> {
                FromNth { row: self, tail }
            }
        }
    };
}
rows! {
    /// Two links.
    Row2 [A B]: A 0 [1] B 1 [];
    /// Three.
    Row3 [A B C]: A 0 [1] B 1 [2] C 2 [];
    /// Four.
    Row4 [A B C D]: A 0 [1] B 1 [2] C 2 [3] D 3 [];
    /// Five.
    Row5 [A B C D E]: A 0 [1] B 1 [2] C 2 [3] D 3 [4] E 4 [];
    /// Six.
    Row6 [A B C D E F]: A 0 [1] B 1 [2] C 2 [3] D 3 [4] E 4 [5] F 5 [];
    /// Seven.
    Row7 [A B C D E F G]: A 0 [1] B 1 [2] C 2 [3] D 3 [4] E 4 [5] F 5 [6] G 6 [];
    /// Eight.
    Row8 [A B C D E F G H]: A 0 [1] B 1 [2] C 2 [3] D 3 [4] E 4 [5] F 5 [6] G 6 [7] H 7 [];
}
