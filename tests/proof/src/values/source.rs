//! A stack as code.

use std::fmt::Write as _;

use super::stack::{Access, Below, Entry, Function, Route, Stack, Type};

/// What the stacks have in common.
pub(crate) const BEGIN: &str = r#"#![allow(dead_code, unused_imports, clippy::all)]
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use connect::{App, Chain, Error, Guarded, Next, Request, Response, Result, Resume, Resuming, Stack, With};
use connect::{app, body_limit, error_handler, get, middleware, provide, router, stack};

pub struct T0(u32);
pub struct T1(u32);
pub struct T2(u32);

static ACTS: Mutex<String> = Mutex::new(String::new());
static TRACE: Mutex<String> = Mutex::new(String::new());

fn note(req: &Request, res: &Response, name: &str, id: usize) -> u8 {
    let by = |by: Option<u32>| by.map_or_else(|| "-".to_owned(), |by| by.to_string());
    let values = [
        by(req.provided::<T0>().map(|value| value.0)),
        by(req.provided::<T1>().map(|value| value.0)),
        by(req.provided::<T2>().map(|value| value.0)),
    ];
    let all: Vec<&str> = res.headers().get_all("x-set").iter().map(|value| value.to_str().unwrap()).collect();
    let count = res.headers().keys().filter(|name| name.as_str().starts_with("x-of-")).count();
    let last = res.header("x-last").unwrap_or("-");
    let (values, limit, all) = (values.join(","), req.body_limit(), all.join("."));
    *TRACE.lock().unwrap() += &format!("{name}{id}[{values} {limit} {all}|{last}|{count}] ");
    ACTS.lock().unwrap().as_bytes()[id]
}
fn reach(req: &Request, res: &mut Response, name: &str, id: usize) -> u8 {
    res.append("x-set", id).set("x-last", id).set(format!("x-of-{id}"), 1);
    note(req, res, name, id)
}
/// Drops it if it has to wait.
async fn once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    }).await
}
fn error(id: usize) -> Error { Error::new(501 + id as u16, "failed") }
fn opt<T>(there: bool, entry: T) -> Option<T> { there.then_some(entry) }

"#;

/// What runs them: each line of the script is a stack, a path, the acts, and what has to be seen.
pub(crate) const END: &str = r#"
/// The status, if nobody waits.
fn run<C: Chain>(app: &App<C>, path: &str) -> u16 {
    let mut req = Request::from(connect::http::Request::get(path).body("").unwrap());
    let mut res = Response::new();
    let ready = std::pin::pin!(app.run(&mut req, &mut res)).poll(&mut Context::from_waker(Waker::noop())).is_ready();
    if ready { res.status_code().as_u16() } else { 0 }
}

fn main() {
    std::panic::set_hook(Box::new(|info| if !info.payload_as_str().is_some_and(|text| text == "acts") { eprintln!("{info}") }));
    let script = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let mut wrong = 0;
    for line in script.lines() {
        let [stack, path, acts, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        *ACTS.lock().unwrap() = acts.to_owned();
        TRACE.lock().unwrap().clear();
        let status = one(stack.parse().unwrap(), path);
        let status = if status == 0 { "waits".to_owned() } else { status.to_string() };
        let seen = format!("{}=> {status}", TRACE.lock().unwrap());
        if seen != expected {
            wrong += 1;
            if wrong < 10 {
                println!("stack {stack}, {path}, acts {acts}\n  app:         {seen}\n  interpreter: {expected}");
            }
        }
    }
    println!("{} runs, {wrong} of them wrong", script.lines().count());
    std::process::exit(if wrong > 0 { 1 } else { 0 });
}
"#;

/// The module of a stack.
pub(crate) fn module(n: usize, stack: &Stack) -> String {
    let mut source = Source { items: String::new() };
    let list = source.list(&stack.list);
    let deny = deny(stack.deny);
    format!(
        "mod s{n} {{\nuse super::*;\n{}pub fn make() -> App<impl Chain> {{\n    app![{deny}{list}]\n}}\n}}\n",
        source.items
    )
}

fn deny(ty: Option<Type>) -> String {
    ty.map_or_else(String::new, |ty| format!("#![deny(unguarded = T{ty})] "))
}

/// `(T0, T1,)`.
fn tuple(types: &[Type]) -> String {
    let mut text = "(".to_owned();
    for ty in types {
        write!(text, "T{ty},").expect("a string");
    }
    text + ")"
}

/// `next: Next<T0>`, and what it goes on with.
fn gives(provides: Option<Type>, id: usize) -> (String, String) {
    match provides {
        Some(ty) => (format!("<T{ty}>"), format!(".with(T{ty}({id}))")),
        None => (String::new(), String::new()),
    }
}

struct Source {
    /// The functions.
    items: String,
}

impl Source {
    fn list(&mut self, list: &[Entry]) -> String {
        let entries: Vec<String> = list.iter().map(|entry| self.entry(entry)).collect();
        entries.join(", ")
    }

    fn entry(&mut self, entry: &Entry) -> String {
        match entry {
            Entry::Provide { id, ty } => format!("provide(T{ty}({id}))"),
            Entry::Limit(id) => format!("body_limit({id})"),
            Entry::Middleware { id, needs, provides, runs } => {
                self.middleware(*id, needs, *provides, *runs);
                format!("l{id}")
            }
            Entry::Handler { id, resumes, provides } => {
                self.handler(*id, *resumes, *provides);
                format!("l{id}")
            }
            Entry::Route(route) => {
                self.route(route);
                format!("l{}", route.id)
            }
            Entry::Router { deny: ty, list } => format!("router![{}{}]", deny(*ty), self.list(list)),
            Entry::List { deny: ty, list } => format!("stack![{}{}]", deny(*ty), self.list(list)),
            Entry::Mount(list) => match &list[..] {
                [entry] if !matches!(entry, Entry::Mount(_)) => format!("\"/x\" => {}", self.entry(entry)),
                list => format!("\"/x\" => [{}]", self.list(list)),
            },
            Entry::Optional { there, entry, .. } => format!("opt({there}, {})", self.entry(entry)),
            Entry::Function(function) => {
                self.function(function);
                format!("f{}()", function.id)
            }
        }
    }

    fn middleware(&mut self, id: usize, needs: &[Type], provides: Option<Type>, runs: Below) {
        let req = if needs.is_empty() { "Request".to_owned() } else { format!("With<{}>", tuple(needs)) };
        let mut uses = String::new();
        for ty in needs {
            write!(uses, "let _ = req.get::<T{ty}>().0; ").expect("a string");
        }
        let (next, with) = gives(provides, id);
        let back = format!("note(req, res, \"b\", {id}); Ok(done)");
        let (asyncness, goes_on) = match runs {
            Below::Passed => ("", format!("next{with}.pass()")),
            Below::Run => ("async ", format!("{{ let done = next{with}.run(req, res).await; {back} }}")),
            Below::Dropped => (
                "async ",
                format!(
                    "match once(next{with}.run(req, res)).await {{ Some(done) => {{ {back} }} \
                     None => {{ note(req, res, \"d\", {id}); Err(error({id})) }} }}"
                ),
            ),
        };
        let waits = if runs == Below::Passed { "" } else { "b'w' => std::future::pending().await, " };
        writeln!(
            self.items,
            "#[middleware] {asyncness}fn l{id}(req: &mut {req}, res: &mut Response, next: Next{next}) -> Result {{ \
             {uses}match reach(req, res, \"\", {id}) {{ b'f' => Err(error({id})), b'a' => res.send(\"a\"), \
             b'l' => next.router(), b'x' => panic!(\"acts\"), {waits}_ => {goes_on} }} }}"
        )
        .expect("a string");
    }

    fn handler(&mut self, id: usize, resumes: bool, provides: Option<Type>) {
        let (next, with) = gives(provides, id);
        let name = if resumes { "Resume" } else { "Next" };
        let back = if resumes { format!("b'r' => next{with}.resume(), ") } else { String::new() };
        writeln!(
            self.items,
            "#[error_handler] fn l{id}(err: Error, req: &mut Request, res: &mut Response, next: {name}{next}) -> Result {{ \
             match reach(req, res, \"h\", {id}) {{ b'a' => res.status(200).send(\"a\"), b'x' => panic!(\"acts\"), \
             {back}_ => next.fail(err) }} }}"
        )
        .expect("a string");
    }

    fn route(&mut self, route: &Route) {
        let Route { id, waits, takes, needs, own, access } = route;
        let mut arguments = "\"/{*rest}\"".to_owned();
        if *access == Access::Public {
            arguments += ", public";
        }
        if !own.is_empty() {
            arguments = format!("{arguments}, {}, needs = {}", self.list(own), tuple(needs));
        }
        if let Access::Guarded(ty) = access {
            write!(arguments, ", guarded = T{ty}").expect("a string");
        }
        let mut params = String::new();
        for ty in takes {
            write!(params, "_t{ty}: &T{ty}, ").expect("a string");
        }
        let (asyncness, wait) =
            if *waits { ("async ", "b'w' => std::future::pending().await, ") } else { ("", "") };
        writeln!(
            self.items,
            "#[get({arguments})] {asyncness}fn l{id}(req: &Request, {params}res: &mut Response, next: Next) -> Result {{ \
             match reach(req, res, \"r\", {id}) {{ b'f' => Err(error({id})), b'a' => res.send(\"a\"), \
             b'x' => panic!(\"acts\"), {wait}_ => next.pass() }} }}"
        )
        .expect("a string");
    }

    fn function(&mut self, function: &Function) {
        let Function { id, router, needs, provides, resumes, guarded, deny: ty, list } = function;
        let list = self.list(list);
        let kind = match (guarded, resumes) {
            (None, false) => "Straight".to_owned(),
            (None, true) => "Resuming".to_owned(),
            (Some(ty), false) => format!("Guarded<T{ty}>"),
            (Some(ty), true) => format!("Guarded<T{ty}, Resuming>"),
        };
        let word = if *router { "router" } else { "stack" };
        let (needs, provides, deny) = (tuple(needs), tuple(provides), deny(*ty));
        writeln!(
            self.items,
            "fn f{id}() -> impl Stack<{needs}, {provides}, connect::{kind}> {{ {word}![{deny}{list}] }}"
        )
        .expect("a string");
    }
}
