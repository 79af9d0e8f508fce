//! An app of many layers, as text.

use std::fmt::Write as _;

use crate::kinds::Kind;

/// What an app consists of.
pub(crate) struct Program<'a> {
    pub(crate) kinds: &'a [&'static Kind],
    /// How many layers, in each router if there are some.
    pub(crate) layers: usize,
    /// How many routers, one in the other; each comes from a function.
    pub(crate) nest: usize,
}

const HEAD: &str = "\
#![allow(dead_code, unused_imports)]
use std::time::Duration;
use std::pin::Pin;
use connect::{App, Chain, Done, Error, Layer, Next, Request, Response, Rest, Result, Stack, With};
use connect::{app, error_handler, get, middleware, provide, router, stack, tower};
use connect_depth_hosts::tokio::time::timeout;
use connect_depth_hosts::tower_http::trace::TraceLayer;
use connect_depth_hosts::tracing::{Instrument, Span};

const LIMIT: Duration = Duration::from_secs(30);
pub struct Base(pub u32);
fn in_a_box<'a>(future: impl Future<Output = Done> + Send + 'a) -> Pin<Box<dyn Future<Output = Done> + Send + 'a>> { Box::pin(future) }
async fn timed<F: Future>(future: F) -> F::Output { future.await }
fn note(res: &mut Response, number: u32) {
    let before = res.headers_mut().get(\"x-layers\").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let all = format!(\"{before}{number},\");
    res.set(\"x-layers\", all.as_str());
}
#[middleware] async fn first(req: &mut Request, _: &mut Response, next: Next) -> Result {
    if req.header(\"x-fail\").is_some() { next.fail(Error::new(418, \"asked to\")) } else { next.pass() }
}
#[get(\"/end\")] async fn last(res: &mut Response) -> Result { res.send(\"end\") }
#[error_handler] async fn on_error(_: Error, _: &mut Request, res: &mut Response, _: Next) -> Result { res.status(507).send(\"failed\") }
";

impl Program<'_> {
    /// The path that goes through all layers.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for level in 1..=self.nest {
            let _ = write!(path, "/n{level}");
        }
        path + "/end"
    }

    /// The numbers of the layers on that path that note theirs, in order.
    pub(crate) fn notes(&self) -> String {
        (0..=self.nest)
            .flat_map(|level| self.entries(level))
            .map(|(number, kind)| kind.notes(number))
            .collect()
    }

    /// Paths that go into the last mount and the last route of the outermost list, and the statuses of the answers.
    pub(crate) fn others(&self) -> Vec<(String, u16)> {
        let last = |names: &[&str]| self.entries(0).filter(|(_, kind)| names.contains(&kind.name)).last();
        let mount = last(&["mount", "router", "app"]).map(|(number, _)| (format!("/m{number}/x"), 404));
        let route = last(&["route", "route_stack"]).map(|(number, _)| (format!("/r{number}"), 200));
        mount.into_iter().chain(route).collect()
    }

    /// The layers of a list, with their numbers.
    fn entries(&self, level: usize) -> impl Iterator<Item = (usize, &'static Kind)> {
        let first = level * self.layers;
        self.kinds.iter().cycle().take(self.layers).enumerate().map(move |(i, kind)| (first + i, *kind))
    }

    /// The app and its layers, with a function `make_app`.
    pub(crate) fn text(&self) -> String {
        let mut items = HEAD.to_owned();
        let mut inner = String::new();
        for level in (0..=self.nest).rev() {
            let mut entries = vec![if level == 0 { "provide(Base(1)), first" } else { "first" }.to_owned()];
            for (number, kind) in self.entries(level) {
                items += &kind.items(number);
                items.push('\n');
                entries.push(kind.entry(number));
            }
            entries.push(if inner.is_empty() { "last".to_owned() } else { std::mem::take(&mut inner) });
            entries.push("on_error".to_owned());
            let list = entries.join(", ");
            if level == 0 {
                let _ = writeln!(items, "pub fn make_app() -> App<impl Chain> {{ app![{list}] }}");
            } else {
                let _ = writeln!(items, "fn router{level}() -> impl Stack<(Base,)> {{ router![{list}] }}");
                inner = format!("\"/n{level}\" => router{level}()");
            }
        }
        items
    }
}

/// A program that serves `make_app`.
pub(crate) fn main_of(program: &Program<'_>) -> String {
    let (path, notes, others) = (program.path(), program.notes(), program.others());
    let others: String = others.iter().map(|(path, status)| format!("({path:?}, {status}), ")).collect();
    format!("fn main() {{ connect_depth_hosts::all(make_app, {path:?}, {notes:?}, &[{others}]); }}\n")
}

/// A test of it, in a crate of its own, as tests of users are.
pub(crate) fn test_of(path: &str) -> String {
    format!(
        "use connect_depth_hosts::tokio;\n\
         #[test]\nfn answers() {{\n    \
         tokio::runtime::Runtime::new().unwrap().block_on(connect_depth_hosts::in_process(depth_app::make_app(), {path:?}));\n}}\n"
    )
}
