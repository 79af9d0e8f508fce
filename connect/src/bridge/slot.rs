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

use super::loan::{HasHome, Home};
use crate::Body;

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
    /// Nearly always one; a layer that asks twice at a time has more.
    calls: SmallVec<[Call; 1]>,
    ids: u32,
    /// The layer, waiting for a call or for the end of one.
    bridge: Option<Waker>,
    /// Nobody runs the rest any more.
    closed: bool,
}

/// A call of the innermost service.
struct Call {
    id: u32,
    phase: Phase,
    /// The future of the innermost service.
    waiting: Option<Waker>,
}

enum Phase {
    /// With the span that was entered when it came.
    Arrived(http::Request<Body>, Span),
    Running,
    Ended(Ended),
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

impl State {
    fn call(&mut self, id: u32) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    fn remove(&mut self, id: u32) -> Option<Call> {
        let at = self.calls.iter().position(|call| call.id == id)?;
        Some(self.calls.swap_remove(at))
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
    pub(super) fn take_body(&self) -> Option<Body> {
        self.home.take()
    }

    /// A call comes.
    pub(super) fn arrive(&self, req: http::Request<Body>, span: Span) -> u32 {
        let (id, bridge) = {
            let mut state = self.state();
            state.ids += 1;
            let id = state.ids;
            state.calls.push(Call { id, phase: Phase::Arrived(req, span), waiting: None });
            (id, state.bridge.take())
        };
        wake(bridge);
        id
    }

    /// A call that nobody answers yet, if there is one. If not, and the waker is given, it is kept.
    pub(super) fn next_call(&self, waker: Option<&Waker>) -> Option<(u32, http::Request<Body>, Span)> {
        let mut state = self.state();
        for call in &mut state.calls {
            if let Phase::Arrived(..) = call.phase
                && let Phase::Arrived(req, span) = std::mem::replace(&mut call.phase, Phase::Running)
            {
                return Some((call.id, req, span));
            }
        }
        if let Some(waker) = waker {
            state.bridge_waits(waker);
        }
        None
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
                call.phase = Phase::Ended(ended);
                call.waiting.take()
            })
        };
        wake(waiting);
    }

    /// How a call ended. If it has not, the waker is kept.
    pub(super) fn ended(&self, id: u32, waker: &Waker) -> Found {
        let mut state = self.state();
        let closed = state.closed;
        let Some(call) = state.call(id) else { return Found::NotYet };
        if let Phase::Ended(_) = call.phase {
            return match state.remove(id) {
                Some(Call { phase: Phase::Ended(ended), .. }) => Found::Ended(ended),
                _ => Found::NotYet,
            };
        }
        if closed {
            return Found::Closed;
        }
        if !call.waiting.as_ref().is_some_and(|old| old.will_wake(waker)) {
            call.waiting = Some(waker.clone());
        }
        Found::NotYet
    }

    /// The innermost service's future is dropped.
    pub(super) fn give_up(&self, id: u32) {
        let (call, bridge) = {
            let mut state = self.state();
            (state.remove(id), state.bridge.take())
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
            waiting.extend(state.calls.iter_mut().filter_map(|call| call.waiting.take()));
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
