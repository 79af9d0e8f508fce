//! Layers that state facts and laws, where they stand as they should; the golden files in `ui-tests/fail/laws` are the others.

use connect::{
    App, Chain, Declared, Declares, Fact, Facts, IntoLayer, Law, Layer, Next, PlainFn, PlainLayer, Request,
    Response, Rest, Result, Stack, Stated, StatesFacts, app, get, guard, middleware, router, stack,
};

use crate::support::call;

const LIMITS: Fact = Fact::new("tests::limits");
const SESSIONS: Fact = Fact::new("tests::sessions");

struct CorsFacts;

impl StatesFacts for CorsFacts {
    const FACTS: Facts = Facts::of("cors").laws(&[Law::outside_of(
        "cors_outside_of_limits",
        LIMITS,
        "a 429 needs its headers",
    )]);
}

struct LimitFacts;

impl StatesFacts for LimitFacts {
    const FACTS: Facts = Facts::of("limit").states(&[LIMITS]);
}

struct CsrfFacts;

impl StatesFacts for CsrfFacts {
    const FACTS: Facts = Facts::of("csrf").laws(&[Law::inside_of(
        "csrf_inside_of_sessions",
        SESSIONS,
        "its token is in there",
    )]);
}

struct SessionFacts;

impl StatesFacts for SessionFacts {
    const FACTS: Facts = Facts::of("session").states(&[SESSIONS]);
}

struct Header(&'static str);

impl PlainLayer for Header {
    fn run(&self, _req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        res.append("x-layers", self.0);
        next.pass()
    }
}

fn cors() -> Stated<Header, CorsFacts> {
    Stated::new(Header("cors"))
}

#[middleware(facts = LimitFacts)]
fn limit(res: &mut Response, next: Next) -> Result {
    res.append("x-layers", "limit");
    next.pass()
}

#[middleware(facts = CsrfFacts)]
async fn csrf(#[config] name: &str, req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.append("x-layers", name);
    Ok(next.run(req, res).await)
}

/// A layer with options, a store of any type, and a value that it provides.
struct Session<S> {
    store: S,
    cookie: &'static str,
}

struct Id(String);

fn session<S>(store: S) -> Session<S> {
    Session { store, cookie: "id" }
}

impl<S> Session<S> {
    fn cookie(self, cookie: &'static str) -> Self {
        Session { cookie, ..self }
    }
}

impl<S: Send + Sync + 'static> IntoLayer for Session<S> {
    type Layer = Stated<Declared<Reader<S>, Declares<(), (Id,)>>, SessionFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Declared::new(Reader { _store: self.store, cookie: self.cookie }))
    }
}

struct Reader<S> {
    _store: S,
    cookie: &'static str,
}

impl<S: Send + Sync + 'static> Layer for Reader<S> {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        res.append("x-layers", "session");
        req.provide(Id(self.cookie.to_owned()));
        Ok(next.run(req, res).await)
    }
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/id")]
fn id(id: &Id) -> String {
    id.0.clone()
}

async fn layers<C: Chain>(app: App<C>) -> String {
    let answer = call(&app, "/").await;
    let names = answer.headers.iter().filter(|(name, _)| name == "x-layers");
    names.map(|(_, layer)| &**layer).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn layers_that_keep_their_laws_run_in_their_order() {
    assert_eq!(layers(app![cors(), limit, index]).await, "cors limit");
    assert_eq!(layers(app![session(()), csrf("csrf"), index]).await, "session csrf");
    assert_eq!(layers(app![stack![cors()], router![limit, index]]).await, "cors limit");
}

#[tokio::test]
async fn a_layer_beside_the_way_of_a_request_breaks_no_law() {
    assert_eq!(layers(app!["/other" => limit, cors(), index]).await, "cors");
    assert_eq!(layers(app![router!["/other" => limit], cors(), index]).await, "cors");
    assert_eq!(layers(app!["/a" => router![limit, id_free], "/" => [cors(), index]]).await, "cors");
    assert_eq!(layers(app![guard![limit => id_free], cors(), index]).await, "cors");
}

#[get("/free")]
fn id_free() -> &'static str {
    "free"
}

#[tokio::test]
async fn a_list_may_break_a_law_that_it_allows() {
    assert_eq!(layers(app![#![allow(cors_outside_of_limits)] limit, cors(), index]).await, "limit cors");
    let app = app![#![allow(cors_outside_of_limits, csrf_inside_of_sessions)]
        limit, "/" => [csrf("csrf"), cors(), session(()), index]
    ];
    assert_eq!(layers(app).await, "limit csrf cors session");
}

#[tokio::test]
async fn a_layer_that_is_there_or_not_keeps_its_laws() {
    assert_eq!(layers(app![Some(cors()), Some(limit), index]).await, "cors limit");
    assert_eq!(layers(app![None::<Stated<Header, CorsFacts>>, Some(csrf("csrf")), index]).await, "csrf");
}

fn api() -> impl Stack<(), (Id,)> {
    stack![session("a store").cookie("sid"), csrf("csrf"), id]
}

fn generic<S: Send + Sync + 'static>(store: S) -> App<impl Chain> {
    app![cors(), limit, session(store).cookie("of any store"), csrf("csrf"), id, index]
}

#[tokio::test]
async fn facts_are_known_of_layers_whose_type_is_not() {
    let app = generic(3_u8);
    assert_eq!(call(&app, "/id").await.body, "of any store");
    assert_eq!(layers(app).await, "cors limit session csrf");
}

#[tokio::test]
async fn options_are_set_on_a_type_that_becomes_a_layer_in_the_list() {
    let app = app!["/api" => api()];
    assert_eq!(call(&app, "/api/id").await.body, "sid");
}
