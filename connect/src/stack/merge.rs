//! Merging: how two neighbouring runs of one kind become one run.
//!
//! Plain layers become a sequence. Routes become a [`Group`](crate::chain::group::Group): two, four and eight of them one node, and
//! all other pairs a [`Fork`].

use crate::chain::group::{Duo, Fork, Oct, Quad, Solo};
use crate::chain::plain::{Seq, Step};

/// Combines two neighbouring runs of one kind.
pub trait Merge<B> {
    /// The longer run.
    type Out;
    /// Combines them.
    fn merge(self, after: B) -> Self::Out;
}

impl<L, B> Merge<B> for Step<L> {
    type Out = Seq<Self, B>;
    fn merge(self, after: B) -> Self::Out {
        Seq(self, after)
    }
}

impl<A, C, B> Merge<B> for Seq<A, C> {
    type Out = Seq<Self, B>;
    fn merge(self, after: B) -> Self::Out {
        Seq(self, after)
    }
}

impl<A, B> Merge<Solo<B>> for Solo<A> {
    type Out = Duo<A, B>;
    fn merge(self, after: Solo<B>) -> Self::Out {
        Duo(self.0, after.0)
    }
}

impl<A, B, C, D> Merge<Duo<C, D>> for Duo<A, B> {
    type Out = Quad<A, B, C, D>;
    fn merge(self, after: Duo<C, D>) -> Self::Out {
        Quad(self.0, self.1, after.0, after.1)
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
