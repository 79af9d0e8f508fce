//! What follows in a box: its future, polled by a call, and the [`Rest`] of a layer that has to have it in one.
//!
//! Where a chain continues in a box there is nothing to gain from inlining what is in it, and LLVM would do so link after link: if
//! the poll were inlined, an app of 64 mounts would take a fifth longer to build in release.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::done::{Detour, Done};
use super::{Rest, sealed};
use crate::erased::erased;
use crate::response::Undo;
use crate::{Request, Response};

/// What follows in a box, on the normal track.
pub(crate) struct Outlined<F>(pub(crate) F);

impl<F: Future + Unpin> Future for Outlined<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// What follows in a box, past ordinary layers.
pub(crate) struct Cold<F>(pub(crate) F);

impl<F: Future + Unpin> Future for Cold<F> {
    type Output = F::Output;

    #[cold]
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// A future in a box, with its type.
// The box first, so that the future is made in it and not copied.
#[inline]
pub(super) fn boxed<F: Future<Output = Done>>(make: impl FnOnce() -> F) -> Outlined<Pin<Box<F>>> {
    Outlined(Box::into_pin(Box::write(Box::new_uninit(), make())))
}

/// What follows a layer, in a box of its own on the normal track: each function that a future is handed to keeps it twice,
/// where it was and where it is polled, and what follows is the largest part of it.
#[derive(Debug, Clone, Copy)]
pub struct Boxed<R>(pub(super) R);

impl<R> sealed::Sealed for Boxed<R> {}

impl<R: Rest> Rest for Boxed<R> {
    #[inline]
    fn in_route(self) -> bool {
        self.0.in_route()
    }

    #[inline]
    fn in_place(self) -> impl Rest {
        self.0.in_place()
    }

    #[inline]
    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        async move {
            let undo = Undo::of(res);
            let done = boxed(|| self.0.run(req, undo.res)).await;
            undo.keep();
            done
        }
    }

    #[inline]
    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        self.0.detour(why, req, res)
    }
}

/// What follows a layer, in a type-erased box. If the layer coerces the future to a `dyn Future + Send`, rustc need not prove that
/// all that follows is `Send`.
#[derive(Debug, Clone, Copy)]
pub struct TypeErased<R>(pub(super) R);

impl<R> sealed::Sealed for TypeErased<R> {}

impl<R: Rest> Rest for TypeErased<R> {
    #[inline]
    fn in_route(self) -> bool {
        self.0.in_route()
    }

    #[inline]
    fn in_place(self) -> impl Rest {
        self.0.in_place()
    }

    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        async move {
            let undo = Undo::of(res);
            let done = erased(|| self.0.run(req, undo.res)).await;
            undo.keep();
            done
        }
    }

    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // A layer comes here that has answered and then calls `run`, which is an error: boxed as every detour is.
        Box::pin(async move { erased(|| self.0.detour(why, req, res)).await })
    }
}
