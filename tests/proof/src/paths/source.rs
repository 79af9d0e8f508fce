//! A stack as code.

use std::fmt::Write as _;

use super::stack::{Entry, Kind, List, Options, Pattern, Route, Stack};

/// What the stacks have in common.
pub(crate) const BEGIN: &str = r##"#![allow(dead_code, unused_imports, unused_variables, clippy::all)]
use std::sync::Mutex;
use connect::{App, Chain, Error, Layer, Next, Request, Response, Rest, Result, Resume, Rewrite, RewritingLayer, Stack};
use connect::{all, app, error_handler, get, middleware, post, router, stack};

static ACTS: Mutex<String> = Mutex::new(String::new());
static TRACE: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn note(id: usize) -> u8 {
    TRACE.lock().unwrap().push(id);
    ACTS.lock().unwrap().as_bytes()[id]
}
fn error() -> Error { Error::new(501, "failed") }
fn opt<T>(there: bool, entry: T) -> Option<T> { there.then_some(entry) }

pub struct ByHand(usize);
impl Layer for ByHand {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        match note(self.0) { b'f' => Err(error()), b'a' => res.send("a"), b'l' => next.router(), _ => next.pass() }
    }
}
pub struct Rewrites(usize);
impl RewritingLayer for Rewrites {
    async fn run<R: Rest>(&self, req: &mut Rewrite, res: &mut Response, next: Next<(), R>) -> Result {
        match note(self.0) {
            b'f' => Err(error()), b'a' => res.send("a"), b'l' => next.router(),
            b'w' => { req.set_url("/a/z")?; next.pass() }
            _ => next.pass(),
        }
    }
}

"##;

/// What runs them: each line of the script is a stack, a request, the acts, and what has to be seen.
pub(crate) const END: &str = r##"
fn run<C: Chain>(app: &App<C>, request: &str) -> u16 {
    let (method, path) = request.split_once(' ').unwrap();
    let mut req = Request::from(connect::http::Request::builder().method(method).uri(path).body("").unwrap());
    let mut res = Response::new();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(app.run(&mut req, &mut res));
    res.status_code().as_u16()
}

fn main() {
    let script = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let mut wrong = 0;
    for line in script.lines() {
        let [stack, request, acts, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        *ACTS.lock().unwrap() = acts.to_owned();
        TRACE.lock().unwrap().clear();
        one(stack.parse().unwrap(), request);
        let seen = format!("{:?}", TRACE.lock().unwrap());
        if seen != expected {
            wrong += 1;
            if wrong < 10 {
                println!("stack {stack}, {request}, acts {acts}\n  app:         {seen}\n  interpreter: {expected}");
            }
        }
    }
    println!("{} runs, {wrong} of them wrong", script.lines().count());
    std::process::exit(if wrong > 0 { 1 } else { 0 });
}
"##;

/// The module of a stack.
pub(crate) fn module(n: usize, stack: &Stack) -> String {
    let mut source = Source { items: String::new() };
    let list = source.entries(&stack.list);
    format!(
        "mod s{n} {{\nuse super::*;\n{}pub fn make() -> App<impl Chain> {{\n    app![{list}]\n}}\n}}\n",
        source.items
    )
}

struct Source {
    /// The functions.
    items: String,
}

impl Source {
    /// What stands between the brackets.
    fn entries(&mut self, list: &List) -> String {
        let Options { strict, case_sensitive } = list.options;
        let options = match (strict, case_sensitive) {
            (false, false) => "",
            (true, false) => "#![strict] ",
            (false, true) => "#![case_sensitive] ",
            (true, true) => "#![strict, case_sensitive] ",
        };
        let entries: Vec<String> = list.entries.iter().map(|entry| self.entry(entry)).collect();
        format!("{options}{}", entries.join(", "))
    }

    fn entry(&mut self, entry: &Entry) -> String {
        match entry {
            Entry::Layer(id, kind) => self.layer(*id, *kind, "router"),
            Entry::Route(route) => self.route(route),
            Entry::List(list) => format!("{}[{}]", word(list), self.entries(list)),
            Entry::Mount(path, entry) => format!("{:?} => {}", path.text(), self.entry(entry)),
            Entry::Optional(there, entry) => format!("opt({there}, {})", self.entry(entry)),
            Entry::Function(id, list) => {
                let entries = self.entries(list);
                let kind = if resumes(list) { "<(), (), connect::Resuming>" } else { "" };
                writeln!(self.items, "fn f{id}() -> impl Stack{kind} {{ {}[{entries}] }}", word(list))
                    .expect("a string");
                format!("f{id}()")
            }
        }
    }

    fn layer(&mut self, id: usize, kind: Kind, leave: &str) -> String {
        let (req, rewrites) = match kind {
            Kind::Rewrites => ("Rewrite", "b'w' => { req.set_url(\"/a/z\")?; next.pass() } "),
            _ => ("Request", ""),
        };
        let item = match kind {
            Kind::ByHand => return format!("ByHand({id})"),
            Kind::RewritesByHand => return format!("Rewrites({id})"),
            Kind::Passes | Kind::Rewrites => format!(
                "#[middleware] fn l{id}(req: &mut {req}, res: &mut Response, next: Next) -> Result {{ \
                 match note({id}) {{ b'f' => Err(error()), b'a' => res.send(\"a\"), b'l' => next.{leave}(), {rewrites}\
                 _ => next.pass() }} }}"
            ),
            Kind::Answers => format!(
                "#[middleware] fn l{id}(req: &mut Request, res: &mut Response) -> Result {{ \
                 match note({id}) {{ b'f' => Err(error()), _ => res.send(\"a\") }} }}"
            ),
            Kind::Handles | Kind::Resumes => {
                let (next, resumes) =
                    if kind == Kind::Resumes { ("Resume", "b'r' => next.resume(), ") } else { ("Next", "") };
                format!(
                    "#[error_handler] fn l{id}(err: Error, req: &mut Request, res: &mut Response, next: {next}) -> \
                     Result {{ match note({id}) {{ b'a' => res.send(\"a\"), {resumes}_ => next.fail(err) }} }}"
                )
            }
        };
        writeln!(self.items, "{item}").expect("a string");
        format!("l{id}")
    }

    fn route(&mut self, route: &Route) -> String {
        let Route { id, method, pattern, passes, own } = route;
        let attribute = method.map_or_else(|| "all".to_owned(), str::to_ascii_lowercase);
        let own = own.map_or_else(String::new, |(id, kind)| format!(", {}", self.layer(id, kind, "route")));
        let (next, act) = if *passes {
            (", next: Next", "b'a' => res.send(\"a\"), b'l' => next.router(), _ => next.pass()")
        } else {
            ("", "_ => res.send(\"a\")")
        };
        let path: &Pattern = pattern;
        writeln!(
            self.items,
            "#[{attribute}({:?}{own})] fn l{id}(req: &Request, res: &mut Response{next}) -> Result {{ \
             match note({id}) {{ b'f' => Err(error()), {act} }} }}",
            path.text()
        )
        .expect("a string");
        format!("l{id}")
    }
}

fn word(list: &List) -> &'static str {
    if list.router { "router!" } else { "stack!" }
}

/// Whether the type of a function that returns it has to say that it may resume.
fn resumes(list: &List) -> bool {
    fn entry(of: &Entry) -> bool {
        match of {
            Entry::Layer(_, kind) => *kind == Kind::Resumes,
            Entry::Route(_) => false,
            Entry::List(list) | Entry::Function(_, list) => !list.router && resumes(list),
            Entry::Mount(_, inner) | Entry::Optional(_, inner) => entry(inner),
        }
    }
    !list.router && list.entries.iter().any(entry)
}
