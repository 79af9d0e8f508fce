//! What a layer returns: [`Done`], what is in it, and why a request goes past ordinary layers.

use crate::Error;
use crate::provide::values::Provided;
use crate::request::Number;

/// `Result<Done, Error>`, with other arguments any other result.
pub type Result<T = Done, E = Error> = std::result::Result<T, E>;

/// Proof that a layer did its part: it answered, or it handed the request on.
///
/// A `Done` belongs to one request. Returned for another it is an error on the error track, if it has values or an error of
/// its own request, or if it says that a response is finished which is not.
///
/// There is no constructor. A `Done` comes from an act that ends the cycle ([`Response::send`](crate::Response::send),
/// [`Response::json`](crate::Response::json), [`Response::end`](crate::Response::end), ..) or hands it on
/// ([`Next::pass`](crate::Next::pass), [`Next::run`](crate::Next::run), ..), so a layer that does neither does not compile.
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
    /// An error that no handler in the route took, and the request that it is about.
    Failed(Number, Error),
}

/// Who answered a request; see [`Done::outcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// No layer yet: this `Done` hands the request on.
    HandedOn,
    /// No layer yet, and an error is on its way: in a route's own stack, where an error that none of the route's handlers
    /// takes goes to those around the route. `res` does not hold what the client gets, and [`Done::error`] says why.
    Failed,
    /// A layer of the normal track.
    Layer,
    /// An error handler.
    ErrorHandler,
    /// The final handler: no layer answered the request, or took the error.
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

#[cfg(test)]
mod tests {
    use super::{Done, Result};

    /// Each layer that waits holds one while it looks at it.
    #[test]
    fn what_a_layer_returns_is_three_words() {
        assert_eq!((size_of::<Done>(), size_of::<Result>()), (24, 24));
    }
}
