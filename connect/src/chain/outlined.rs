//! A future whose poll is a call.
//!
//! Where a chain continues in a box there is nothing to gain from inlining what is in it, and LLVM would do so link
//! after link: without this an app of 64 mounts takes a fifth longer to build in release.

use std::pin::Pin;
use std::task::{Context, Poll};

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
