//! The same stacks, interpreted: a list of nodes, walked recursively, with a closure for what comes after it. It
//! shares nothing with the library but the vocabulary.

use std::cell::Cell;
use std::rc::Rc;

use crate::{Act, Seen};

/// An entry of a stack.
#[derive(Debug)]
pub enum Node {
    Layer(usize, Kind),
    Mount(&'static str, Scope, Vec<Node>),
}

/// Whose error handlers and whose `next.router()` count inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scope {
    List,
    Own,
}

/// The kinds of layers, named like the functions that make them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Waits,
    Plain,
    Handles,
    PlainHandles,
    HandlesTyped,
    PlainHandlesTyped,
    Resumes,
    PlainResumes,
    ByHand,
    PlainByHand,
}

/// How a request arrives somewhere.
enum Track {
    Normal,
    Error(String),
    Leave,
}

/// Who answered.
type Outcome = &'static str;

struct Cycle<'a> {
    acts: &'a [Act],
    trace: Vec<String>,
    /// The whole path.
    path: String,
    /// How much of it the mounts have stripped where we are.
    stripped: Rc<Cell<usize>>,
    /// All such numbers that somebody still holds.
    held: Vec<Rc<Cell<usize>>>,
    status: u16,
    body: Option<String>,
}

pub fn run(nodes: &[Node], path: &str, acts: &[Act]) -> Seen {
    let outside = Rc::new(Cell::new(0));
    let mut cycle = Cycle {
        acts,
        trace: Vec::new(),
        path: path.to_owned(),
        stripped: Rc::clone(&outside),
        held: vec![outside],
        status: 200,
        body: None,
    };
    let outcome = walk(nodes, Track::Normal, &mut cycle, &|track, cycle| {
        match track {
            Track::Error(message) => {
                let failed = (400..600).contains(&cycle.status);
                cycle.status = if failed { cycle.status } else { 500 };
                cycle.body = Some(message);
            }
            Track::Normal | Track::Leave => {
                cycle.status = 404;
                cycle.body = Some(format!("Cannot GET {path}"));
            }
        }
        "FinalHandler"
    });
    Seen {
        trace: cycle.trace,
        status: cycle.status,
        body: cycle.body.expect("answered"),
        outcome: outcome.to_owned(),
    }
}

fn walk(
    nodes: &[Node],
    track: Track,
    cycle: &mut Cycle<'_>,
    after: &dyn Fn(Track, &mut Cycle<'_>) -> Outcome,
) -> Outcome {
    let Some((node, rest)) = nodes.split_first() else { return after(track, cycle) };
    match (node, track) {
        (_, Track::Leave) => after(Track::Leave, cycle),
        (Node::Mount(path, scope, inside), track) => {
            let covered = cycle.covered_by(path);
            let enters = match track {
                Track::Error(_) => *scope == Scope::List,
                _ => true,
            };
            let Some(covered) = covered.filter(|_| enters) else { return walk(rest, track, cycle, after) };
            let outside = Rc::clone(&cycle.stripped);
            let inner = Rc::new(Cell::new(outside.get() + covered));
            cycle.held.push(Rc::clone(&inner));
            cycle.stripped = Rc::clone(&inner);
            let outcome = walk(inside, track, cycle, &|track, cycle| {
                cycle.stripped = Rc::clone(&outside);
                let track = match track {
                    Track::Leave if *scope == Scope::Own => Track::Normal,
                    track => track,
                };
                let outcome = walk(rest, track, cycle, after);
                cycle.stripped = Rc::clone(&inner);
                outcome
            });
            cycle.stripped = outside;
            outcome
        }
        (Node::Layer(id, kind), Track::Normal) => {
            match kind {
                Kind::Waits | Kind::Plain | Kind::ByHand | Kind::PlainByHand => {
                    let act = cycle.enter(*id, "layer");
                    let waits = matches!(kind, Kind::Waits | Kind::ByHand);
                    let track = match (act, waits) {
                    (Act::RawResponse, _) => {
                        cycle.response(201, format!("response {id}"));
                        return "Layer";
                    }
                    (Act::Fail, _) => Track::Error(format!("fail {id}")),
                    (Act::FailTyped, _) => Track::Error(format!("typed {id}")),
                    (Act::Panic, _) => Track::Error("a layer panicked: scripted".to_owned()),
                    (Act::AnswerThenPass, _) => Track::Error(
                        "a layer answered and then handed the request on; return what `send` gave instead".to_owned(),
                    ),
                    (Act::Leave, _) => Track::Leave,
                    (Act::Run | Act::RunThenFail | Act::RewriteThenRun(_), true) => {
                        if let Act::RewriteThenRun(path) = act {
                            cycle.rewrite(path);
                        }
                        let outcome = walk(rest, Track::Normal, cycle, after);
                        let event = format!("{id} back {} {} {}", cycle.mount_path(), cycle.view(), cycle.status);
                        cycle.trace.push(event);
                        if act != Act::RunThenFail {
                            return outcome;
                        }
                        // The response below is forgotten.
                        cycle.status = 200;
                        Track::Error(format!("late {id}"))
                    }
                    (Act::Rewrite(path) | Act::RewriteThenRun(path), _) => {
                        // A plain layer by hand cannot.
                        if *kind != Kind::PlainByHand {
                            cycle.rewrite(path);
                        }
                        Track::Normal
                    }
                    (Act::Pass | Act::Run | Act::RunThenFail | Act::Resume, _) => Track::Normal,
                };
                    walk(rest, track, cycle, after)
                }
                _ => walk(rest, Track::Normal, cycle, after),
            }
        }
        (Node::Layer(id, kind), Track::Error(message)) => {
            let takes = match kind {
                Kind::Waits | Kind::Plain => false,
                Kind::HandlesTyped | Kind::PlainHandlesTyped => message.starts_with("typed "),
                _ => true,
            };
            if !takes {
                return walk(rest, Track::Error(message), cycle, after);
            }
            let act = cycle.enter(*id, "handler");
            let goes_back = matches!(kind, Kind::Resumes | Kind::PlainResumes | Kind::ByHand);
            let track = match act {
                Act::Resume if goes_back => Track::Normal,
                Act::RawResponse | Act::Run => {
                    cycle.response(500, format!("handled {id}: {message}"));
                    return "ErrorHandler";
                }
                Act::Fail => Track::Error(format!("replaced {id}")),
                Act::FailTyped => Track::Error(format!("typed {id}")),
                Act::Panic => Track::Error("a layer panicked: scripted".to_owned()),
                _ => Track::Error(message),
            };
            walk(rest, track, cycle, after)
        }
    }
}

impl Cycle<'_> {
    fn enter(&mut self, id: usize, what: &str) -> Act {
        let event = format!("{id} {what} {} {}", self.mount_path(), self.view());
        self.trace.push(event);
        self.acts[id]
    }

    fn mount_path(&self) -> &str {
        &self.path[..self.stripped.get()]
    }

    fn view(&self) -> &str {
        match &self.path[self.stripped.get()..] {
            "" => "/",
            rest => rest,
        }
    }

    fn covered_by(&self, prefix: &str) -> Option<usize> {
        let view = self.view().to_lowercase();
        let rest = view.strip_prefix(prefix)?;
        (prefix.is_empty() || rest.is_empty() || rest.starts_with('/')).then_some(prefix.len())
    }

    fn rewrite(&mut self, path: &str) {
        let stripped = self.stripped.get();
        // The slash that a mount shows in front of nothing is not part of the path.
        let nothing = stripped > 0 && self.path.len() == stripped;
        let path = if nothing && path == "/" { "" } else { path };
        self.path = format!("{}{path}", &self.path[..stripped]);
        // What stood behind is gone, so nobody can have stripped more than this.
        for held in &self.held {
            held.set(held.get().min(stripped));
        }
    }

    fn response(&mut self, status: u16, body: String) {
        self.status = status;
        self.body = Some(body);
    }
}
