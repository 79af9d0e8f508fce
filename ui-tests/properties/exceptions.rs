//! Where a message cannot be as it should.

/// What a golden file can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// One error and no warning.
    Errors,
    /// On the marked token.
    Place,
    /// Short.
    Length,
    /// Only published names.
    Names,
}

pub(crate) struct Exception {
    pub(crate) case: &'static str,
    pub(crate) rule: Rule,
    pub(crate) because: &'static str,
}

pub(crate) const ALL: &[Exception] = &[
    Exception {
        case: "acts/json_of_what_is_not_serializable",
        rule: Rule::Length,
        because: "the trait is serde's, and so are the types that rustc lists",
    },
    Exception {
        case: "acts/run_without_await",
        rule: Rule::Length,
        because: "a future in place of its value is rustc's own error; it does say to write `.await`",
    },
    Exception {
        case: "acts/question_mark_on_text",
        rule: Rule::Names,
        because: "what `?` lacks is worded by rustc, which prints the bound",
    },
    Exception {
        case: "stack/app_in_a_struct",
        rule: Rule::Names,
        because: "rustc prints the definition, with the name of a parameter",
    },
    Exception {
        case: "stack/two_apps_in_an_if",
        rule: Rule::Names,
        because: "rustc compares the types of two lists; its words are a heading of `guide::rustc`",
    },
    Exception {
        case: "values/stack_that_needs_nothing",
        rule: Rule::Errors,
        because: "the argument is a part of the type that the function returns, and rustc reports it wherever that stands",
    },
    Exception { case: "values/stack_that_needs_nothing", rule: Rule::Length, because: "as above" },
    Exception {
        case: "values/second_provider_in_a_router",
        rule: Rule::Names,
        because: "no bound asks that a type is not there: what is provided twice is ambiguous, and rustc words that",
    },
    Exception {
        case: "extract/not_an_extractor",
        rule: Rule::Length,
        because: "rustc lists the implementations for `Json`, `Form` and `Query`, which are recommended for the sake of what it says of \
                  a type in them",
    },
    Exception {
        case: "extract/not_an_extractor_after_another",
        rule: Rule::Length,
        because: "rustc lists the implementations for `Json`, `Form` and `Query`, which are recommended for the sake of what it says of \
                  a type in them",
    },
    Exception {
        case: "extract/option_of_no_extractor",
        rule: Rule::Length,
        because: "rustc lists the implementations for `Json`, `Form` and `Query`, which are recommended for the sake of what it says of \
                  a type in them",
    },
    Exception { case: "values/owned_in_a_route", rule: Rule::Length, because: "as above" },
    Exception { case: "values/owned_option_in_a_route", rule: Rule::Length, because: "as above" },
    Exception {
        case: "extract/valid_without_rules",
        rule: Rule::Length,
        because: "rustc says at which implementations the bound stands: that of `Json`, and that of `Valid`",
    },
    Exception { case: "websocket/socket_without_an_upgrade", rule: Rule::Length, because: "as above" },
];

/// The faults that remain, and the exceptions that were not needed.
pub(crate) fn sift(case: &str, found: Vec<(Rule, String)>) -> Vec<String> {
    let mine: Vec<_> = ALL.iter().filter(|exception| exception.case == case).collect();
    let idle = mine.iter().filter(|mine| !found.iter().any(|(rule, _)| *rule == mine.rule));
    let idle = idle.map(|idle| format!("{case}: needs no exception for {:?}", idle.rule));
    let left = found.iter().filter(|(rule, _)| !mine.iter().any(|mine| mine.rule == *rule));
    left.map(|(rule, problem)| format!("{case}: {rule:?}: {problem}")).chain(idle).collect()
}

/// Exceptions for what is not there.
pub(crate) fn strangers(is_case: impl Fn(&str) -> bool) -> Vec<String> {
    let gone = ALL.iter().filter(|exception| !is_case(exception.case));
    gone.map(|exception| format!("{}: an exception for no case", exception.case)).collect()
}
