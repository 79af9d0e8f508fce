//! Where a list is cut, so that neither its futures nor their types nest deeper than the compiler follows.
//!
//! There are two depths, and a default limit of 128 on each:
//!
//! * Layouts in layouts. A coroutine holds those that it awaits, and a link without one is a struct around the
//!   rest's future. It is about five levels for an async layer and two for a struct; beyond the limit rustc says
//!   "queries overflow the depth limit". A box ends it: below every [`Cut`] the count begins anew.
//! * Types in types. A link without a coroutine has a type in which the type of the rest's future is written out;
//!   beyond the limit rustc says "overflow normalizing the opaque type". A coroutine ends it, since its type is
//!   opaque: that is [`Hold`].
//!
//! [`Count`] keeps both counts in a type while a stack is folded, from its end.

use std::marker::PhantomData;

use super::prepend::Prepend;
use crate::chain::Chain;
use crate::chain::cut::{Cut, Hold};

/// How deep what follows is, from its front: `Coroutines` down to the next box, `Structs` down to the next coroutine.
#[derive(Debug)]
pub struct Count<Coroutines, Structs>(PhantomData<(Coroutines, Structs)>);

/// The depth of a chain without links.
pub(crate) type Zero = Count<N0, N0>;

/// A link with a coroutine.
#[derive(Debug)]
pub struct WithCoroutine;

/// A link without one.
#[derive(Debug)]
pub struct WithoutCoroutine;

/// Adds a link of a certain weight to the depth of what follows it.
pub trait Add<Weight> {
    /// What has to stand between the two.
    type Between;
    /// The depth with the link in front.
    type Sum;
}

/// What stands between a link and what follows it, if anything does.
pub trait Insert<After> {
    /// What follows, with it in front.
    type Out: Chain;
    /// Puts it in front.
    fn insert(after: After) -> Self::Out;
}

impl<After: Chain> Insert<After> for () {
    type Out = After;
    fn insert(after: After) -> After {
        after
    }
}

impl<After: Prepend<Cut>> Insert<After> for Cut {
    type Out = After::Out;
    fn insert(after: After) -> After::Out {
        after.prepend(Cut)
    }
}

impl<After: Prepend<Hold>> Insert<After> for Hold {
    type Out = After::Out;
    fn insert(after: After) -> After::Out {
        after.prepend(Hold)
    }
}

impl<After: Prepend<Hold, Out: Prepend<Cut>>> Insert<After> for (Cut, Hold) {
    type Out = <After::Out as Prepend<Cut>>::Out;
    fn insert(after: After) -> Self::Out {
        after.prepend(Hold).prepend(Cut)
    }
}

macro_rules! add {
    ($($weight:ty, [$($param:ident)?] $count:ty => $between:ty, $then:ty;)*) => { $(
        impl<$($param)?> Add<$weight> for $count {
            type Between = $between;
            type Sum = $then;
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
add! {
    WithCoroutine, [S] Count<N0, S> => (), Count<N1, N0>;
    WithCoroutine, [S] Count<N1, S> => (), Count<N2, N0>;
    WithCoroutine, [S] Count<N2, S> => (), Count<N3, N0>;
    WithCoroutine, [S] Count<N3, S> => (), Count<N4, N0>;
    WithCoroutine, [S] Count<N4, S> => Cut, Count<N1, N0>;
}

// Six structs, then a coroutine, which counts as one. At most thirty stand between two boxes.
add! {
    WithoutCoroutine, [K] Count<K, N0> => (), Count<K, N1>;
    WithoutCoroutine, [K] Count<K, N1> => (), Count<K, N2>;
    WithoutCoroutine, [K] Count<K, N2> => (), Count<K, N3>;
    WithoutCoroutine, [K] Count<K, N3> => (), Count<K, N4>;
    WithoutCoroutine, [K] Count<K, N4> => (), Count<K, N5>;
    WithoutCoroutine, [K] Count<K, N5> => (), Count<K, N6>;
    WithoutCoroutine, [] Count<N0, N6> => Hold, Count<N1, N1>;
    WithoutCoroutine, [] Count<N1, N6> => Hold, Count<N2, N1>;
    WithoutCoroutine, [] Count<N2, N6> => Hold, Count<N3, N1>;
    WithoutCoroutine, [] Count<N3, N6> => Hold, Count<N4, N1>;
    WithoutCoroutine, [] Count<N4, N6> => (Cut, Hold), Count<N0, N1>;
}
