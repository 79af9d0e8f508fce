//! About forty random stacks, each driven with a thousand random behaviours, and compared with a naive
//! interpreter of the same stack: same trace, same response.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

mod interpreter;
mod layers;

use std::pin::Pin;

use connect::{App, Chain, Done, Environment, Request, Response, app, router, stack};

use interpreter::{Kind, Node, Scope};
use layers::*;

/// What a layer does when it is reached, chosen anew for every run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    Pass,
    /// `next.run`, then back; a plain layer passes instead.
    Run,
    /// `next.run`, and then an error all the same.
    RunThenFail,
    RawResponse,
    /// Answers, and passes in spite of it.
    AnswerThenPass,
    Fail,
    /// Fails with an error of the type that typed handlers take.
    FailTyped,
    Panic,
    /// `next.router()`.
    Leave,
    /// An error handler's way back, where its type allows it; otherwise it fails.
    Resume,
    /// Rewrites the path, then passes.
    Rewrite(&'static str),
    /// Rewrites the path, then runs.
    RewriteThenRun(&'static str),
}

/// What can be compared of a run.
#[derive(Debug, PartialEq)]
pub struct Seen {
    trace: Vec<String>,
    status: u16,
    body: String,
    outcome: String,
}

type Runner =
    Box<dyn for<'a> Fn(&'a mut Request, &'a mut Response) -> Pin<Box<dyn Future<Output = Done> + 'a>>>;

/// A stack, as code and as data.
pub struct Shape {
    layers: usize,
    app: Runner,
    nodes: Vec<Node>,
}

impl Shape {
    fn new<C: Chain>(layers: usize, app: App<C>, nodes: Vec<Node>) -> Self {
        let app = app.environment(Environment::Test);
        Shape { layers, app: Box::new(move |req, res| Box::pin(app.clone().run_owned(req, res))), nodes }
    }

    fn run(&self, path: &str, acts: &[Act]) -> Seen {
        let mut req = Request::from(http::Request::get(path).body("").expect("a valid path"));
        req.extensions_mut().insert(Script::new(acts));
        let mut res = Response::new();
        let done = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime without drivers")
            .block_on((self.app)(&mut req, &mut res));
        assert_eq!(req.mount_path(), "", "a mount was not restored");
        Seen {
            trace: Script::of(&mut req).take_trace(),
            status: res.status_code().as_u16(),
            body: text(&res),
            outcome: format!("{:?}", done.outcome()),
        }
    }
}

/// The body; of the final handler's page only what says why.
fn text(res: &Response) -> String {
    let body = res.body().as_bytes().expect("one buffer");
    let body = String::from_utf8(body.to_vec()).expect("text");
    match body.split_once("<pre>") {
        Some((_, page)) => page.split_once("</pre>").expect("a whole page").0.to_owned(),
        None => body,
    }
}

trait RunOwned {
    fn run_owned(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done>;
}

impl<C: Chain, P: Send + Sync> RunOwned for App<C, P> {
    async fn run_owned(self, req: &mut Request, res: &mut Response) -> Done {
        self.run(req, res).await
    }
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).expect("less than n")
    }

    /// Handing on is by far the commonest: otherwise few requests would reach the depth of a stack.
    fn act(&mut self) -> Act {
        const PATHS: [&str; 4] = ["/", "/a", "/b/a", "/a/b/c"];
        match self.below(40) {
            0..=15 => Act::Pass,
            16..=24 => Act::Run,
            25..=26 => Act::RunThenFail,
            27 => Act::RawResponse,
            28 => Act::AnswerThenPass,
            29..=30 => Act::Fail,
            31..=32 => Act::FailTyped,
            33 => Act::Panic,
            34 => Act::Leave,
            35..=37 => Act::Resume,
            38 => Act::Rewrite(PATHS[self.below(PATHS.len())]),
            _ => Act::RewriteThenRun(PATHS[self.below(PATHS.len())]),
        }
    }
}

#[test]
fn random_stacks_behave_like_the_naive_interpreter() {
    // The panics are part of the test; their messages are not for the reader.
    std::panic::set_hook(Box::new(|info| {
        if info.payload_as_str() != Some(layers::PANIC) {
            eprintln!("{info}");
        }
    }));
    const PATHS: [&str; 6] = ["/", "/a", "/a/b", "/a/a/b/c", "/b/a", "/A/b/"];
    let mut longest = 0;
    for (n, shape) in SHAPES.iter().enumerate() {
        let shape = shape();
        for seed in 0..1000 {
            let mut random = Random(seed ^ ((n as u64) << 32));
            let acts: Vec<Act> = (0..shape.layers).map(|_| random.act()).collect();
            let path = PATHS[random.below(PATHS.len())];
            let seen = shape.run(path, &acts);
            let expected = interpreter::run(&shape.nodes, path, &acts);
            longest = longest.max(seen.trace.len());
            assert_eq!(
                seen, expected,
                "shape {n}, seed {seed}, path {path}\nleft: the app, right: the interpreter\n{:#?}\n{acts:?}",
                shape.nodes
            );
        }
    }
    // A script that hands on rarely would compare only the beginnings of stacks.
    assert!(longest > 30, "no run went deep: {longest} events at most");
}

include!(concat!(env!("OUT_DIR"), "/model.rs"));
