//! Random interleavings of requests, checked against a model: no lost update, no session that comes back, none that is fixed across a
//! login, and no client without the session that it was given.
//!
//! Each operation of the store is one step. Between two steps of a request, others take theirs, the clock runs, a timeout drops the
//! request and its response goes out, or the process of the request crashes with all that it was doing.

mod crashes;
mod facts;
mod requests;
mod steps;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use self::facts::{ABSOLUTE, BROWSERS, Counts, Given, IDLE, PRINCIPALS, TOUCH, check_content};
use self::requests::{Operation, Request, Shares};
use self::steps::{Log, Steps};
use super::memory::MemoryStore;
use super::options::Session;
use super::shared::Shared;
use super::store::Store;
use super::suite::{Random, seed};
use super::timestamp::Timestamp;
use super::token::Token;

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    request: Request,
    /// Which of two processes it runs in.
    process: usize,
}

async fn poll_once(task: &mut Task) -> bool {
    std::future::poll_fn(|cx| std::task::Poll::Ready(task.future.as_mut().poll(cx).is_ready())).await
}

/// A request takes one step; `true` at its end.
async fn advance(model: &Shares, log: &Log, task: &mut Task) -> bool {
    loop {
        let key = task.request.uses.get();
        let is_done = poll_once(task).await;
        // It may have extended the lifetime.
        for key in key.iter().chain(task.request.uses.get().iter()) {
            let mut model = model.borrow_mut();
            let now = model.now;
            if let Some(given) = model.given.get_mut(key) {
                given.used.0 = now;
            }
        }
        if is_done || log.stopped.swap(false, SeqCst) {
            return is_done;
        }
        // A store that works on a thread of its own.
        tokio::task::yield_now().await;
    }
}

fn operation(random: &mut Random) -> Operation {
    match random.below(20) {
        0..=5 => Operation::Read,
        6..=9 => Operation::Change(0),
        10..=12 => Operation::Change(1),
        13..=16 => Operation::Login(PRINCIPALS[random.below(2)]),
        17..=18 => Operation::Logout,
        _ => Operation::LogoutEverywhere,
    }
}

/// The layer with short lifetimes and this clock.
fn shared(store: impl Store, clock: &Arc<AtomicU64>) -> Arc<Shared> {
    let present = Arc::clone(clock);
    let session = Session::new(store)
        .idle(Duration::from_millis(IDLE))
        .absolute(Duration::from_millis(ABSOLUTE))
        .touch_every(Duration::from_millis(TOUCH))
        .sweep_every(Duration::MAX)
        .clock(move || Timestamp::from_millis(present.load(SeqCst)));
    // Sweeps come where the test says.
    session.shared.sweeps.stop();
    Arc::new(session.shared)
}

/// One random interleaving.
async fn interleaving<S: Store>(store: Arc<S>, random: &mut Random) -> Counts {
    let log = Arc::new(Log::default());
    let clock = Arc::new(AtomicU64::new(4_000_000_000_000));
    let shared = shared(Steps { store: Arc::clone(&store), log: Arc::clone(&log) }, &clock);
    let model = Shares::default();
    model.borrow_mut().now = clock.load(SeqCst);
    let mut tasks: Vec<Task> = Vec::new();
    let mut left = 14;
    while left > 0 || !tasks.is_empty() {
        match random.below(44) {
            0 => {
                clock.fetch_add(u64::try_from(random.below(400)).unwrap(), SeqCst);
                model.borrow_mut().now = clock.load(SeqCst);
            }
            1 => {
                store.sweep(Timestamp::from_millis(clock.load(SeqCst))).await.unwrap();
            }
            2..=3 if !tasks.is_empty() => {
                let at = random.below(tasks.len());
                drop(tasks.swap_remove(at));
                model.borrow_mut().counts.dropped += 1;
            }
            4 if !tasks.is_empty() => {
                let process = random.below(2);
                tasks.retain(|task| task.process != process);
                model.borrow_mut().counts.crashed += 1;
            }
            5..=6 if !tasks.is_empty() => {
                let task = random.below(tasks.len());
                let task = &mut tasks[task];
                // The handler is dropped before the response goes out.
                task.future = Box::pin(std::future::ready(()));
                task.future = Box::pin(task.request.clone().answer());
                model.borrow_mut().counts.timed_out += 1;
            }
            7..=15 if left > 0 && tasks.len() < 5 => {
                left -= 1;
                let browser = random.below(BROWSERS);
                let token = {
                    let mut model = model.borrow_mut();
                    model.counts.requests += 1;
                    match random.below(10) {
                        // One of the client's own choosing.
                        0 => Some(Token::generate().unwrap()),
                        // One that somebody has kept.
                        1 if !model.given.is_empty() => {
                            // The order in which a map gives them is not that of the seed; the number is.
                            let mut given: Vec<&Given> = model.given.values().collect();
                            given.sort_by_key(|given| (given.content, given.given, given.used));
                            let at = random.below(given.len());
                            Some(given[at].token.clone())
                        }
                        _ => model.cookies[browser].clone(),
                    }
                };
                let operations = (0..=random.below(3)).map(|_| operation(random)).collect();
                let request = Request::new(&model, &log, &shared, browser, token);
                let future = Box::pin(request.clone().run(operations));
                tasks.push(Task { future, request, process: random.below(2) });
            }
            _ if !tasks.is_empty() => {
                let at = random.below(tasks.len());
                if advance(&model, &log, &mut tasks[at]).await {
                    drop(tasks.swap_remove(at));
                }
            }
            _ => {}
        }
    }
    // What is there in the end.
    let now = Timestamp::from_millis(clock.load(SeqCst));
    // All requests have ended.
    let mut model = model.take();
    let keys: Vec<Token> = model.given.values().map(|given| given.token.clone()).collect();
    for token in keys {
        let before = model.before(Some(&token));
        let found = store.load(&token.key(), now).await.unwrap();
        model.check_life(&token, found.is_some(), before.clone());
        let Some(found) = found else { continue };
        let given = &model.given[&token.key()];
        assert_eq!(found.owner.as_deref(), given.principal);
        for (at, name) in ["a", "b"].into_iter().enumerate() {
            let list: Option<Vec<u32>> =
                found.parts.get(name).map(|part| serde_json::from_slice(&part.value).unwrap());
            let content = &model.contents[given.content];
            check_content(&list.unwrap_or_default(), &content.stored[at], &content.tried[at]);
        }
    }
    std::mem::take(&mut model.counts)
}

/// Runs so many, each with a seed of its own.
pub(in crate::session) async fn interleavings<S: Store>(count: u64, new_store: impl Fn() -> Arc<S>) {
    let first = seed();
    println!("SESSION_SEED={first}");
    let mut all = Counts::default();
    for number in 0..count {
        /// Says which one it was, if it fails.
        struct Failed(u64);
        impl Drop for Failed {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    println!("failed with SESSION_SEED={}", self.0);
                }
            }
        }
        let failed = Failed(first.wrapping_add(number));
        let counts = tokio::task::unconstrained(interleaving(new_store(), &mut Random(failed.0))).await;
        all.requests += counts.requests;
        all.dropped += counts.dropped;
        all.changes += counts.changes;
        all.reads_of_ended += counts.reads_of_ended;
        all.changes_of_ended += counts.changes_of_ended;
        all.renamed += counts.renamed;
        all.timed_out += counts.timed_out;
        all.settled += counts.settled;
        all.crashed += counts.crashed;
        all.expired += counts.expired;
    }
    println!("{count} interleavings: {all:?}");
    if count >= 1000 {
        let rarest = [
            all.changes_of_ended,
            all.renamed,
            all.dropped,
            all.reads_of_ended,
            all.timed_out,
            all.settled,
            all.crashed,
            all.expired,
        ];
        let rarest = rarest.into_iter().min().unwrap();
        assert!(rarest > 100, "too little of something: {all:?}");
    }
}

#[tokio::test]
async fn memory() {
    interleavings(10_000, || Arc::new(MemoryStore::new())).await;
}
