//! Where requests are answered.
//!
//! hyper keeps room for the future of a request with each connection, idle or not, and moves each future there. Ours are large, with
//! the request in them. So hyper gets a pointer to a room: a future that answers one request after the other, and is
//! handed from one connection to the next. An idle connection has none, nothing large is moved, and no request
//! allocates.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hyper::body::Incoming;

use super::requests::{Sent, Serving};
use crate::server::answer::Answer;

/// How many rooms are kept while nobody needs them.
const SPARE: usize = 256;

/// The rooms of a listener that nobody needs at present.
pub(in crate::server) struct Rooms<A, F>(Mutex<Vec<Room<A, F>>>);

/// A future that [answers](super::requests::answer_all) what lies on the desk.
struct Room<A, F> {
    // Pinned for good: it is handed on with what it holds.
    future: Pin<Box<F>>,
    desk: Arc<Desk<A>>,
}

/// What goes into a room, and what comes out. One task at a time has the room, and so the lock is never waited for.
pub(in crate::server) struct Desk<A>(Mutex<Papers<A>>);

struct Papers<A> {
    request: Option<(Arc<Serving<A>>, http::Request<Incoming>)>,
    response: Option<http::Response<Sent>>,
}

impl<A> Desk<A> {
    fn papers(&self) -> MutexGuard<'_, Papers<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request. Nobody is woken for it: who brings it polls the room.
    #[inline]
    pub(super) async fn request(&self) -> (Arc<Serving<A>>, http::Request<Incoming>) {
        let next = |_: &mut Context<'_>| self.papers().request.take().map_or(Poll::Pending, Poll::Ready);
        std::future::poll_fn(next).await
    }

    #[inline]
    pub(super) fn answer(&self, response: http::Response<Sent>) {
        self.papers().response = Some(response);
    }
}

/// [`answer_all`](super::requests::answer_all), by whatever name its future has.
pub(in crate::server) trait AnswerAll<A>:
    Fn(Arc<Desk<A>>) -> Self::Future + Copy + Send + Sync + 'static
{
    type Future: Future<Output = Infallible> + Send + 'static;
}

impl<A, C, F> AnswerAll<A> for C
where
    C: Fn(Arc<Desk<A>>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Infallible> + Send + 'static,
{
    type Future = F;
}

impl<A: Answer, F: Future<Output = Infallible>> Rooms<A, F> {
    pub(in crate::server) fn new() -> Arc<Self> {
        Arc::new(Rooms(Mutex::new(Vec::new())))
    }

    /// Takes a request to a room.
    #[inline]
    pub(super) fn enter(
        self: &Arc<Self>,
        answer_all: impl AnswerAll<A, Future = F>,
        serving: Arc<Serving<A>>,
        req: http::Request<Incoming>,
    ) -> InRoom<A, F> {
        // Who finds it locked makes a room of his own, which takes no longer than to wait.
        let spare = self.0.try_lock().ok().and_then(|mut spare| spare.pop());
        let room = spare.unwrap_or_else(|| {
            let desk = Arc::new(Desk(Mutex::new(Papers { request: None, response: None })));
            Room { future: Box::pin(answer_all(Arc::clone(&desk))), desk }
        });
        room.desk.papers().request = Some((serving, req));
        InRoom { room: Some(room), rooms: Arc::clone(self) }
    }
}

/// A request in its room. Dropped before its end it takes the room along, with all that is in it.
pub(super) struct InRoom<A, F> {
    /// There until the answer is.
    room: Option<Room<A, F>>,
    rooms: Arc<Rooms<A, F>>,
}

impl<A, F: Future<Output = Infallible>> Future for InRoom<A, F> {
    type Output = Result<http::Response<Sent>, Infallible>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // As with any future that is polled after its end.
        let room = self.room.as_mut().expect("a request is not polled again when it is answered");
        if let Poll::Ready(never) = room.future.as_mut().poll(cx) {
            match never {}
        }
        let response = room.desk.papers().response.take();
        let Some(response) = response else { return Poll::Pending };
        if let (Some(room), Ok(mut spare)) = (self.room.take(), self.rooms.0.try_lock())
            && spare.len() < SPARE
        {
            spare.push(room);
        }
        Poll::Ready(Ok(response))
    }
}

impl<A, F> Unpin for InRoom<A, F> {}
