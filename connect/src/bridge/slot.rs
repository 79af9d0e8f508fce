//! Where the two halves of a bridge meet: the layer, which owns the rest of the stack, and the innermost service of the
//! tower layers, which stands for it.
//!
//! They need not be in one task: a `Buffer` calls the service in a task of its own. So it is behind a mutex, which is
//! never held while anything else runs.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use smallvec::SmallVec;
use tracing::Span;

use super::loan::{Back, HasHome, Home};
use crate::{Body, Request, Result};

/// What a panic carries, as `catch_unwind` returns it.
pub(super) type Payload = Box<dyn Any + Send>;

/// One for each request that crosses a bridge.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// For a body that no layer has read.
    home: Home,
}

/// The slot's way through the tower layers: in the request's extensions, which is all that they hand on. A layer that
/// means to call again has a clone of it.
#[derive(Clone)]
pub(super) struct Handle(pub(super) Arc<Slot>);

#[derive(Default)]
struct State {
    /// There is nearly always one. It stays where it is, since a request and an answer are large to move.
    first: Call,
    /// Those of a layer that calls more than once at a time.
    more: Vec<Call>,
    ids: u32,
    /// The layer, waiting for a call or for the end of one.
    bridge: Option<Waker>,
    /// Nobody runs the rest any more.
    closed: bool,
}

/// A call of the innermost service.
#[derive(Default)]
struct Call {
    /// Zero is that of none.
    id: u32,
    /// Until the layer has taken it, with the span that was entered when it came.
    request: Option<http::Request<Body>>,
    span: Option<Span>,
    /// Once the rest has come to its end.
    ended: Option<Ended>,
    /// The future of the innermost service.
    waiting: Option<Waker>,
}

/// How the rest of the stack came to its end.
pub(super) enum Ended {
    Answered(http::Response<Body>),
    Panicked(Payload),
}

/// What the innermost service's future finds.
pub(super) enum Found {
    Ended(Ended),
    /// Nobody will answer.
    Closed,
    NotYet,
}

/// A call that the layer has taken.
pub(super) struct Taken {
    pub(super) id: u32,
    pub(super) span: Span,
    /// Whether the request could be taken over as the tower layers left it.
    pub(super) result: Result<()>,
}

impl State {
    fn calls(&mut self) -> impl Iterator<Item = &mut Call> {
        std::iter::once(&mut self.first).filter(|call| call.id != 0).chain(&mut self.more)
    }

    fn call(&mut self, id: u32) -> Option<&mut Call> {
        self.calls().find(|call| call.id == id)
    }

    fn remove(&mut self, id: u32) {
        if self.first.id == id {
            self.first.id = 0;
        } else {
            self.more.retain(|call| call.id != id);
        }
    }

    fn bridge_waits(&mut self, waker: &Waker) {
        if !self.bridge.as_ref().is_some_and(|old| old.will_wake(waker)) {
            self.bridge = Some(waker.clone());
        }
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the layers have not read of the body.
    pub(super) fn take_body(&self) -> Option<Back> {
        self.home.take()
    }

    /// A call comes.
    pub(super) fn arrive(&self, req: http::Request<Body>, span: Span) -> u32 {
        let (id, bridge) = {
            let mut state = self.state();
            state.ids += 1;
            let id = state.ids;
            if state.first.id != 0 {
                state.more.push(Call::default());
            }
            let State { first, more, .. } = &mut *state;
            let call = more.last_mut().filter(|call| call.id == 0).unwrap_or(first);
            call.id = id;
            call.request = Some(req);
            call.span = Some(span);
            (id, state.bridge.take())
        };
        wake(bridge);
        id
    }

    /// Takes a call that nobody has taken yet, if there is one, and puts its request in place of this one. If not, and the
    /// waker is given, it is kept.
    pub(super) fn take_call(&self, waker: Option<&Waker>, req: &mut Request) -> Option<Taken> {
        let mut state = self.state();
        let arrived = state.calls().find_map(|call| {
            Some((call.request.take()?, call.span.take().unwrap_or_else(Span::none), call.id))
        });
        match arrived {
            Some((came, span, id)) => {
                drop(state);
                Some(Taken { id, span, result: req.take_back(came) })
            }
            None => {
                if let Some(waker) = waker {
                    state.bridge_waits(waker);
                }
                None
            }
        }
    }

    /// Whether the layers have given up a call. If not, the waker is kept.
    pub(super) fn is_given_up(&self, id: u32, waker: &Waker) -> bool {
        let mut state = self.state();
        let given_up = state.call(id).is_none();
        if !given_up {
            state.bridge_waits(waker);
        }
        given_up
    }

    /// A call is over.
    pub(super) fn end(&self, id: u32, ended: Ended) {
        let waiting = {
            let mut state = self.state();
            state.call(id).and_then(|call| {
                call.ended = Some(ended);
                call.waiting.take()
            })
        };
        wake(waiting);
    }

    /// How a call ended, which is then gone. If it has not, the waker is kept.
    pub(super) fn ended(&self, id: u32, waker: &Waker) -> Found {
        let mut state = self.state();
        let closed = state.closed;
        let Some(call) = state.call(id) else { return Found::NotYet };
        if let Some(ended) = call.ended.take() {
            state.remove(id);
            return Found::Ended(ended);
        }
        if closed {
            return Found::Closed;
        }
        if !call.waiting.as_ref().is_some_and(|old| old.will_wake(waker)) {
            call.waiting = Some(waker.clone());
        }
        Found::NotYet
    }

    /// The innermost service's future is dropped before its end.
    pub(super) fn give_up(&self, id: u32) {
        let (call, bridge) = {
            let mut state = self.state();
            let call = state.call(id).map(std::mem::take);
            // One of several is left behind empty.
            state.more.retain(|call| call.id != 0);
            (call, state.bridge.take())
        };
        // Out of the lock: a request may hold anything.
        drop(call);
        wake(bridge);
    }

    /// The layer is done, and nobody runs the rest from here on.
    fn close(&self) {
        let mut waiting: SmallVec<[Waker; 1]> = SmallVec::new();
        {
            let mut state = self.state();
            state.closed = true;
            state.bridge = None;
            waiting.extend(state.calls().filter_map(|call| call.waiting.take()));
        }
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl HasHome for Slot {
    fn home(&self) -> &Home {
        &self.home
    }
}

/// The layer's own hold on a slot.
pub(super) struct Owner(Arc<Slot>);

impl Owner {
    pub(super) fn new() -> Self {
        Owner(Arc::default())
    }

    pub(super) fn slot(&self) -> &Arc<Slot> {
        &self.0
    }

    /// Whether a layer has kept a clone of the request, to call once more. It is asked while one call is there.
    pub(super) fn may_be_called_again(&self) -> bool {
        Arc::strong_count(&self.0) > 2
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Else nobody is there to be told.
        if Arc::strong_count(&self.0) > 1 {
            self.0.close();
        }
    }
}
