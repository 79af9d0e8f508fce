//! The handlers of a run of routes: a balanced tree that calls the one with a given number.
//!
//! The futures of a node's branches are one enum. Eight routes are one node, since each node is code that every user
//! compiles: a future, what drops it, what pins its branches.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::tree::Tree;
use crate::{Request, Response, Result};

/// A run of routes, or a part of it.
pub trait Group: Send + Sync + 'static {
    /// How many they are.
    const LEN: usize;

    /// Calls one of them.
    fn call<'a>(
        &'a self,
        index: usize,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a;

    /// Adds each, in order.
    fn describe(&self, tree: &mut Tree<'_>);

    /// As [`Chain::collect`](super::Chain::collect), for the stacks of the routes.
    #[inline]
    fn collect() {}
}

/// A single route.
#[derive(Debug)]
pub struct Solo<A>(pub(crate) A);

impl<A: Group> Group for Solo<A> {
    const LEN: usize = 1;

    #[inline]
    fn call<'a>(
        &'a self,
        index: usize,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a {
        self.0.call(index, req, res)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.0.describe(tree);
    }

    #[inline]
    fn collect() {
        A::collect();
    }
}

/// The nodes of the tree, each with the future of one of its branches.
macro_rules! nodes {
    ($($(#[$doc:meta])* $node:ident($($name:ident $field:tt),+; $last:ident $last_field:tt): $any:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $node<$($name,)+ $last>($(pub(crate) $name,)+ pub(crate) $last);

        impl<$($name: Group,)+ $last: Group> Group for $node<$($name,)+ $last> {
            const LEN: usize = $($name::LEN +)+ $last::LEN;

            #[inline]
            fn call<'a>(
                &'a self,
                mut index: usize,
                req: &'a mut Request,
                res: &'a mut Response,
            ) -> impl Future<Output = Result> + Send + 'a {
                $(
                    if index < $name::LEN {
                        return $any::$name { future: self.$field.call(index, req, res) };
                    }
                    index -= $name::LEN;
                )+
                $any::$last { future: self.$last_field.call(index, req, res) }
            }

            fn describe(&self, tree: &mut Tree<'_>) {
                $(self.$field.describe(tree);)+
                self.$last_field.describe(tree);
            }

            #[inline]
            fn collect() {
                $($name::collect();)+
                $last::collect();
            }
        }
    )* };
}
nodes! {
    /// Two groups.
    Fork(A 0; B 1): AnyOf2;
    /// Two routes. Unlike a [`Fork`] it becomes a [`Quad`] with another two.
    Duo(A 0; B 1): AnyOf2;
    /// Four routes.
    Quad(A 0, B 1, C 2; D 3): AnyOf4;
    /// Eight routes.
    Oct(A 0, B 1, C 2, D 3, E 4, F 5, G 6; H 7): AnyOf8;
}

/// The future of one of several.
macro_rules! any_of {
    ($($any:ident($($name:ident),+) $projected:ident;)*) => { $(
        pin_project_lite::pin_project! {
            /// The future of one of them.
            #[project = $projected]
            pub(crate) enum $any<$($name),+> {
                $($name { #[pin] future: $name },)+
            }
        }

        impl<$($name: Future<Output = Result>),+> Future for $any<$($name),+> {
            type Output = Result;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
                match self.project() {
                    $($projected::$name { future } => future.poll(cx),)+
                }
            }
        }
    )* };
}
any_of! {
    AnyOf2(A, B) ProjectedOf2;
    AnyOf4(A, B, C, D) ProjectedOf4;
    AnyOf8(A, B, C, D, E, F, G, H) ProjectedOf8;
}
