//! The handlers of a run of routes: a balanced tree that calls the one with a given number.
//!
//! The futures of a node's branches are one enum. Eight routes are one node, since each node is code that every user
//! compiles: a future, what drops it, what pins its branches.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::tree::Tree;
use crate::route::info::Info;
use crate::{Request, Response, Result};

/// A run of routes, or a part of it.
pub trait Group: Send + Sync + 'static {
    /// How many they are.
    const LEN: usize;

    /// What is known of each.
    const INFOS: Infos;

    /// Calls one of them.
    fn call<'a>(
        &'a self,
        index: usize,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a;

    /// Adds a line for each.
    fn describe(&self, tree: &mut Tree<'_>);

    /// As [`Chain::collect`](super::Chain::collect), for the stacks of the routes.
    fn collect();
}

/// What is known of the routes of a group, in order.
#[derive(Debug)]
pub enum Infos {
    One(&'static Info),
    All(&'static [&'static Infos]),
}

impl Infos {
    pub(crate) fn collect(&self, out: &mut Vec<&'static Info>) {
        match self {
            Infos::One(info) => out.push(info),
            Infos::All(all) => all.iter().for_each(|infos| infos.collect(out)),
        }
    }
}

/// Two neighbours become one group.
pub trait Merge<B> {
    /// The group.
    type Out;
    /// Makes it.
    fn merge(self, after: B) -> Self::Out;
}

/// A single route.
#[derive(Debug)]
pub struct Solo<A>(pub(crate) A);

impl<A: Group> Group for Solo<A> {
    const LEN: usize = 1;
    const INFOS: Infos = A::INFOS;

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

macro_rules! nodes {
    ($(#[$doc:meta] $node:ident($($name:ident $field:tt),+) $any:ident, $last:ident $last_field:tt;)*) => { $(
        #[$doc]
        #[derive(Debug)]
        pub struct $node<$($name,)+ $last>($(pub(crate) $name,)+ pub(crate) $last);

        impl<$($name: Group,)+ $last: Group> Group for $node<$($name,)+ $last> {
            const LEN: usize = $($name::LEN +)+ $last::LEN;
            const INFOS: Infos = Infos::All(&[$(&$name::INFOS,)+ &$last::INFOS]);

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

        pin_project_lite::pin_project! {
            /// The future of one of them.
            #[project = Projected]
            pub(crate) enum $any<$($name,)+ $last> {
                $($name { #[pin] future: $name },)+
                $last { #[pin] future: $last },
            }
        }

        impl<$($name: Future<Output = Result>,)+ $last: Future<Output = Result>> Future for $any<$($name,)+ $last> {
            type Output = Result;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result> {
                match self.project() {
                    $(Projected::$name { future } => future.poll(cx),)+
                    Projected::$last { future } => future.poll(cx),
                }
            }
        }
    )* };
}

/// Each in a module of its own, for the names that the projections have.
mod two {
    use super::{Context, Group, Infos, Pin, Poll, Request, Response, Result, Tree};
    nodes! {
        /// Two groups.
        Fork(A 0) Either, B 1;
    }
}
mod four {
    use super::{Context, Group, Infos, Pin, Poll, Request, Response, Result, Tree};
    nodes! {
        /// Four routes.
        Quad(A 0, B 1, C 2) Any4, D 3;
    }
}
mod eight {
    use super::{Context, Group, Infos, Pin, Poll, Request, Response, Result, Tree};
    nodes! {
        /// Eight routes.
        Oct(A 0, B 1, C 2, D 3, E 4, F 5, G 6) Any8, H 7;
    }
}

pub(crate) use self::eight::Oct;
pub(crate) use self::four::Quad;
pub(crate) use self::two::Either;
pub(crate) use self::two::Fork;

/// Two routes.
#[derive(Debug)]
pub struct Duo<A, B>(pub(crate) Fork<A, B>);

impl<A: Group, B: Group> Group for Duo<A, B> {
    const LEN: usize = Fork::<A, B>::LEN;
    const INFOS: Infos = Fork::<A, B>::INFOS;

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
        Fork::<A, B>::collect();
    }
}

impl<A, B> Merge<Solo<B>> for Solo<A> {
    type Out = Duo<A, B>;
    fn merge(self, after: Solo<B>) -> Self::Out {
        Duo(Fork(self.0, after.0))
    }
}

impl<A, B, C, D> Merge<Duo<C, D>> for Duo<A, B> {
    type Out = Quad<A, B, C, D>;
    fn merge(self, after: Duo<C, D>) -> Self::Out {
        Quad(self.0.0, self.0.1, after.0.0, after.0.1)
    }
}

impl<A, B, C, D, E, F, G, H> Merge<Quad<E, F, G, H>> for Quad<A, B, C, D> {
    type Out = Oct<A, B, C, D, E, F, G, H>;
    fn merge(self, after: Quad<E, F, G, H>) -> Self::Out {
        Oct(self.0, self.1, self.2, self.3, after.0, after.1, after.2, after.3)
    }
}

/// All other pairs.
macro_rules! forks {
    ($($before:tt $after:tt;)*) => { $(forks!(@one $before $after);)* };
    (@one [$a:ident $($p:ident)+] [$b:ident $($q:ident)+]) => {
        impl<$($p,)+ $($q,)+> Merge<$b<$($q),+>> for $a<$($p),+> {
            type Out = Fork<Self, $b<$($q),+>>;
            fn merge(self, after: $b<$($q),+>) -> Self::Out {
                Fork(self, after)
            }
        }
    };
}
forks! {
    [Solo A] [Duo Q R];
    [Solo A] [Quad Q R S T];
    [Solo A] [Oct Q R S T U V W X];
    [Solo A] [Fork Q R];
    [Duo A B] [Solo Q];
    [Duo A B] [Quad Q R S T];
    [Duo A B] [Oct Q R S T U V W X];
    [Duo A B] [Fork Q R];
    [Quad A B C D] [Solo Q];
    [Quad A B C D] [Duo Q R];
    [Quad A B C D] [Oct Q R S T U V W X];
    [Quad A B C D] [Fork Q R];
    [Oct A B C D E F G H] [Solo Q];
    [Oct A B C D E F G H] [Duo Q R];
    [Oct A B C D E F G H] [Quad Q R S T];
    [Oct A B C D E F G H] [Oct Q R S T U V W X];
    [Oct A B C D E F G H] [Fork Q R];
    [Fork A B] [Solo Q];
    [Fork A B] [Duo Q R];
    [Fork A B] [Quad Q R S T];
    [Fork A B] [Oct Q R S T U V W X];
    [Fork A B] [Fork Q R];
}
