//! A stack that is written in the list of another: `app![a, stack![b, c]]`.

use super::entry::Entry;
use super::join::{Nested, Single, nested, single};
use super::kinds::{Inner, Optional};
use super::list::{List, Router};
use crate::chain::Chain;
use crate::chain::either::{OptionalChain, optional_chain};
use crate::chain::mount::{Prefix, RouterScope, Scope};
use crate::provide::proof::{InRouter, InStack, Under};
use crate::route::pattern::{Options, Pattern};

/// A stack that stands in another where it is written, so that its place need not be declared.
#[derive(Debug)]
pub struct Inline<S>(S);

/// By [`Inline`].
#[derive(Debug)]
pub struct ByInline;

/// The stacks that may stand in a list, each with its chain, its scope, what the checks know of it, and what it declares.
macro_rules! by_inline {
    ($([$($param:ident $(: $bound:ident)?),*] $stack:ty, $chain:ty, $scope:ident, $known:ty, $built:ty, $declares:ty, $this:ident => $parts:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($param $(: $bound)?,)* C: Chain> Entry<ByInline> for Inline<$stack> {
            type Segment = Single<Nested<$chain, $scope>>;
            type Mounted = Self::Segment;
            type Known = $known;
            type Built = $built;
            type Declares = $declares;
            fn entry(self) -> Self::Segment {
                let $this = self.0;
                let (chain, merge_params) = $parts;
                single(nested(Prefix::ANY.merging(merge_params), chain))
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                let $this = self.0;
                let (chain, merge_params) = $parts;
                single(nested(Prefix::new(path, options).merging(merge_params), chain))
            }
        }

        impl<$($param $(: $bound)?,)* C> WrittenHere for $stack {}
    )* };
}
by_inline! {
    [B, D, K, L] Router<B, D, (K, L), C>, C, RouterScope, K, L, InRouter<B>, this => (this.chain, this.merge_params);
    [B, D, K, L] Option<Router<B, D, (K, L), C>>,
        OptionalChain<C>, RouterScope, Optional<K>, Optional<L>, InRouter<B>, this => {
        let merge_params = this.as_ref().is_some_and(|this| this.merge_params);
        (optional_chain(this.map(|this| this.chain)), merge_params)
    };
    [B, Y, D, K, L, S: Scope] List<B, Y, D, (K, L), C, S>,
        C, S, Inner<K>, Inner<L>, InStack<B, Y>, this => (this.chain, false);
    [B, Y, D, K, L, S: Scope] Option<List<B, Y, D, (K, L), C, S>>,
        OptionalChain<C>, S, Optional<Inner<K>>, Optional<Inner<L>>, Under<InStack<B, Y>>, this =>
        (optional_chain(this.map(|this| this.chain)), false);
}

/// Tells a stack that stands where it is written from all other entries. An inherent method goes before a trait's, so
/// `Form(&entry).form()` is the one above for those, and [`Listable::form`] for all others; a trait alone could not
/// decide, as long as the stack's place is still to be inferred.
#[derive(Debug)]
pub struct Form<'a, E>(pub &'a E);

impl<S: WrittenHere> Form<'_, S> {
    /// To the place where it stands.
    pub fn form(&self) -> Place {
        Place
    }
}

/// A stack whose type leaves its place open.
pub trait WrittenHere {}

/// An entry as it is.
#[derive(Debug)]
pub struct AsItIs;

/// A stack at its place.
#[derive(Debug)]
pub struct Place;

/// For all other entries.
pub trait Listable {
    /// As it is.
    fn form(&self) -> AsItIs {
        AsItIs
    }
}

impl<E> Listable for Form<'_, E> {}

impl AsItIs {
    /// The entry.
    pub fn of<E>(self, entry: E) -> E {
        entry
    }
}

impl Place {
    /// The entry.
    pub fn of<E>(self, entry: E) -> Inline<E> {
        Inline(entry)
    }
}
