use connect::{
    Fact, Facts, IntoLayer, Law, Next, PlainFn, PlainLayer, Request, Response, Result, Stated, StatesFacts, app, middleware,
};

const SESSIONS: Fact = Fact::new("example::sessions");

struct SessionFacts;

impl StatesFacts for SessionFacts {
    const FACTS: Facts = Facts::of("session").states(&[SESSIONS]);
}

struct Session;

impl IntoLayer for Session {
    type Layer = Stated<Reader, SessionFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Reader)
    }
}

struct Reader;

impl PlainLayer for Reader {
    fn run(&self, _req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
        next.pass()
    }
}

struct CsrfFacts;

impl StatesFacts for CsrfFacts {
    const FACTS: Facts = Facts::of("csrf").laws(&[Law::inside_of(
        "csrf_inside_of_sessions",
        SESSIONS,
        "its token is kept in the session",
    )]);
}

#[middleware(facts = CsrfFacts)]
fn csrf(next: Next) -> Result {
    next.pass()
}

fn main() {
    let _ = app![csrf, Session];
    //                 ^^^^^^^ error: rustc
}
