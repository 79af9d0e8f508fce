//! What the act of a layer amounts to: [`Done`], and the signal that the links make of it.

use crate::check::{LayerInfo, Part};
use crate::provide::values::Provided;
use crate::request::Number;
use crate::{Error, Request, Response};

/// `Result<Done, Error>`, with other arguments any other result.
pub type Result<T = Done, E = Error> = std::result::Result<T, E>;

/// Proof that a layer did its part: it answered, or it handed the request on.
///
/// A `Done` belongs to one request. Returned for another it is an error on the error track, if it has values or an error of
/// its own request, or if it says that a response is finished which is not.
///
/// There is no constructor. A `Done` comes from an act that ends the cycle ([`Response::send`],
/// [`Response::json`], [`Response::end`], ..) or hands it on ([`Next::pass`](crate::Next::pass),
/// [`Next::run`](crate::Next::run), ..), so a layer that does neither does not compile.
#[must_use = "a layer ends with this value: return it"]
#[derive(Debug)]
pub struct Done(pub(crate) Flow);

#[derive(Debug)]
pub(crate) enum Flow {
    /// The response is finished.
    Answered(Outcome),
    /// On to the next layer of the normal track (from an error handler: back to it).
    Pass,
    /// The same, with values for the layers below.
    Provides(Provided),
    /// Out of the route that this layer stands in; elsewhere the same as `Pass`.
    Route,
    /// Out of the router that this layer stands in.
    Leave,
    /// A route's own stack was left: a value for the link of the routes, and nothing for the layers between.
    Out(Exit),
}

/// How a route was left without an answer.
#[derive(Debug)]
pub(crate) enum Exit {
    /// On to the next match.
    Pass,
    /// Out of the router.
    Leave,
    /// An error that nobody in the route took, and the request that it is about.
    Failed(Number, Error),
}

/// Who answered a request; see [`Done::outcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Nobody yet: this `Done` hands the request on.
    HandedOn,
    /// Nobody yet, and an error is on its way: in a route's own stack, where an error that none of the route's handlers
    /// takes goes to those around the route. `res` does not hold what the client gets, and [`Done::error`] says why.
    Failed,
    /// A layer of the normal track.
    Layer,
    /// An error handler.
    ErrorHandler,
    /// The final handler: nobody else wanted the request, or the error.
    FinalHandler,
}

impl Done {
    pub(crate) const fn answered(by: Outcome) -> Self {
        Done(Flow::Answered(by))
    }

    /// Who answered.
    ///
    /// After [`next.run`](crate::Next::run) everything below has been dealt with, errors included, so this is
    /// how a logger or a transaction learns how it went. In a route's own stack an error may be left:
    /// [`Failed`](Outcome::Failed).
    ///
    /// ```
    /// use connect::{middleware, Next, Outcome, Request, Response, Result};
    ///
    /// # async fn commit() {}
    /// # async fn roll_back() {}
    /// #[middleware]
    /// async fn transaction(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     let done = next.run(req, res).await;
    ///     match done.outcome() {
    ///         Outcome::Layer => commit().await,
    ///         _ => roll_back().await,
    ///     }
    ///     Ok(done)
    /// }
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.0 {
            Flow::Answered(by) => by,
            Flow::Out(Exit::Failed(..)) => Outcome::Failed,
            Flow::Pass | Flow::Provides(_) | Flow::Route | Flow::Leave | Flow::Out(_) => Outcome::HandedOn,
        }
    }

    /// The error that is on its way, where the outcome is [`Failed`](Outcome::Failed).
    ///
    /// A layer that returns this `Done` lets it go on. One that answers instead drops the error, which is then logged.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.0 {
            Flow::Out(Exit::Failed(_, err)) => Some(err),
            _ => None,
        }
    }
}

/// Why a request goes past the ordinary layers.
#[derive(Debug)]
pub enum Detour {
    /// An error looks for its handler.
    Error(Error),
    /// A layer left its route; the way ends at the end of the route's own stack.
    Route,
    /// A layer left its router; the way ends at that router's end.
    Leave,
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
    /// Reads the result of a layer; `by` is what such a layer counts as when it answers, and `in_route` whether
    /// it stands in a route's own stack.
    // Every layer's result comes by here, and nearly all of them pass: that is a comparison, and no call.
    #[inline(always)]
    pub(crate) fn from_result(
        result: Result,
        req: &mut Request,
        res: &mut Response,
        by: Outcome,
        in_route: bool,
    ) -> Signal {
        match result {
            Ok(Done(Flow::Pass)) if !res.is_finished() => Signal::On,
            result => Signal::settle(result, req, res, by, in_route),
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
    fn settle(result: Result, req: &mut Request, res: &mut Response, by: Outcome, in_route: bool) -> Signal {
        match (result, res.is_finished()) {
            // A status or header that is none, set after the answer was made: nobody else would report it.
            (Ok(Done(Flow::Answered(_))), true) if res.has_fault() => {
                Signal::Off(Detour::Error(res.take_fault()))
            }
            (Ok(Done(Flow::Answered(Outcome::Layer))), true) => Signal::End(Done::answered(by)),
            (Ok(done @ Done(Flow::Answered(_))), true) => Signal::End(done),
            (Ok(Done(Flow::Pass)), false) => Signal::On,
            (Ok(Done(Flow::Provides(values))), false) if values.is_for(req) => {
                values.put(req);
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

/// What a layer that promises a value may return: it cannot have handed on without, unless the `Done` is not its own. It may
/// leave the route in whose own stack it is: nothing below it runs then.
pub(crate) fn provided(result: Result, in_route: bool) -> Result {
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

#[cfg(test)]
mod tests {
    use super::{Done, Result};

    /// Each layer that waits holds one while it looks at it.
    #[test]
    fn what_a_layer_returns_is_three_words() {
        assert_eq!((size_of::<Done>(), size_of::<Result>()), (24, 24));
    }
}
