//! The mistakes: what each is, what Express does, and where it cannot be made.
//!
//! What Express 5 and Connect 3.7 do is recorded in `tests/conformance`.

/// Mistakes of one kind.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) mistakes: &'static [Mistake],
}

pub(crate) struct Mistake {
    /// Ours below `ui-tests/fail`, and its twin below `axum`.
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    /// What it does at run time.
    pub(crate) express: &'static str,
    pub(crate) not: Option<Not>,
}

/// Where it cannot be made, and why.
#[derive(Clone, Copy)]
pub(crate) enum Not {
    Here(&'static str),
    There(&'static str),
}

const fn mistake(file: &'static str, title: &'static str, express: &'static str) -> Mistake {
    Mistake { file, title, express, not: None }
}

impl Mistake {
    const fn not(mut self, not: Not) -> Mistake {
        self.not = Some(not);
        self
    }
}

pub(crate) const GROUPS: &[Group] = &[
    Group {
        title: "Signatures",
        about: "The macro reads the parameters and says what it takes instead.",
        mistakes: SIGNATURES,
    },
    Group {
        title: "Acts",
        about: "A layer ends with one act: it answers, hands on, or fails. `Result` is the proof, and `next` is used up by it.",
        mistakes: ACTS,
    },
    Group { title: "Lists", about: "What stands in `app![..]`.", mistakes: LISTS },
    Group {
        title: "Routes and patterns",
        about: "The pattern is read when it compiles, and held against the parameters of the function and against the routes above.",
        mistakes: ROUTES,
    },
    Group {
        title: "Values",
        about: "What a layer needs is held against what those above it provide.",
        mistakes: VALUES,
    },
    Group {
        title: "Dead layers",
        about: "A layer that no request gets to, or no error, is refused where it stands.",
        mistakes: DEAD,
    },
    Group { title: "Of axum alone", about: "Two mistakes that are common there.", mistakes: OF_AXUM },
];

const SIGNATURES: &[Mistake] = &[
    mistake(
        "middleware/swapped",
        "Parameters of a middleware in the wrong order",
        "takes it, since only their number counts; a method that is not there throws, which is a 500",
    ),
    mistake(
        "middleware/request_by_value",
        "The request moved where it is lent, or lent where it is moved",
        "cannot be made: JavaScript neither moves nor lends",
    ),
    mistake(
        "middleware/unknown_type",
        "A parameter of a type that is not for a middleware",
        "has no types; it passes request, response and `next`, whatever they are called",
    ),
    mistake("middleware/generic", "A generic middleware", "cannot be made: JavaScript has no types"),
    mistake(
        "middleware/no_return_type",
        "A middleware without a return type",
        "ignores what a handler returns",
    ),
    mistake(
        "middleware/wrong_return_type",
        "A middleware that returns something else",
        "ignores what a handler returns",
    ),
    mistake(
        "middleware/four_parameters",
        "An error handler marked as a middleware",
        "four parameters make it an error handler, which the normal track skips",
    )
    .not(Not::There("the number of parameters does not tell a kind")),
    mistake(
        "error_handler/three_parameters",
        "An error handler without the error",
        "silently makes it an ordinary middleware: skipped while an error is pending",
    ),
    mistake(
        "error_handler/error_last",
        "The error in the wrong place",
        "takes it: the first of four is the error, whatever it is called",
    ),
    mistake(
        "error_handler/not_an_error_type",
        "An error handler for a type that no error has",
        "gives it whatever was thrown",
    ),
];

const ACTS: &[Mistake] = &[
    mistake(
        "acts/neither_answers_nor_passes",
        "A middleware that neither answers nor goes on",
        "lets the request hang, with no timeout and no warning",
    ),
    mistake(
        "acts/next_twice",
        "`next` used twice",
        "does not notice: the layers below run twice or out of place, or write after the end",
    ),
    mistake(
        "acts/done_dropped",
        "A response, and then on all the same (where unused results are denied)",
        "sends the first response; the second send throws, and the connection is closed",
    ),
    mistake(
        "acts/run_in_plain_fn",
        "Waiting for the layers below without `async`",
        "`next()` returns nothing, and the code after it runs before asynchronous work below",
    ),
    mistake("acts/not_send", "An `Rc` held across an `.await`", "cannot be made: there is one thread"),
    mistake(
        "acts/fail_with_text",
        "A text as an error",
        "takes any truthy value: a 500, with the text on the page in development",
    ),
    mistake(
        "error_handler/pass",
        "An error handler that goes on and drops the error",
        "resumes the normal track; when nobody answers there, the error has become a 404",
    )
    .not(Not::There("there is no error track; a handler's error is its response")),
    mistake("acts/unsendable", "A number as a body", "sends it as JSON, with status 200"),
    mistake("acts/status_of_wrong_type", "A text as a status", "throws when it gets there, which is a 500"),
    mistake(
        "acts/borrowed_text",
        "A response that borrows from the request",
        "cannot be made: JavaScript has no borrows",
    ),
];

const LISTS: &[Mistake] = &[
    mistake(
        "stack/not_a_layer",
        "A struct that is no layer",
        "refuses what is no function, when it starts; Connect takes a text, which never runs",
    ),
    mistake("stack/no_attribute", "A function that was not made a layer", "takes every function"),
    mistake(
        "stack/no_attribute_but_next",
        "A function that takes `next`, not made a layer",
        "takes every function",
    ),
    mistake(
        "stack/missing_configuration",
        "A middleware without what configures it",
        "takes the function that makes the middleware for one: nobody calls `next`, and the request hangs",
    ),
    mistake("stack/misspelt", "A name misspelt", "a `ReferenceError` when it starts"),
    mistake("stack/path_without_slash", "A mount path without its slash", "not recorded"),
    mistake("stack/missing_comma", "A comma missing in the list", "a `SyntaxError` when it starts")
        .not(Not::There("there is no list, only method calls")),
];

const ROUTES: &[Mistake] = &[
    mistake(
        "route/pattern_of_express_4",
        "The path syntax of an older version",
        "a `TypeError` when it starts",
    ),
    mistake(
        "route/pattern_with_bare_wildcard",
        "A wildcard without a name",
        "a `TypeError` when it starts: \"Missing parameter name\"",
    ),
    mistake(
        "route/pattern_with_regular_expression",
        "A regular expression in a pattern",
        "a `TypeError` when it starts; Express 4 takes it",
    ),
    mistake(
        "route/parameters_without_text_between",
        "Two parameters with no text between",
        "a `TypeError` when it starts",
    ),
    mistake(
        "route/parameter_misspelt",
        "The name of a parameter misspelt",
        "`req.params` has the pattern's names alone, and a misspelt one is `undefined`",
    ),
    mistake(
        "route/parameter_not_taken",
        "A parameter that the function does not take",
        "has all of them in `req.params`",
    ),
    mistake(
        "route/parameter_of_a_wrong_type",
        "A parameter of a type that no text becomes",
        "every parameter is a text",
    ),
    mistake(
        "route/optional_parameter_without_option",
        "An optional part, taken as if it were always there",
        "leaves the key out, and the value is `undefined`",
    )
    .not(Not::There("patterns have no optional parts")),
    mistake(
        "route/splat_without_vec",
        "The segments of a wildcard as something else",
        "gives a list, which Express 4 gave as one text",
    ),
    mistake(
        "route/answer_of_a_wrong_type",
        "A response of a type that cannot be sent",
        "ignores what a handler returns: the request hangs",
    ),
    mistake(
        "route/request_by_value",
        "A route's request moved where it is lent, or lent where it is moved",
        "cannot be made: JavaScript neither moves nor lends",
    ),
    mistake("route/unreachable", "A route that can never match", "never calls the second, and says nothing"),
];

const VALUES: &[Mistake] = &[
    mistake(
        "values/route_without_provider",
        "A value that is provided under another path",
        "the property is `undefined`; reading from it throws, which is a 500",
    ),
    mistake(
        "values/provided_too_late",
        "A value that is provided further down",
        "the property is `undefined`, as with a body parser below the route that needs it",
    ),
    mistake(
        "values/not_provided",
        "A value that nobody provides",
        "the property is `undefined`; reading from it throws, which is a 500",
    ),
    mistake(
        "values/provided_in_a_router",
        "A value of a router, used outside of it",
        "works for what came by the router, since that runs for siblings, too",
    ),
    mistake(
        "values/promise_not_kept",
        "A middleware that provides nothing of what it is for",
        "the property is `undefined`; reading from it throws, which is a 500",
    ),
    mistake("values/wrong_value", "A value of another type", "any value can be assigned"),
    mistake("values/second_provider", "A value provided twice", "the second replaces the first"),
    mistake("values/exclusive", "A value of all taken to be changed by one", "any layer may change it"),
];

const DEAD: &[Mistake] = &[
    mistake("dead/below_an_answer", "A middleware below a response", "never runs it, and says nothing"),
    mistake(
        "dead/route_below_an_answer",
        "A route below a middleware that always answers",
        "never runs it, and says nothing",
    ),
    mistake(
        "dead/below_a_catch_all",
        "A middleware below a route for every path",
        "never runs it, and says nothing",
    )
    .not(Not::There("layers wrap the routes, and a route for every path comes last wherever it stands")),
    mistake(
        "dead/error_handler_first",
        "An error handler above what may fail",
        "never calls it; the default error page answers",
    ),
    mistake(
        "dead/in_a_routes_own_stack",
        "A response in a route's own stack",
        "never calls the route's handler, and says nothing",
    )
    .not(Not::There("a route has no stack of its own, only layers around it")),
];

const OF_AXUM: &[Mistake] = &[
    mistake(
        "only_there/body_first",
        "A parameter that takes the body, before another",
        "`req.body` is `undefined` above its parser",
    )
    .not(Not::Here("the request is lent to all parameters, and none takes it away")),
    mistake(
        "only_there/no_error_handler",
        "A layer that may fail, with no error handler",
        "answers with the default error page",
    )
    .not(Not::Here("an error that no handler takes goes to the final handler, as with Express")),
];
