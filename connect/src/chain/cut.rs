//! Where a chain is cut, so that neither its futures nor their types nest deeper than the compiler follows.
//!
//! There are two depths, and a default limit of 128 on each:
//!
//! * Layouts in layouts. A coroutine holds those that it awaits, and a link without one is a struct around the
//!   rest's future. It is about five levels for an async layer and two for a struct; beyond the limit rustc says
//!   "queries overflow the depth limit". A box ends it: below every [`Cut`] the count begins anew.
//! * Types in types. A link without a coroutine has a type in which the type of the rest's future is written out;
//!   beyond the limit rustc says "overflow normalizing the opaque type". A coroutine ends it, since nobody looks
//!   into one: that is [`Hold`].
//!
//! [`Count`] keeps both counts in a type while a stack is folded.

use std::marker::PhantomData;

use super::done::{Detour, Done};
use super::outlined::Outlined;
use super::tree::Tree;
use super::{Chain, Rest};
use crate::{Request, Response};

/// A typed cut: what follows runs in a box of its own. There is no `dyn` in it.
#[derive(Debug)]
pub struct Cut<C>(C);

/// A coroutine around what follows.
#[derive(Debug)]
pub struct Hold<C>(C);

impl<C: Chain> Chain for Cut<C> {
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        // The box first, so that the future is made in it and not copied.
        let place = Box::new_uninit();
        Outlined(Box::into_pin(Box::write(place, self.0.run(req, res, tail))))
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        self.0.detour(why, req, res, tail)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.0.describe(tree);
    }
}

impl<C: Chain> Chain for Hold<C> {
    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        async move { self.0.run(req, res, tail).await }
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        self.0.detour(why, req, res, tail)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.0.describe(tree);
    }
}

/// How deep a chain is from its front: `Coroutines` down to the next box, `Structs` down to the next coroutine.
#[derive(Debug)]
pub struct Count<Coroutines, Structs>(PhantomData<(Coroutines, Structs)>);

/// The count of a chain without links.
pub(crate) type Nothing = Count<N0, N0>;

/// A link with a coroutine.
#[derive(Debug)]
pub struct Waits;

/// A link without one.
#[derive(Debug)]
pub struct Direct;

/// Puts a link of a certain weight in front of a chain of a certain depth.
pub trait Spend<Weight> {
    /// The chain, cut or not.
    type Rest<C: Chain>: Chain;
    /// The depth with the link in front.
    type Then;
    /// Cuts it, or not.
    fn rest<C: Chain>(chain: C) -> Self::Rest<C>;
}

macro_rules! spend {
    ($($weight:ty, [$($param:ident)?] $count:ty => $wrapped:ty, $then:ty, $make:expr;)*) => { $(
        impl<$($param)?> Spend<$weight> for $count {
            type Rest<C: Chain> = $wrapped;
            type Then = $then;
            fn rest<C: Chain>(chain: C) -> $wrapped {
                $make(chain)
            }
        }
    )* };
}

macro_rules! numbers {
    ($($number:ident)*) => { $(
        #[doc = "A number in a type."]
        #[derive(Debug)]
        pub struct $number;
    )* };
}
numbers!(N0 N1 N2 N3 N4 N5 N6);

use std::convert::identity as as_it_is;

// Four coroutines, then a box.
spend! {
    Waits, [S] Count<N0, S> => C, Count<N1, N0>, as_it_is;
    Waits, [S] Count<N1, S> => C, Count<N2, N0>, as_it_is;
    Waits, [S] Count<N2, S> => C, Count<N3, N0>, as_it_is;
    Waits, [S] Count<N3, S> => C, Count<N4, N0>, as_it_is;
    Waits, [S] Count<N4, S> => Cut<C>, Count<N1, N0>, Cut;
}

// Six structs, then a coroutine, which counts as one. At most thirty stand between two boxes.
spend! {
    Direct, [K] Count<K, N0> => C, Count<K, N1>, as_it_is;
    Direct, [K] Count<K, N1> => C, Count<K, N2>, as_it_is;
    Direct, [K] Count<K, N2> => C, Count<K, N3>, as_it_is;
    Direct, [K] Count<K, N3> => C, Count<K, N4>, as_it_is;
    Direct, [K] Count<K, N4> => C, Count<K, N5>, as_it_is;
    Direct, [K] Count<K, N5> => C, Count<K, N6>, as_it_is;
    Direct, [] Count<N0, N6> => Hold<C>, Count<N1, N1>, Hold;
    Direct, [] Count<N1, N6> => Hold<C>, Count<N2, N1>, Hold;
    Direct, [] Count<N2, N6> => Hold<C>, Count<N3, N1>, Hold;
    Direct, [] Count<N3, N6> => Hold<C>, Count<N4, N1>, Hold;
    Direct, [] Count<N4, N6> => Cut<Hold<C>>, Count<N0, N1>, |chain| Cut(Hold(chain));
}
