//! Where a list is cut, so that neither its futures nor their types nest deeper than the compiler follows.
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
//! [`Count`] keeps both counts in a type while a stack is folded, from its end.

use std::marker::PhantomData;

use super::collect;
use super::done::{Detour, Done};
use super::list::Behind;
use super::outlined::Outlined;
use super::tree::Tree;
use super::{Boxes, Chain, Rest};
use crate::{Request, Response};

/// A typed cut: what follows runs in a box of its own. There is no `dyn` in it.
#[derive(Debug)]
pub struct Cut;

/// A coroutine around what follows.
#[derive(Debug)]
pub struct Hold;

/// A future in a box, with its type.
// The box first, so that the future is made in it and not copied.
#[inline]
pub(super) fn apart<F: Future<Output = Done>>(make: impl FnOnce() -> F) -> Outlined<std::pin::Pin<Box<F>>> {
    Outlined(Box::into_pin(Box::write(Box::new_uninit(), make())))
}

macro_rules! cuts {
    ($($cut:ident: |$tail:ident, $req:ident, $res:ident| $run:expr, $collect:expr;)*) => { $(
        impl Chain for $cut {
            type OnError = Boxes;

            #[inline]
            fn run<T: Rest>(
                &self,
                $req: &mut Request,
                $res: &mut Response,
                $tail: T,
            ) -> impl Future<Output = Done> + Send {
                $run
            }

            #[inline]
            fn detour<T: Rest>(
                &self,
                why: Detour,
                req: &mut Request,
                res: &mut Response,
                tail: T,
            ) -> impl Future<Output = Done> + Send + Unpin {
                tail.detour(why, req, res)
            }

            fn answers(&self, _: &mut Request) -> bool {
                false
            }

            fn describe(&self, _: &mut Tree<'_>) {}

            #[inline]
            fn collect<T: Rest>() {
                $collect
            }
        }
    )* };
}
cuts! {
    Cut: |tail, req, res| apart(|| tail.run(req, res)), collect::normal::<T>();
    Hold: |tail, req, res| async move { tail.run(req, res).await }, {};
}

/// How deep what follows is, from its front: `Coroutines` down to the next box, `Structs` down to the next coroutine.
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

/// Puts a link of a certain weight in front of what has a certain depth.
pub trait Spend<Weight> {
    /// What has to stand between the two.
    type Between;
    /// The depth with the link in front.
    type Then;
}

/// What stands between a link and what follows it, if anything.
pub trait InFront<After> {
    /// What follows, with it in front.
    type Out: Chain;
    /// Puts it there.
    fn in_front(after: After) -> Self::Out;
}

impl<After: Chain> InFront<After> for () {
    type Out = After;
    fn in_front(after: After) -> After {
        after
    }
}

impl<After: Behind<Cut>> InFront<After> for Cut {
    type Out = After::Out;
    fn in_front(after: After) -> After::Out {
        after.behind(Cut)
    }
}

impl<After: Behind<Hold>> InFront<After> for Hold {
    type Out = After::Out;
    fn in_front(after: After) -> After::Out {
        after.behind(Hold)
    }
}

impl<After: Behind<Hold, Out: Behind<Cut>>> InFront<After> for (Cut, Hold) {
    type Out = <After::Out as Behind<Cut>>::Out;
    fn in_front(after: After) -> Self::Out {
        after.behind(Hold).behind(Cut)
    }
}

macro_rules! spend {
    ($($weight:ty, [$($param:ident)?] $count:ty => $between:ty, $then:ty;)*) => { $(
        impl<$($param)?> Spend<$weight> for $count {
            type Between = $between;
            type Then = $then;
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

// Four coroutines, then a box.
spend! {
    Waits, [S] Count<N0, S> => (), Count<N1, N0>;
    Waits, [S] Count<N1, S> => (), Count<N2, N0>;
    Waits, [S] Count<N2, S> => (), Count<N3, N0>;
    Waits, [S] Count<N3, S> => (), Count<N4, N0>;
    Waits, [S] Count<N4, S> => Cut, Count<N1, N0>;
}

// Six structs, then a coroutine, which counts as one. At most thirty stand between two boxes.
spend! {
    Direct, [K] Count<K, N0> => (), Count<K, N1>;
    Direct, [K] Count<K, N1> => (), Count<K, N2>;
    Direct, [K] Count<K, N2> => (), Count<K, N3>;
    Direct, [K] Count<K, N3> => (), Count<K, N4>;
    Direct, [K] Count<K, N4> => (), Count<K, N5>;
    Direct, [K] Count<K, N5> => (), Count<K, N6>;
    Direct, [] Count<N0, N6> => Hold, Count<N1, N1>;
    Direct, [] Count<N1, N6> => Hold, Count<N2, N1>;
    Direct, [] Count<N2, N6> => Hold, Count<N3, N1>;
    Direct, [] Count<N3, N6> => Hold, Count<N4, N1>;
    Direct, [] Count<N4, N6> => (Cut, Hold), Count<N0, N1>;
}
