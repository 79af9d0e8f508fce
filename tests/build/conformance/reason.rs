//! Why a recorded scenario is skipped: a closed list.

/// A reason. Where several hold, the first of this order is given: those that stay come before the one that
/// goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// Something happens after `next` in the same function.
    ContinuesAfterNext,
    /// A layer does nothing: here it does not compile.
    NeitherRespondsNorCallsNext,
    /// A JavaScript value that is no error, or a number of parameters that does not compile.
    NoErrorOrArity,
    /// Part of a response is on the wire when the layer calls `next`, fails, or responds again.
    WriteBeforeNext,
    /// hyper refuses the request before the app, or hands over another target; or its types have no such method
    /// or target to go on with, or no phrase for a status.
    RefusedByHyper,
    /// A promise or a timing that only Node has.
    PromiseOrTiming,
    /// Connect and Express 5 differ, and Express 5 is followed.
    FollowsExpress,
    /// A path that is a regular expression or a list of paths, of which there are none here; or one list of
    /// handlers for several methods, whose `next('route')` leaves them all.
    NotOnePattern,
    /// A callback of `router.param`: here the type of a parameter does this.
    ParamCallback,
    /// A pattern that is refused when it is compiled: see the messages in `ui-tests/`.
    DoesNotCompile,
    /// A handler asks its app where the app is mounted; here it asks the request.
    AppAsObject,
    /// What it needs is not written yet.
    NotImplemented,
}

impl Reason {
    /// Every reason, in order.
    #[allow(
        dead_code,
        reason = "the build script and the test share this file, and only one of them lists them"
    )]
    pub(crate) const ALL: [Reason; 12] = [
        Reason::ContinuesAfterNext,
        Reason::NeitherRespondsNorCallsNext,
        Reason::NoErrorOrArity,
        Reason::WriteBeforeNext,
        Reason::RefusedByHyper,
        Reason::PromiseOrTiming,
        Reason::FollowsExpress,
        Reason::NotOnePattern,
        Reason::ParamCallback,
        Reason::DoesNotCompile,
        Reason::AppAsObject,
        Reason::NotImplemented,
    ];

    /// In words.
    #[allow(dead_code, reason = "as for `ALL`")]
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Reason::ContinuesAfterNext => "continues after `next` in the same function",
            Reason::NeitherRespondsNorCallsNext => {
                "neither responds nor calls `next` (does not compile here)"
            }
            Reason::NoErrorOrArity => {
                "a JavaScript value that is no error, or an arity that does not compile"
            }
            Reason::WriteBeforeNext => "a write before `next`",
            Reason::RefusedByHyper => "refused by hyper before the app",
            Reason::PromiseOrTiming => "a promise or timing of Node's",
            Reason::FollowsExpress => "Connect and Express 5 differ here, and Express 5 is followed",
            Reason::NotOnePattern => "a regular expression or several paths in one registration",
            Reason::ParamCallback => "a callback of `router.param` (a typed parameter here)",
            Reason::DoesNotCompile => "a pattern that does not compile here",
            Reason::AppAsObject => "a property of the app, read by a handler (here of the request)",
            Reason::NotImplemented => "is not written yet",
        }
    }
}
