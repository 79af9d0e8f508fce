//! A pool of reusable request futures.
//!
//! hyper stores the future of a request inside the connection, idle or not, and moves each future there. Ours are
//! large, as they contain the request. So hyper gets a pointer to a pooled future that answers one request after
//! another, and goes back to the pool for the next connection. An idle connection holds none, nothing large is moved,
//! and no request allocates.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::service::Service;

use super::requests::{SentBody, Serving, Slot};
use crate::connection::{Connection, Stage, take_detached};

/// How many unused futures are kept, for each version of HTTP.
const SPARE: usize = 256;

/// The unused futures of a listener.
pub(in crate::server) struct FuturePool<A, F: ?Sized> {
    spare: Mutex<Vec<Pooled<A, F>>>,
    make: fn(Arc<Slot<A>>) -> Pin<Box<F>>,
    /// Runs a detached request to its end after its client has disconnected.
    run_detached: fn(Pooled<A, F>, Arc<Connection>),
}

/// A future that [answers](super::requests::answer_all) the requests in its slot.
pub(in crate::server) struct Pooled<A, F: ?Sized> {
    // It stays pinned while it moves from one connection to the next.
    future: Pin<Box<F>>,
    slot: Arc<Slot<A>>,
}

impl<A, F: ?Sized> FuturePool<A, F> {
    /// Makes a pool, from the function that makes a future and the one that [runs](run_detached) a detached request.
    pub(in crate::server) fn new(
        make: fn(Arc<Slot<A>>) -> Pin<Box<F>>,
        run_detached: fn(Pooled<A, F>, Arc<Connection>),
    ) -> Arc<Self> {
        Arc::new(FuturePool { spare: Mutex::new(Vec::new()), make, run_detached })
    }

    /// Gives a request to a future of the pool.
    #[inline]
    fn answer(
        self: &Arc<Self>,
        serving: Arc<Serving<A>>,
        req: http::Request<Incoming>,
    ) -> ResponseFuture<A, F> {
        // If the pool is locked, making a future takes no longer than waiting for the lock.
        let spare = self.spare.try_lock().ok().and_then(|mut spare| spare.pop());
        let pooled = spare.unwrap_or_else(|| {
            let slot = Arc::new(Slot::new());
            Pooled { future: (self.make)(Arc::clone(&slot)), slot }
        });
        pooled.slot.content().request = Some((serving, req));
        ResponseFuture { pooled: Some(pooled), pool: Arc::clone(self), detached: None }
    }
}

/// Runs a request to its end in a task of its own, unless the server stops earlier.
pub(super) fn run_detached<A, F>(mut pooled: Pooled<A, F>, connection: Arc<Connection>)
where
    A: Send + Sync + 'static,
    F: Future<Output = Infallible> + Send + ?Sized + 'static,
{
    // While a runtime shuts down there is no handle, and it drops its futures.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        let answered = std::future::poll_fn(|cx| {
            let _ = pooled.future.as_mut().poll(cx);
            // It runs detached already.
            drop(take_detached());
            let response = pooled.slot.content().response.take();
            if response.is_some() { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            () = answered => {}
            () = connection.shutdown.wait_for(Stage::Stopped) => {}
        }
    });
}

/// The response to a request, as a future. If it is dropped before the response is ready, it drops the pooled future
/// with the request, unless the request is detached.
pub(super) struct ResponseFuture<A, F: ?Sized> {
    /// Taken when the response is ready.
    pooled: Option<Pooled<A, F>>,
    pool: Arc<FuturePool<A, F>>,
    /// The connection of a detached request.
    detached: Option<Arc<Connection>>,
}

impl<A, F: ?Sized> Drop for ResponseFuture<A, F> {
    fn drop(&mut self) {
        if let (Some(connection), Some(pooled)) = (self.detached.take(), self.pooled.take()) {
            (self.pool.run_detached)(pooled, connection);
        }
    }
}

impl<A, F: Future<Output = Infallible> + ?Sized> Future for ResponseFuture<A, F> {
    type Output = Result<http::Response<SentBody>, Infallible>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Left over from a request whose poll panicked.
        drop(take_detached());
        // Like any future that is polled after it was ready.
        let pooled = self.pooled.as_mut().expect("a request future is not polled after its response");
        if let Poll::Ready(never) = pooled.future.as_mut().poll(cx) {
            match never {}
        }
        let response = pooled.slot.content().response.take();
        let detached = take_detached();
        let Some(response) = response else {
            if detached.is_some() {
                self.detached = detached;
            }
            return Poll::Pending;
        };
        if let (Some(pooled), Ok(mut spare)) = (self.pooled.take(), self.pool.spare.try_lock())
            && spare.len() < SPARE
        {
            spare.push(pooled);
        }
        Poll::Ready(Ok(response))
    }
}

impl<A, F: ?Sized> Unpin for ResponseFuture<A, F> {}

/// hyper's service for a connection.
pub(super) struct RequestService<A, F: ?Sized> {
    pub(super) serving: Arc<Serving<A>>,
    pub(super) pool: Arc<FuturePool<A, F>>,
}

// No bound asks for `Send`: rustc would prove it once more, for everything in the future, when it generates code.
impl<A, F: Future<Output = Infallible> + ?Sized> Service<http::Request<Incoming>> for RequestService<A, F> {
    type Response = http::Response<SentBody>;
    type Error = Infallible;
    type Future = ResponseFuture<A, F>;

    #[inline]
    fn call(&self, req: http::Request<Incoming>) -> ResponseFuture<A, F> {
        self.serving.state.count_request(req.version());
        self.pool.answer(Arc::clone(&self.serving), req)
    }
}

/// The future pools of a listener's connections.
pub(in crate::server) struct FuturePools<A, F> {
    /// For HTTP/1.1: one static type, down to the layers.
    pub(super) http1: Arc<FuturePool<A, F>>,
    /// For HTTP/2: hyper spawns each request through a trait that demands a `Send` future; see
    /// [`erased`](crate::chain::erased).
    #[cfg(feature = "http2")]
    pub(super) http2: Arc<FuturePool<A, dyn Future<Output = Infallible> + Send>>,
}

impl<A, F> Clone for FuturePools<A, F> {
    fn clone(&self) -> Self {
        FuturePools {
            http1: Arc::clone(&self.http1),
            #[cfg(feature = "http2")]
            http2: Arc::clone(&self.http2),
        }
    }
}
