//! How a link comes in front of what follows it: in a row with that, until the row has eight.

use std::marker::PhantomData;

use crate::chain::cut::{Cut, Hold};
use crate::chain::group::Group;
use crate::chain::layer::Layer;
use crate::chain::link::{Both, Catch, Link};
use crate::chain::list::{End, Then};
use crate::chain::mount::{Mount, Scope};
use crate::chain::plain::{PlainLink, Steps};
use crate::chain::routes::Switch;
use crate::chain::row::{Row2, Row3, Row4, Row5, Row6, Row7, Row8};
use crate::chain::{Chain, OnError};

/// What follows a link, with the link in front.
pub trait Prepend<Before>: Chain {
    /// Both.
    type Out: Chain;
    /// Puts it in front.
    fn prepend(self, before: Before) -> Self::Out;
}

impl<Before: Chain> Prepend<Before> for End {
    type Out = Before;
    fn prepend(self, before: Before) -> Before {
        before
    }
}

/// A row with one link more.
macro_rules! longer {
    ($($row:ident [$($all:ident)+] $longer:ident;)*) => { $(
        impl<Before: Chain, $($all: Chain,)+ Errors: OnError> Prepend<Before> for $row<$($all,)+ Errors> {
            type Out = $longer<Before, $($all,)+ <Before::OnError as OnError>::Or<Errors>>;
            #[allow(non_snake_case, reason = "the types' names stand for the links")]
            fn prepend(self, before: Before) -> Self::Out {
                let ($($all,)+) = self.links;
                $longer { links: (before, $($all,)+), on_error: PhantomData }
            }
        }
    )* };
}
longer! {
    Row2 [A B] Row3;
    Row3 [A B C] Row4;
    Row4 [A B C D] Row5;
    Row5 [A B C D E] Row6;
    Row6 [A B C D E F] Row7;
    Row7 [A B C D E F G] Row8;
}

/// What a link makes with another, or with a row that is full.
type Pair<A, B> = Row2<A, B, <<A as Chain>::OnError as OnError>::Or<<B as Chain>::OnError>>;

const fn pair<A: Chain, B: Chain>(a: A, b: B) -> Pair<A, B> {
    Row2 { links: (a, b), on_error: PhantomData }
}

/// A row of two: what follows is a link, a branch, or a row that is full.
macro_rules! pairs {
    ($([$($param:ident: $bound:ident),*] $chain:ty;)*) => { $(
        impl<$($param: $bound,)* Before: Chain> Prepend<Before> for $chain {
            type Out = Pair<Before, Self>;
            fn prepend(self, before: Before) -> Self::Out {
                pair(before, self)
            }
        }
    )* };
}
pairs! {
    [S: Steps] PlainLink<S>;
    [G: Group] Switch<G>;
    [L: Layer] Link<L>;
    [L: Layer] Catch<L>;
    [L: Layer] Both<L>;
    [I: Chain, S: Scope] Mount<I, S>;
    [A: Chain, B: Chain, E: OnError] Then<A, B, E>;
    [A: Chain, B: Chain, C: Chain, D: Chain, E: Chain, F: Chain, G: Chain, H: Chain, Errors: OnError] Row8<A, B, C, D, E, F, G, H, Errors>;
    [] Cut;
    [] Hold;
}
