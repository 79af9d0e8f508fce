//! Where requests are answered.
//!
//! hyper keeps room for the future of a request with each connection, idle or not, and moves each future there. Ours are
//! large, with the request in them. So hyper gets a pointer to a future that answers one request after the other, and is
//! handed from one connection to the next. An idle connection has none, nothing large is moved, and no request
//! allocates.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::service::Service;

use super::requests::{Exchange, Sent, Serving};
use crate::connection::{Connection, Stage, take_detached};

/// How many futures are kept while nobody needs them, for each version of HTTP.
const SPARE: usize = 256;

/// The futures of a listener, those that nobody needs at present.
pub(in crate::server) struct Pool<A, F: ?Sized> {
    spare: Mutex<Vec<Pooled<A, F>>>,
    make: fn(Arc<Exchange<A>>) -> Pin<Box<F>>,
    /// Runs a detached request to its end, whose client has left.
    run_on: fn(Pooled<A, F>, Arc<Connection>),
}

/// A future that [answers](super::requests::answer_all) what comes to its exchange.
pub(in crate::server) struct Pooled<A, F: ?Sized> {
    // Pinned for good: it is handed on with what it holds.
    future: Pin<Box<F>>,
    exchange: Arc<Exchange<A>>,
}

impl<A, F: ?Sized> Pool<A, F> {
    /// A pool, what makes one of its futures, and what runs one [on](run_on).
    pub(in crate::server) fn new(
        make: fn(Arc<Exchange<A>>) -> Pin<Box<F>>,
        run_on: fn(Pooled<A, F>, Arc<Connection>),
    ) -> Arc<Self> {
        Arc::new(Pool { spare: Mutex::new(Vec::new()), make, run_on })
    }

    /// Takes a request to a future.
    #[inline]
    fn answer(self: &Arc<Self>, serving: Arc<Serving<A>>, req: http::Request<Incoming>) -> Answering<A, F> {
        // If it is locked, another future is made, which takes no longer than to wait.
        let spare = self.spare.try_lock().ok().and_then(|mut spare| spare.pop());
        let pooled = spare.unwrap_or_else(|| {
            let exchange = Arc::new(Exchange::new());
            Pooled { future: (self.make)(Arc::clone(&exchange)), exchange }
        });
        pooled.exchange.slots().request = Some((serving, req));
        Answering { pooled: Some(pooled), pool: Arc::clone(self), detached: None }
    }
}

/// Runs a request to its end in a task of its own, unless the server is over before.
pub(super) fn run_on<A, F>(mut pooled: Pooled<A, F>, connection: Arc<Connection>)
where
    A: Send + Sync + 'static,
    F: Future<Output = Infallible> + Send + ?Sized + 'static,
{
    // There is none while a runtime ends, which drops all that it has.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        let answered = std::future::poll_fn(|cx| {
            let _ = pooled.future.as_mut().poll(cx);
            // Once is enough.
            drop(take_detached());
            let response = pooled.exchange.slots().response.take();
            if response.is_some() { Poll::Ready(()) } else { Poll::Pending }
        });
        tokio::select! {
            () = answered => {}
            () = connection.shutdown.reaches(Stage::Over) => {}
        }
    });
}

/// A request that is being answered. Dropped before its end it takes the future along, with all that is in it, unless it is
/// detached.
pub(super) struct Answering<A, F: ?Sized> {
    /// There until the answer is.
    pooled: Option<Pooled<A, F>>,
    pool: Arc<Pool<A, F>>,
    /// Its connection, if it is.
    detached: Option<Arc<Connection>>,
}

impl<A, F: ?Sized> Drop for Answering<A, F> {
    fn drop(&mut self) {
        if let (Some(connection), Some(pooled)) = (self.detached.take(), self.pooled.take()) {
            (self.pool.run_on)(pooled, connection);
        }
    }
}

impl<A, F: Future<Output = Infallible> + ?Sized> Future for Answering<A, F> {
    type Output = Result<http::Response<Sent>, Infallible>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Said by a request whose poll has panicked.
        drop(take_detached());
        // As with any future that is polled after its end.
        let pooled = self.pooled.as_mut().expect("a request is not polled again when it is answered");
        if let Poll::Ready(never) = pooled.future.as_mut().poll(cx) {
            match never {}
        }
        let response = pooled.exchange.slots().response.take();
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

impl<A, F: ?Sized> Unpin for Answering<A, F> {}

/// hyper's service for a connection.
pub(super) struct Requests<A, F: ?Sized> {
    pub(super) serving: Arc<Serving<A>>,
    pub(super) pool: Arc<Pool<A, F>>,
}

// No bound asks for `Send`: rustc would prove it anew, and of all that is in the future, when it generates code.
impl<A, F: Future<Output = Infallible> + ?Sized> Service<http::Request<Incoming>> for Requests<A, F> {
    type Response = http::Response<Sent>;
    type Error = Infallible;
    type Future = Answering<A, F>;

    #[inline]
    fn call(&self, req: http::Request<Incoming>) -> Answering<A, F> {
        self.serving.wire.count_request(req.version());
        self.pool.answer(Arc::clone(&self.serving), req)
    }
}

/// The futures that answer the requests of a listener's connections.
pub(in crate::server) struct Pools<A, F> {
    /// By HTTP/1.1: of one static type, down to the layers.
    pub(super) http1: Arc<Pool<A, F>>,
    /// By HTTP/2: hyper spawns each request, by way of a trait that demands `Send` of its future; see
    /// [`erased`](crate::chain::erased).
    #[cfg(feature = "http2")]
    pub(super) http2: Arc<Pool<A, dyn Future<Output = Infallible> + Send>>,
}

impl<A, F> Clone for Pools<A, F> {
    fn clone(&self) -> Self {
        Pools {
            http1: Arc::clone(&self.http1),
            #[cfg(feature = "http2")]
            http2: Arc::clone(&self.http2),
        }
    }
}
