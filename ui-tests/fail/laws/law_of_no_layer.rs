use connect::{Fact, Facts, Law, Next, Result, StatesFacts, app, get, middleware};

const LIMITS: Fact = Fact::new("example::limits");

struct CorsFacts;

impl StatesFacts for CorsFacts {
    const FACTS: Facts = Facts::of("cors").laws(&[Law::outside_of(
        "cors_outside_of_limits",
        LIMITS,
        "a browser cannot read a 429 without CORS headers",
    )]);
}

struct LimitFacts;

impl StatesFacts for LimitFacts {
    const FACTS: Facts = Facts::of("limit").states(&[LIMITS]);
}

#[middleware(facts = CorsFacts)]
fn cors(next: Next) -> Result {
    next.pass()
}

#[middleware(facts = LimitFacts)]
fn limit(next: Next) -> Result {
    next.pass()
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![#![allow(cors_outside_limits)] cors, limit, index];
    //                    ^^^^^^^^^^^^^^^^^^^ error: rustc
}
