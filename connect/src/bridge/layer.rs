//! Tower layers as a layer of a stack: it polls their future and the rest of the stack side by side.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tracing::Span;

use super::bounds::{TowerAnswer, TowerCalls, TowerError};
use super::loan::lend;
use super::slot::{Ended, Handle, Owner, Payload, Taken};
use crate::chain::done::{Done, Exit, Flow, Outcome};
use crate::error::Panic;
use crate::response::Undo;
use crate::{Error, Next, Request, Response, Rest, Result, Rewrite, RewritingLayer};

/// Provides a clone of the service for each request.
pub(super) trait Source: Send + Sync + 'static {
    /// The service.
    type Service;
    /// A clone of it.
    fn get(&self) -> Self::Service;
}

/// A service that several threads can clone at a time.
#[derive(Debug)]
pub(super) struct Shared<S>(pub(super) S);

impl<S: Clone + Send + Sync + 'static> Source for Shared<S> {
    type Service = S;
    #[inline]
    fn get(&self) -> S {
        self.0.clone()
    }
}

/// A service that only one thread can access at a time.
#[derive(Debug)]
pub(super) struct Locked<S>(pub(super) Mutex<S>);

impl<S: Clone + Send + 'static> Source for Locked<S> {
    type Service = S;
    #[inline]
    fn get(&self) -> S {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The layered service, which is made once, and its name in the printed stack.
#[derive(Debug)]
pub(super) struct Bridge<S> {
    pub(super) source: S,
    pub(super) name: String,
}

/// How the last run of the rest of the stack ended.
enum Ran {
    /// It did not end.
    No,
    Answered(Done),
    /// A route's own stack failed, and an error handler outside has yet to answer.
    Failed(Done),
    Panicked(Left),
}

/// The response after a panic.
enum Left {
    /// The final handler's page: no error handler took the panic.
    Page(Done),
    /// None yet: a route's own stack failed.
    Route,
    /// None: the final handler panicked, or a drop.
    Nothing,
}

/// What happened while the rest was running.
enum Step<A> {
    Done(Done),
    Panicked(Payload),
    /// The tower layers have dropped the call.
    GivenUp,
    /// The tower layers have answered without it.
    Tower(A),
}

/// Polls the tower layers. A panic of the rest that was passed to them is returned.
fn poll_tower<F: Future>(
    call: Pin<&mut F>,
    cx: &mut Context<'_>,
    ran: &Ran,
) -> Poll<Result<F::Output, Payload>> {
    match ran {
        Ran::Panicked(_) => match catch_unwind(AssertUnwindSafe(|| call.poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        },
        _ => call.poll(cx).map(Ok),
    }
}

impl<C, S> RewritingLayer for Bridge<C>
where
    C: Source<Service = S>,
    S: TowerCalls + Send,
    S::Answer: TowerAnswer,
    S::Failure: TowerError,
    S::Future: Send,
{
    fn run<R: Rest>(
        &self,
        req: &mut Rewrite,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        let req: &mut Request = req;
        async move {
            let rest = next.into_rest().in_place();
            let mut service = self.source.get();
            // Before the request is taken apart, because this may wait for long.
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(|err| Error::from_boxed(err.into_boxed()))?;

            let owner = Owner::new();
            let body = lend(req, || Arc::downgrade(owner.slot()));
            let mut out = req.hand_out(body);
            out.extensions_mut().insert(Handle(Arc::clone(owner.slot())));
            let mut call = pin!(service.call(out));

            let slot = owner.slot();
            let mut ran = Ran::No;
            let mut arrived = false;
            // A copy of the response, if the rest may be called again.
            let mut before = None;
            let answer = loop {
                let taken = poll_fn(|cx| {
                    if let Some(taken) = slot.take_call(None, req) {
                        return Poll::Ready(Ok(taken));
                    }
                    if let Poll::Ready(answer) = poll_tower(call.as_mut(), cx, &ran) {
                        return Poll::Ready(Err(answer));
                    }
                    match slot.take_call(Some(cx.waker()), req) {
                        Some(taken) => Poll::Ready(Ok(taken)),
                        None => Poll::Pending,
                    }
                });
                let Taken { id, span, result } = match taken.await {
                    Ok(taken) => taken,
                    Err(answer) => break answer,
                };
                result?;
                match &before {
                    Some(before) => res.begin_again(before),
                    None if owner.may_be_called_again() => before = Some(res.before()),
                    None => {}
                }
                (arrived, ran) = (true, Ran::No);
                // The current span must not be entered twice.
                let span = if span.id() == Span::current().id() { Span::none() } else { span };
                let step = {
                    let mut rest = pin!(undone_if_dropped(rest, req, res));
                    let step = poll_fn(|cx| {
                        let polled = {
                            let _entered = span.enter();
                            catch_unwind(AssertUnwindSafe(|| rest.as_mut().poll(cx)))
                        };
                        match polled {
                            Ok(Poll::Ready(done)) => return Poll::Ready(Step::Done(done)),
                            Err(payload) => return Poll::Ready(Step::Panicked(payload)),
                            Ok(Poll::Pending) => {}
                        }
                        if let Poll::Ready(answer) = call.as_mut().poll(cx) {
                            return Poll::Ready(Step::Tower(answer));
                        }
                        if slot.is_given_up(id, cx.waker()) {
                            return Poll::Ready(Step::GivenUp);
                        }
                        Poll::Pending
                    });
                    step.await
                };
                match step {
                    Step::Tower(answer) => break Ok(answer),
                    Step::GivenUp => {}
                    Step::Panicked(payload) => {
                        ran = Ran::Panicked(Left::Nothing);
                        slot.end(id, Ended::Panicked(payload));
                    }
                    Step::Done(Done(Flow::Out(Exit::Failed(_, err)))) => {
                        match err.on_its_way(false).downcast::<Panic>() {
                            Ok(panic) => {
                                ran = Ran::Panicked(Left::Route);
                                slot.end(id, Ended::Panicked(panic.into_payload()));
                            }
                            Err(err) => {
                                slot.end(id, Ended::Answered(res.hand_out_head(&err)));
                                ran = Ran::Failed(failed(err, req));
                            }
                        }
                    }
                    // The route is left without a response, so the tower layers are dropped.
                    Step::Done(done) if !res.is_finished() => return Ok(done),
                    Step::Done(done) => match take_panic(&done, req) {
                        Some(payload) => {
                            ran = Ran::Panicked(Left::Page(done));
                            slot.end(id, Ended::Panicked(payload));
                        }
                        None => {
                            ran = Ran::Answered(done);
                            slot.end(id, Ended::Answered(res.hand_out(req.headers())));
                        }
                    },
                }
            };
            if !arrived && let Some(body) = slot.take_body() {
                req.set_body(body.into_rest());
            }
            match (answer, ran) {
                (Ok(Ok(response)), Ran::Answered(done)) => {
                    res.take_back(response.into_response());
                    Ok(done)
                }
                (Ok(Ok(response)), Ran::Failed(done)) => {
                    res.take_back_head(response.into_response().into_parts().0.headers);
                    Ok(done)
                }
                (Ok(Ok(response)), Ran::No | Ran::Panicked(_)) => {
                    Ok(res.answer_with(response.into_response()))
                }
                (Ok(Err(err)), _) => Err(Error::from_boxed(err.into_boxed())),
                // No tower layer has caught the panic.
                (Err(payload), Ran::Panicked(Left::Page(done))) => {
                    // A tower layer above may catch it.
                    keep_panic(Panic::new(payload).into(), req);
                    Ok(done)
                }
                (Err(payload), Ran::Panicked(Left::Route)) => Ok(failed(Panic::new(payload).into(), req)),
                (Err(payload), _) => Err(Panic::new(payload).into()),
            }
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Runs the rest. If a layer drops it, as a timeout does, the response is restored.
async fn undone_if_dropped<R: Rest>(rest: R, req: &mut Request, res: &mut Response) -> Done {
    let undo = Undo::of(res);
    let done = rest.run(req, undo.res).await;
    undo.keep();
    done
}

/// An error that is answered outside of the route.
fn failed(err: Error, req: &mut Request) -> Done {
    Done(Flow::Out(Exit::Failed(req.number(), err.on_its_way(true))))
}

/// A panic that no error handler took, on its way from the final handler to a tower layer.
#[derive(Clone)]
struct Unhandled(Arc<Mutex<Option<Payload>>>);

/// Keeps a panic that the final handler has answered.
#[cold]
pub(crate) fn keep_panic(err: Error, req: &mut Request) {
    if let Ok(panic) = err.downcast::<Panic>() {
        req.extensions_mut().insert(Unhandled(Arc::new(Mutex::new(Some(panic.into_payload())))));
    }
}

#[inline]
fn take_panic(done: &Done, req: &mut Request) -> Option<Payload> {
    if done.outcome() != Outcome::FinalHandler {
        return None;
    }
    let Unhandled(payload) = req.extensions_mut().remove::<Unhandled>()?;
    payload.lock().unwrap_or_else(PoisonError::into_inner).take()
}
