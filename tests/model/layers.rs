//! The layers of the model's stacks: each does what the script says for its number.

use connect::{
    Error, ErrorHandler, Next, PlainFn, PlainLayer, Request, Response, Rest, Result, Resume, ResumingLayer,
    Rewrite, error_handler, middleware,
};

use crate::Act;

/// What the scripted panics say.
pub const PANIC: &str = "scripted";

/// Travels with the request: what each layer is to do, and what happened.
#[derive(Clone)]
pub struct Script {
    acts: Vec<Act>,
    trace: Vec<String>,
}

impl Script {
    pub fn new(acts: &[Act]) -> Self {
        Script { acts: acts.to_vec(), trace: Vec::new() }
    }

    pub fn of(req: &mut Request) -> &mut Script {
        req.extensions_mut().get_mut().expect("the script travels with the request")
    }

    pub fn take_trace(&mut self) -> Vec<String> {
        std::mem::take(&mut self.trace)
    }
}

/// The error that typed handlers take.
#[derive(Debug)]
pub struct Typed(usize);

impl std::fmt::Display for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "typed {}", self.0)
    }
}

impl std::error::Error for Typed {}

/// Notes an event, with the path as the layer sees it, and gives the layer's act.
fn enter(id: usize, what: &str, req: &mut Request) -> Act {
    let event = format!("{id} {what} {} {}", req.mount_path(), req.path());
    let script = Script::of(req);
    script.trace.push(event);
    script.acts[id]
}

/// What a layer does on the normal track, except for running the rest.
fn act<P>(
    id: usize,
    act: Act,
    rewrite: impl FnOnce(&str) -> Result<()>,
    res: &mut Response,
    next: Next<(), P>,
    pass: fn(Next<(), P>) -> Result,
    leave: fn(Next<(), P>) -> Result,
) -> Result {
    match act {
        Act::Pass | Act::Run | Act::RunThenFail | Act::Resume => pass(next),
        Act::RawResponse => res.status(201).send(format!("response {id}")),
        Act::AnswerThenPass => {
            let _ = res.send(format!("response {id}"));
            pass(next)
        }
        Act::Fail => next.fail(Error::msg(format!("fail {id}"))),
        Act::FailTyped => Err(Typed(id))?,
        Act::Panic => panic!("{PANIC}"),
        Act::Leave => leave(next),
        Act::Rewrite(path) | Act::RewriteThenRun(path) => {
            rewrite(path)?;
            pass(next)
        }
    }
}

/// The same with `next.run`, for those who can.
async fn act_and_wait<R: Rest>(
    id: usize,
    scripted: Act,
    req: &mut Rewrite,
    res: &mut Response,
    next: Next<(), R>,
) -> Result {
    tokio::task::yield_now().await;
    match scripted {
        Act::Run | Act::RunThenFail | Act::RewriteThenRun(_) => {
            if let Act::RewriteThenRun(path) = scripted {
                req.set_url(path)?;
            }
            let done = next.run(req, res).await;
            let event =
                format!("{id} back {} {} {}", req.mount_path(), req.path(), res.status_code().as_u16());
            Script::of(req).trace.push(event);
            match scripted {
                Act::RunThenFail => Err(Error::msg(format!("late {id}"))),
                _ => Ok(done),
            }
        }
        other => act(id, other, |url| req.set_url(url), res, next, |next| next.pass(), |next| next.router()),
    }
}

/// What error handlers do, except for going back.
fn handle(id: usize, act: Act, err: Error, res: &mut Response) -> Result {
    match act {
        Act::RawResponse | Act::Run => res.status(err.status()).send(format!("handled {id}: {err}")),
        Act::AnswerThenPass => {
            let _ = res.send(format!("response {id}"));
            Err(err)
        }
        Act::Fail => Err(Error::msg(format!("replaced {id}"))),
        Act::FailTyped => Err(Typed(id))?,
        Act::Panic => panic!("{PANIC}"),
        _ => Err(err),
    }
}

#[middleware]
pub async fn waits(#[config] id: usize, req: &mut Rewrite, res: &mut Response, next: Next) -> Result {
    let act = enter(id, "layer", req);
    act_and_wait(id, act, req, res, next).await
}

#[middleware]
pub fn plain(#[config] id: usize, req: &mut Rewrite, res: &mut Response, next: Next) -> Result {
    let scripted = enter(id, "layer", req);
    act(id, scripted, |url| req.set_url(url), res, next, |next| next.pass(), |next| next.router())
}

#[error_handler]
pub async fn handles(
    #[config] id: usize,
    err: Error,
    req: &mut Request,
    res: &mut Response,
    _: Next,
) -> Result {
    let act = enter(id, "handler", req);
    tokio::task::yield_now().await;
    handle(id, act, err, res)
}

#[error_handler]
pub fn plain_handles(
    #[config] id: usize,
    err: Error,
    req: &mut Request,
    res: &mut Response,
    _: Next,
) -> Result {
    let act = enter(id, "handler", req);
    handle(id, act, err, res)
}

#[error_handler]
pub async fn handles_typed(
    #[config] id: usize,
    err: Typed,
    req: &mut Request,
    res: &mut Response,
    next: Next,
) -> Result {
    let act = enter(id, "handler", req);
    match act {
        Act::Leave => next.fail(err),
        _ => handle(id, act, err.into(), res),
    }
}

#[error_handler]
pub fn plain_handles_typed(
    #[config] id: &usize,
    err: Typed,
    req: &mut Request,
    res: &mut Response,
    _next: Next,
) -> Result {
    let act = enter(*id, "handler", req);
    handle(*id, act, err.into(), res)
}

#[error_handler]
pub async fn resumes(
    #[config] id: usize,
    err: Error,
    req: &mut Request,
    res: &mut Response,
    next: Resume,
) -> Result {
    match enter(id, "handler", req) {
        Act::Resume => next.resume(),
        act => handle(id, act, err, res),
    }
}

#[error_handler]
pub fn plain_resumes(
    #[config] id: usize,
    err: Error,
    req: &mut Request,
    res: &mut Response,
    next: Resume,
) -> Result {
    match enter(id, "handler", req) {
        Act::Resume => next.resume(),
        act => handle(id, act, err, res),
    }
}

/// A hand-written layer, on both tracks.
pub struct ByHand(usize);

pub fn by_hand(id: usize) -> ByHand {
    ByHand(id)
}

impl ResumingLayer for ByHand {
    async fn run<R: Rest>(&self, req: &mut Rewrite, res: &mut Response, next: Next<(), R>) -> Result {
        let act = enter(self.0, "layer", req);
        act_and_wait(self.0, act, req, res, next).await
    }

    async fn recover(&self, err: Error, req: &mut Rewrite, res: &mut Response, next: Resume) -> Result {
        match enter(self.0, "handler", req) {
            Act::Resume => next.resume(),
            act => handle(self.0, act, err, res),
        }
    }
}

/// A hand-written layer that never waits, on both tracks.
pub struct PlainByHand(usize);

pub fn plain_by_hand(id: usize) -> PlainByHand {
    PlainByHand(id)
}

impl PlainLayer for PlainByHand {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let scripted = enter(self.0, "layer", req);
        act(self.0, scripted, |_| Ok(()), res, next, |next| next.pass(), |next| next.router())
    }

    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        _: Next<(), ErrorHandler>,
    ) -> Result {
        handle(self.0, enter(self.0, "handler", req), err, res)
    }
}
