//! A list of links as a tree, what follows a link in it, and how a link comes in front of that.
//!
//! No link holds what comes after it: it is handed along, as references ([`After`]). So a list is a tree of [`Then`]s with
//! [rows](super::row) of links for leaves, and not one link around the next. That is for rustc, which proves what it has
//! to know of a chain from type to type, and generates code from function to function; the default recursion limit ends
//! either at a depth of 128.

use std::marker::PhantomData;

use super::done::{Detour, Done};
use super::{Chain, Ignores, OnError, Rest, rest_is_copy};
use crate::erased::debug::{collect_part, detour_part, run_part};
use crate::tree::Tree;
use crate::{Request, Response};

/// Two parts of a list, one after the other. `E` says of both what [`OnError`] says of a part: it stands in the type, so
/// that rustc need not find it out part by part.
#[derive(Debug)]
pub struct Then<A, B, E> {
    first: A,
    second: B,
    on_error: PhantomData<fn() -> E>,
}

/// What [`then`] makes of the two.
pub(crate) type OneThen<A, B> = Then<A, B, <<A as Chain>::OnError as OnError>::Or<<B as Chain>::OnError>>;

/// Puts two parts into a list.
pub(crate) const fn then<A: Chain, B: Chain>(first: A, second: B) -> OneThen<A, B> {
    Then { first, second, on_error: PhantomData }
}

impl<A, B, E> Then<A, B, E> {
    pub(super) fn second(&self) -> &B {
        &self.second
    }
}

/// No links.
#[derive(Debug)]
pub struct End;

/// What follows a part of a list: the next part, then the tail.
#[derive(Debug)]
pub(crate) struct After<'a, B, T> {
    next: &'a B,
    tail: T,
}

rest_is_copy!([B, T] After<'_, B, T>, T);

impl<B: Chain, T: Rest> Rest for After<'_, B, T> {
    #[inline]
    fn in_route(self) -> bool {
        self.tail.in_route()
    }

    #[inline]
    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        self.next.run(req, res, self.tail)
    }

    #[inline]
    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        B::OnError::detour(self.next, why, req, res, self.tail)
    }
}

impl<A: Chain, B: Chain, E: OnError> Chain for Then<A, B, E> {
    type OnError = E;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        run_part(&self.first, req, res, After { next: &self.second, tail })
    }

    #[inline]
    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        detour_part(&self.first, why, req, res, After { next: &self.second, tail })
    }

    fn answers(&self, req: &mut Request) -> bool {
        self.first.answers(req) || self.second.answers(req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        self.first.describe(tree);
        self.second.describe(tree);
    }

    #[inline]
    fn collect<T: Rest>() {
        B::collect::<T>();
        collect_part::<A, After<'static, B, T>>();
    }
}

impl Chain for End {
    type OnError = Ignores;

    fn answers(&self, _: &mut Request) -> bool {
        false
    }

    fn describe(&self, _: &mut Tree<'_>) {}
}
