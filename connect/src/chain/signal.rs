//! What a link makes of a layer's result: the [`Signal`] that says what it does next.

use std::borrow::Cow;

use super::done::{Detour, Done, Exit, Flow, Outcome, Result};
use crate::check::{LayerInfo, Part};
use crate::error::Origin;
use crate::{Error, Request, Response};

/// A layer in its link, of which an error is said to come.
pub(crate) trait Named {
    /// As in the printed stack.
    fn name(&self) -> &str;

    /// What an attribute knows of its function.
    fn info(&self) -> &'static LayerInfo;
}

/// What a result is of.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    Layer(&'a dyn Named),
    /// The route that the request was last in.
    Route,
}

impl Of<'_> {
    #[cold]
    fn origin(self, req: &Request) -> Option<Origin> {
        let (name, file, line) = match self {
            Of::Layer(layer) => match layer.info() {
                LayerInfo { name: "", .. } => (Cow::Owned(layer.name().to_owned()), "", 0),
                info => (Cow::Borrowed(info.name), info.file, info.line),
            },
            Of::Route => {
                let info = req.route_info()?;
                (Cow::Borrowed(info.name), info.file, info.line)
            }
        };
        Some(Origin::new(name, (line != 0).then_some((file, line))))
    }
}

/// What a link does next.
#[derive(Debug)]
pub enum Signal {
    /// Go on, on the normal track.
    On,
    /// Go on, past ordinary layers.
    Off(Detour),
    /// Everything is dealt with.
    End(Done),
}

impl Signal {
    /// Reads the result of a layer; `by` is what such a layer counts as when it answers, `in_route` whether
    /// it stands in a route's own stack, and `of` what an error is said to come of.
    // Every layer's result comes by here, and nearly all of them pass: that is a comparison, and no call.
    #[inline(always)]
    pub(crate) fn from_result(
        result: Result,
        req: &mut Request,
        res: &mut Response,
        by: Outcome,
        in_route: bool,
        of: Of<'_>,
    ) -> Signal {
        match result {
            Ok(Done(Flow::Pass)) if !res.is_finished() => Signal::On,
            result => Signal::settle(result, req, res, by, in_route, of),
        }
    }

    /// With another error, if it is one.
    pub(crate) fn map_error(self, map: impl FnOnce(Error) -> Error) -> Signal {
        match self {
            Signal::Off(Detour::Error(err)) => Signal::Off(Detour::Error(map(err))),
            other => other,
        }
    }

    /// All other results.
    #[inline(never)]
    fn settle(
        result: Result,
        req: &mut Request,
        res: &mut Response,
        by: Outcome,
        in_route: bool,
        of: Of<'_>,
    ) -> Signal {
        let signal = Signal::read(result, req, res, by, in_route);
        signal.map_error(|err| err.or_origin(|| of.origin(req)))
    }

    fn read(result: Result, req: &mut Request, res: &mut Response, by: Outcome, in_route: bool) -> Signal {
        match (result, res.is_finished()) {
            // A status or header that is none, set after the answer was made: it would not be reported anywhere else.
            (Ok(Done(Flow::Answered(_))), true) if res.has_fault() => {
                Signal::Off(Detour::Error(res.take_fault()))
            }
            (Ok(Done(Flow::Answered(Outcome::Layer))), true) => Signal::End(Done::answered(by)),
            (Ok(done @ Done(Flow::Answered(_))), true) => Signal::End(done),
            (Ok(Done(Flow::Pass)), false) => Signal::On,
            (Ok(Done(Flow::Provides(values))), false) if values.is_for(req.number()) => {
                values.put(&mut req.values);
                Signal::On
            }
            (Ok(Done(Flow::Provides(_))), false) => Signal::Off(of_another_request()),
            (Ok(Done(Flow::Route)), false) if in_route => Signal::Off(Detour::Route),
            // Row 128.
            (Ok(Done(Flow::Route)), false) => Signal::On,
            (Ok(Done(Flow::Leave)), false) => Signal::Off(Detour::Leave),
            (Ok(Done(Flow::Out(Exit::Failed(of, _)))), false) if of != req.number() => {
                Signal::Off(of_another_request())
            }
            (Ok(Done(Flow::Out(_))), false) if !in_route => Signal::Off(of_another_request()),
            (Ok(done @ Done(Flow::Out(_))), false) => Signal::End(done),
            (Ok(Done(Flow::Answered(_))), false) => Signal::Off(not_answered()),
            (Ok(Done(Flow::Pass | Flow::Provides(_) | Flow::Route | Flow::Leave | Flow::Out(_))), true) => {
                Signal::Off(answered_and_handed_on(res))
            }
            (Err(err), _) => {
                res.forget_answer();
                Signal::Off(Detour::Error(err))
            }
        }
    }
}

/// What a layer of the normal track may return.
#[inline(always)]
pub(crate) fn promised(result: Result, info: &LayerInfo, in_route: bool) -> Result {
    if info.provides_without_error() { provided(result, in_route) } else { result }
}

/// What a layer that promises a value may return: it cannot have handed on without, unless the `Done` is not its own. It may
/// leave the route in whose own stack it is: nothing below it runs then.
fn provided(result: Result, in_route: bool) -> Result {
    match result {
        Ok(Done(Flow::Route)) if in_route => Ok(Done(Flow::Route)),
        Ok(Done(Flow::Route)) => Err(Error::msg(
            "a layer with `next: Next<..>` called `next.route()` outside of a route: it goes into the attribute of one, \
             `#[get(\"/:id\", load)]`",
        )),
        Ok(Done(Flow::Pass)) => Err(Error::msg(
            "a layer with `next: Next<..>` handed on without its value: return what its own `next` gave",
        )),
        result => result,
    }
}

/// What an error handler may return: only one that takes `next: Resume` can have handed on.
pub(crate) fn resumed(result: Result, info: &'static LayerInfo) -> Result {
    match (result, info.part) {
        (result, Part::Resumes) if info.provides => provided(result, false),
        (result, Part::Resumes) => result,
        (Ok(Done(Flow::Pass | Flow::Provides(_) | Flow::Route | Flow::Leave)), _) => Err(Error::msg(
            "an error handler without `next: Resume` handed on: return what its own `next` or `res` gave",
        )),
        (result, _) => result,
    }
}

/// The error for a `Done` with values or an error of another request.
#[cold]
fn of_another_request() -> Detour {
    Detour::Error(Error::msg(
        "a layer returned the `Done` of another request: return the one that its own `next` gave",
    ))
}

/// The error for a `Done` that is not about this response: one of another request, or the response was exchanged.
#[cold]
fn not_answered() -> Detour {
    Detour::Error(Error::msg(
        "a layer says that it answered, but the response is not: was it put in place of another?",
    ))
}

/// The error for a layer that has answered and then hands on all the same.
#[cold]
pub(crate) fn answered_and_handed_on(res: &mut Response) -> Detour {
    res.forget_answer();
    Detour::Error(Error::msg(
        "a layer answered and then handed the request on; return what `send` gave instead",
    ))
}
