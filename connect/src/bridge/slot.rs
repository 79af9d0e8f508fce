//! The state that the two halves of the tower bridge share: the layer, which owns the rest of the stack, and the
//! innermost service of the tower layers, which stands for it.
//!
//! They may run in different tasks: a `Buffer` calls the service in a task of its own. So the state is behind a mutex,
//! which is never held while other code runs.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use smallvec::SmallVec;
use tracing::Span;

use super::loan::{HasReturnSlot, ReturnSlot, Returned};
use crate::{Body, Request, Result};

/// The payload of a panic, as `catch_unwind` returns it.
pub(super) type Payload = Box<dyn Any + Send>;

/// One for each request that passes through tower layers.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// For a body that no tower layer has read.
    return_slot: ReturnSlot,
}

/// The slot in the request's extensions, which are all that tower layers pass on. A layer that may call again holds a
/// clone of it.
#[derive(Clone)]
pub(super) struct Handle(pub(super) Arc<Slot>);

#[derive(Default)]
struct State {
    /// The first call, and nearly always the only one. It is stored inline, since requests and responses are large to
    /// move.
    first: Call,
    /// Further calls, of a layer that makes several at a time.
    more: Vec<Call>,
    ids: u32,
    /// The layer's waker, while it waits for a call or for the end of one.
    bridge: Option<Waker>,
    /// Whether the layer has ended, so that the rest is not run any more.
    closed: bool,
}

/// A call of the innermost service.
#[derive(Default)]
struct Call {
    /// Zero means that there is no call.
    id: u32,
    /// The request until the layer takes it, with the span that was current at the call.
    request: Option<http::Request<Body>>,
    span: Option<Span>,
    /// Set when the rest has ended.
    ended: Option<Ended>,
    /// The waker of the innermost service's future.
    waiting: Option<Waker>,
}

/// How the rest of the stack ended.
pub(super) enum Ended {
    Answered(http::Response<Body>),
    Panicked(Payload),
}

/// The state that the innermost service's future finds.
pub(super) enum Found {
    Ended(Ended),
    /// There will be no response.
    Closed,
    NotYet,
}

/// A call that the layer has taken.
pub(super) struct Taken {
    pub(super) id: u32,
    pub(super) span: Span,
    /// Whether the request of the tower layers is valid.
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

    /// Takes the rest of the body that the tower layers have not read.
    pub(super) fn take_body(&self) -> Option<Returned> {
        self.return_slot.take()
    }

    /// Adds a call.
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

    /// Takes a new call, if there is one, and replaces the request by the call's. Otherwise keeps the waker, if there
    /// is one.
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

    /// Whether the tower layers have dropped a call. If not, keeps the waker.
    pub(super) fn is_given_up(&self, id: u32, waker: &Waker) -> bool {
        let mut state = self.state();
        let given_up = state.call(id).is_none();
        if !given_up {
            state.bridge_waits(waker);
        }
        given_up
    }

    /// Ends a call.
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

    /// Takes the end of a call and removes the call. If it has not ended, keeps the waker.
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

    /// Called when the innermost service's future is dropped before its end.
    pub(super) fn give_up(&self, id: u32) {
        let (call, bridge) = {
            let mut state = self.state();
            let call = state.call(id).map(std::mem::take);
            // Removes the empty call.
            state.more.retain(|call| call.id != 0);
            (call, state.bridge.take())
        };
        // Dropped outside the lock, because a request may hold anything.
        drop(call);
        wake(bridge);
    }

    /// Called when the layer has ended: the rest is not run any more.
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

impl HasReturnSlot for Slot {
    fn return_slot(&self) -> &ReturnSlot {
        &self.return_slot
    }
}

/// The layer's reference to a slot.
pub(super) struct Owner(Arc<Slot>);

impl Owner {
    pub(super) fn new() -> Self {
        Owner(Arc::default())
    }

    pub(super) fn slot(&self) -> &Arc<Slot> {
        &self.0
    }

    /// Whether a tower layer has kept a clone of the request, to call once more. Called while there is one call.
    pub(super) fn may_be_called_again(&self) -> bool {
        Arc::strong_count(&self.0) > 2
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Otherwise nobody else holds the slot.
        if Arc::strong_count(&self.0) > 1 {
            self.0.close();
        }
    }
}
