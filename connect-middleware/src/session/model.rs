//! Random interleavings of requests, checked against a model: no lost update, no session that comes back, none that is fixed across a
//! login.
//!
//! Each operation of the store is one step. Between two steps of a request, others take theirs, the clock runs, or the request is
//! dropped, as in a crash of its process.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Session;
use super::error::SessionError;
use super::memory::MemoryStore;
use super::parts::{Part, Principal};
use super::sessions::{CookieChange, Sessions, Shared};
use super::store::{NewSession, PartChange, Store, StoreError, StoredSession, Swapped};
use super::suite::{Random, seed};
use super::timestamp::Timestamp;
use super::token::{Key, Token};

#[derive(Serialize, Deserialize, Default)]
struct A(Vec<u32>);

impl Part for A {
    const NAME: &'static str = "a";
}

#[derive(Serialize, Deserialize, Default)]
struct B(Vec<u32>);

impl Part for B {
    const NAME: &'static str = "b";
}

/// A store that stops before and after each operation, and notes what has taken effect.
struct Steps<S> {
    store: S,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    /// A task has come to the end of a step.
    stopped: AtomicBool,
    /// New keys and old ones.
    renamed: Mutex<HashMap<Key, Key>>,
    removed: Mutex<HashSet<Key>>,
    removed_owned: Mutex<HashMap<String, usize>>,
}

impl<S> Steps<S> {
    async fn stop(&self) {
        let mut stopped = false;
        std::future::poll_fn(|_| {
            if stopped {
                return std::task::Poll::Ready(());
            }
            stopped = true;
            self.log.stopped.store(true, SeqCst);
            std::task::Poll::Pending
        })
        .await;
    }

    async fn step<T>(&self, operation: impl Future<Output = T>, note: impl FnOnce(&T)) -> T {
        self.stop().await;
        let result = operation.await;
        note(&result);
        self.stop().await;
        result
    }
}

impl<S: Store> Store for Steps<S> {
    async fn create(&self, key: &Key, session: NewSession<'_>) -> Result<(), StoreError> {
        self.step(self.store.create(key, session), |_| ()).await
    }

    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        self.step(self.store.load(key, now), |_| ()).await
    }

    async fn swap(&self, key: &Key, change: PartChange<'_>, now: Timestamp) -> Result<Swapped, StoreError> {
        self.step(self.store.swap(key, change, now), |_| ()).await
    }

    async fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.step(self.store.touch(key, expires, now), |_| ()).await
    }

    async fn rename(&self, from: &Key, to: &Key, session: NewSession<'_>) -> Result<bool, StoreError> {
        self.step(self.store.rename(from, to, session), |renamed| {
            if matches!(renamed, Ok(true)) {
                self.log.renamed.lock().unwrap().insert(*to, *from);
            }
        })
        .await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.step(self.store.remove(key), |_| {
            self.log.removed.lock().unwrap().insert(*key);
        })
        .await
    }

    async fn remove_owned(&self, owner: &str, except: Option<&Key>) -> Result<(), StoreError> {
        self.step(self.store.remove_owned(owner, except), |_| {
            *self.log.removed_owned.lock().unwrap().entry(owner.to_owned()).or_default() += 1;
        })
        .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.store.sweep(now).await
    }
}

const IDLE: u64 = 1000;
const ABSOLUTE: u64 = 3000;
const TOUCH: u64 = 100;
const BROWSERS: usize = 3;
const PRINCIPALS: [&str; 2] = ["ann", "bob"];

/// What the model knows of a token that a client was given.
struct Given {
    token: Token,
    /// Never another one: no token is fixed across a login.
    principal: Option<&'static str>,
    content: usize,
    /// Something has begun that may end the session.
    may_have_ended: bool,
    /// The session has ended for all requests that begin from now on.
    has_ended: bool,
    /// A login or a logout with it is done.
    is_replaced: bool,
    /// When the token was given: between these.
    given: (u64, u64),
    /// The last use that may have extended the lifetime, and the last that has.
    used: (u64, u64),
}

/// The numbers that were put into the parts of a session, whatever its tokens were.
#[derive(Default)]
struct Content {
    stored: [HashSet<u32>; 2],
    tried: [HashSet<u32>; 2],
}

#[derive(Default)]
struct Model {
    now: u64,
    cookies: [Option<Token>; BROWSERS],
    given: HashMap<Key, Given>,
    contents: Vec<Content>,
    /// Requests that are logging out everywhere, and those that have begun to.
    logging_out: HashMap<&'static str, usize>,
    logouts_begun: HashMap<&'static str, usize>,
    next_number: u32,
    counts: Counts,
}

/// How often something was seen, so that the test is known to test it.
#[derive(Debug, Default)]
struct Counts {
    requests: usize,
    dropped: usize,
    changes: usize,
    reads_of_ended: usize,
    changes_of_ended: usize,
    renamed: usize,
}

impl Model {
    fn of(&mut self, token: Option<&Token>) -> Option<&mut Given> {
        self.given.get_mut(&token?.key())
    }

    /// The token's session was found, or was not, by an operation that began at `began`.
    fn check_life(&mut self, token: &Token, found: bool, before: Before) {
        let now = self.now;
        let Some(given) = self.given.get_mut(&token.key()) else {
            assert!(!found, "a token that was never given has a session");
            return;
        };
        let lives = now < given.given.0 + ABSOLUTE && now < given.used.1 + IDLE - TOUCH;
        if found {
            assert!(!before.had_ended, "a session came back");
            assert!(!before.was_replaced || !lives, "a session outlived a login or a logout");
            assert!(before.at < given.given.1 + ABSOLUTE, "a session outlived its absolute lifetime");
            assert!(before.at < before.used + IDLE, "a session outlived its idle lifetime");
            // Otherwise it may have been swept before its lifetime was extended.
            if lives {
                given.used.1 = given.used.1.max(before.at);
            }
        } else {
            assert!(given.may_have_ended || !lives, "a session was lost");
            // What expires may be seen by a request that began before, and be extended by it.
            given.has_ended |= lives;
            self.counts.reads_of_ended += 1;
        }
    }

    /// Each token is another one.
    fn give(
        &mut self,
        token: &Token,
        principal: Option<&'static str>,
        content: usize,
        began: u64,
        is_at_risk: bool,
    ) {
        let given = Given {
            token: token.clone(),
            principal,
            content,
            may_have_ended: is_at_risk,
            has_ended: false,
            is_replaced: false,
            given: (began, self.now),
            used: (self.now, began),
        };
        assert!(self.given.insert(token.key(), given).is_none(), "a token was given twice");
    }

    fn new_content(&mut self) -> usize {
        self.contents.push(Content::default());
        self.contents.len() - 1
    }

    /// A logout or a login is done. It need not remove what has expired.
    fn end(&mut self, token: Option<&Token>, log: &Log) {
        let Some(key) = token.map(Token::key) else { return };
        let is_removed = log.removed.lock().unwrap().contains(&key)
            || log.renamed.lock().unwrap().values().any(|from| *from == key);
        if let Some(given) = self.of(token) {
            given.has_ended |= is_removed;
            given.is_replaced = true;
        }
    }

    fn before(&self, token: Option<&Token>) -> Before {
        let given = token.and_then(|token| self.given.get(&token.key()));
        Before {
            at: self.now,
            had_ended: given.is_some_and(|given| given.has_ended),
            was_replaced: given.is_some_and(|given| given.is_replaced),
            used: given.map_or(0, |given| given.used.0),
            stored: given.map(|given| self.contents[given.content].stored.clone()).unwrap_or_default(),
        }
    }
}

/// What the model knew when an operation began.
#[derive(Clone)]
struct Before {
    at: u64,
    had_ended: bool,
    was_replaced: bool,
    /// The last use that may have extended the lifetime.
    used: u64,
    stored: [HashSet<u32>; 2],
}

fn check_content(read: &[u32], stored: &HashSet<u32>, tried: &HashSet<u32>) {
    let unique: HashSet<u32> = read.iter().copied().collect();
    assert_eq!(unique.len(), read.len(), "a change was stored twice");
    assert!(stored.is_subset(&unique), "a change was lost: {stored:?} of {read:?}");
    assert!(unique.is_subset(tried), "a change that nobody made: {read:?} of {tried:?}");
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    Read,
    Change(usize),
    Login(&'static str),
    Logout,
    LogoutEverywhere,
}

type Shares = Rc<RefCell<Model>>;

/// Counts a principal as logging out until it is dropped.
struct LoggingOut(Shares, &'static str);

impl Drop for LoggingOut {
    fn drop(&mut self) {
        *self.0.borrow_mut().logging_out.get_mut(self.1).unwrap() -= 1;
    }
}

async fn request(
    model: Shares,
    log: Arc<Log>,
    shared: Arc<Shared>,
    browser: usize,
    token: Option<Token>,
    uses: Rc<Cell<Option<Key>>>,
    operations: Vec<Operation>,
) {
    let sessions = Sessions::new(&shared, token.clone(), token.is_some());
    for operation in operations {
        run(&model, &log, &sessions, &uses, operation).await;
    }
    let (cookie, _) = sessions.seal();
    let mut model = model.borrow_mut();
    match cookie {
        Some(CookieChange::Set(token)) => model.cookies[browser] = Some(token),
        Some(CookieChange::Clear) => model.cookies[browser] = None,
        None => {}
    }
}

async fn run(model: &Shares, log: &Log, sessions: &Sessions, uses: &Cell<Option<Key>>, operation: Operation) {
    let old = sessions.held_token();
    uses.set(old.as_ref().map(Token::key));
    // What was read before may be older than what others have stored.
    sessions.reload().await;
    let before = model.borrow().before(old.as_ref());
    match operation {
        Operation::Read => {
            let a = sessions.get::<A>().await.unwrap().0;
            let new = sessions.held_token();
            let principal = sessions.principal().await.unwrap();
            let b = sessions.get::<B>().await.unwrap().0;
            let mut model = model.borrow_mut();
            if let Some(old) = &old {
                model.check_life(old, new.is_some(), before.clone());
            }
            let Some(new) = new else {
                assert!(a.is_empty() && b.is_empty() && principal.is_none(), "what has ended can be read");
                return;
            };
            assert_eq!(old.as_ref(), Some(&new));
            let given = &model.given[&new.key()];
            assert_eq!(principal.as_ref().map(Principal::id), given.principal, "a token is of somebody else");
            let content = &model.contents[given.content];
            for (part, read) in [a, b].iter().enumerate() {
                check_content(read, &before.stored[part], &content.tried[part]);
            }
        }
        Operation::Change(part) => {
            let number = {
                let mut model = model.borrow_mut();
                model.next_number += 1;
                let number = model.next_number;
                if let Some(content) = model.of(old.as_ref()).map(|given| given.content) {
                    model.contents[content].tried[part].insert(number);
                }
                number
            };
            let changed = if part == 0 {
                sessions.change::<A>(|list| list.0.push(number)).await.map(|list| list.0)
            } else {
                sessions.change::<B>(|list| list.0.push(number)).await.map(|list| list.0)
            };
            let new = sessions.held_token();
            let mut model = model.borrow_mut();
            let list = match changed {
                Ok(list) => list,
                Err(err) => {
                    assert!(matches!(err.downcast_ref(), Some(SessionError::Ended)), "{err:?}");
                    // One that ended before this request began is begun anew, unless this request has used it.
                    if let Some(old) = &old {
                        model.check_life(old, false, before);
                    }
                    model.counts.changes_of_ended += 1;
                    return;
                }
            };
            model.counts.changes += 1;
            let new = new.expect("a session after a change");
            if old.as_ref() != Some(&new) {
                if let Some(old) = &old {
                    model.check_life(old, false, before.clone());
                }
                let content = model.new_content();
                model.contents[content].tried[part].insert(number);
                model.give(&new, None, content, before.at, false);
                check_content(&list, &HashSet::new(), &HashSet::from([number]));
            } else {
                model.check_life(&new, true, before.clone());
                let content = &model.contents[model.given[&new.key()].content];
                check_content(&list, &before.stored[part], &content.tried[part]);
            }
            assert!(list.contains(&number));
            let content = model.given[&new.key()].content;
            model.contents[content].stored[part].insert(number);
        }
        Operation::Login(principal) => {
            let logouts = |model: &Model| model.logouts_begun.get(principal).copied().unwrap_or_default();
            let (begun, mut is_at_risk) = {
                let mut model = model.borrow_mut();
                if let Some(given) = model.of(old.as_ref()) {
                    given.may_have_ended = true;
                }
                (logouts(&model), model.logging_out.get(principal).is_some_and(|requests| *requests > 0))
            };
            sessions.login(Principal::new(principal)).await.unwrap();
            let new = sessions.held_token().expect("a session after a login");
            assert_ne!(Some(&new), old.as_ref(), "a login has kept the token");
            let mut model = model.borrow_mut();
            let from = log.renamed.lock().unwrap().get(&new.key()).copied();
            let content = match from {
                Some(from) => {
                    let old = old.as_ref().expect("what was renamed");
                    assert_eq!(from, old.key());
                    model.check_life(old, true, before.clone());
                    model.counts.renamed += 1;
                    let given = &model.given[&from];
                    let other = given.principal;
                    assert!(
                        other.is_none() || other == Some(principal),
                        "parts of {other:?} for {principal}"
                    );
                    given.content
                }
                None => model.new_content(),
            };
            model.end(old.as_ref(), log);
            // Its session is there before the request knows: another one may log out everywhere in between.
            is_at_risk |= logouts(&model) > begun;
            model.give(&new, Some(principal), content, before.at, is_at_risk);
        }
        Operation::Logout => {
            if let Some(given) = model.borrow_mut().of(old.as_ref()) {
                given.may_have_ended = true;
            }
            sessions.logout().await.unwrap();
            assert_eq!(sessions.held_token(), None);
            let key = old.as_ref().map(Token::key);
            assert!(key.is_none_or(|key| log.removed.lock().unwrap().contains(&key)), "not removed");
            model.borrow_mut().end(old.as_ref(), log);
        }
        Operation::LogoutEverywhere => {
            let principal = {
                let mut model = model.borrow_mut();
                let given = model.of(old.as_ref());
                given.and_then(|given| {
                    given.may_have_ended = true;
                    given.principal
                })
            };
            let count = |name| log.removed_owned.lock().unwrap().get(name).copied().unwrap_or_default();
            let Some(principal) = principal else {
                sessions.logout_everywhere().await.unwrap();
                model.borrow_mut().end(old.as_ref(), log);
                return;
            };
            *model.borrow_mut().logging_out.entry(principal).or_default() += 1;
            *model.borrow_mut().logouts_begun.entry(principal).or_default() += 1;
            let guard = LoggingOut(Rc::clone(model), principal);
            let (earlier, mut theirs) = (count(principal), Vec::new());
            for (key, given) in &mut model.borrow_mut().given {
                if given.principal == Some(principal) {
                    given.may_have_ended = true;
                    theirs.push(*key);
                }
            }
            sessions.logout_everywhere().await.unwrap();
            drop(guard);
            let mut model = model.borrow_mut();
            if count(principal) > earlier {
                for key in theirs {
                    model.given.get_mut(&key).unwrap().has_ended = true;
                }
            }
            model.end(old.as_ref(), log);
        }
    }
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    uses: Rc<Cell<Option<Key>>>,
}

async fn poll_once(task: &mut Task) -> bool {
    std::future::poll_fn(|cx| std::task::Poll::Ready(task.future.as_mut().poll(cx).is_ready())).await
}

/// A request takes one step; `true` at its end.
async fn advance(model: &Shares, log: &Log, task: &mut Task) -> bool {
    loop {
        let key = task.uses.get();
        let is_done = poll_once(task).await;
        // It may have extended the lifetime.
        for key in key.iter().chain(task.uses.get().iter()) {
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

/// One random interleaving.
async fn interleaving<S: Store>(store: Arc<S>, random: &mut Random) -> Counts {
    let log = Arc::new(Log::default());
    let clock = Arc::new(AtomicU64::new(4_000_000_000_000));
    let present = Arc::clone(&clock);
    let session = Session::new(Steps { store: Arc::clone(&store), log: Arc::clone(&log) })
        .idle(Duration::from_millis(IDLE))
        .absolute(Duration::from_millis(ABSOLUTE))
        .touch_every(Duration::from_millis(TOUCH))
        .sweep_every(Duration::MAX)
        .clock(move || Timestamp::from_millis(present.load(SeqCst)));
    // Sweeps come where the test says.
    session.shared.next_sweep.store(u64::MAX, SeqCst);
    let shared = Arc::new(session.shared);
    let model = Shares::default();
    model.borrow_mut().now = clock.load(SeqCst);
    let mut tasks: Vec<Task> = Vec::new();
    let mut left = 14;
    while left > 0 || !tasks.is_empty() {
        match random.below(40) {
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
            4..=12 if left > 0 && tasks.len() < 5 => {
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
                let uses = Rc::new(Cell::new(token.as_ref().map(Token::key)));
                let future = request(
                    Rc::clone(&model),
                    Arc::clone(&log),
                    Arc::clone(&shared),
                    browser,
                    token,
                    Rc::clone(&uses),
                    operations,
                );
                tasks.push(Task { future: Box::pin(future), uses });
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
pub(super) async fn interleavings<S: Store>(count: u64, new_store: impl Fn() -> Arc<S>) {
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
    }
    println!("{count} interleavings: {all:?}");
    if count >= 1000 {
        let rarest = all.changes_of_ended.min(all.renamed).min(all.dropped).min(all.reads_of_ended);
        assert!(rarest > 100, "too little of something: {all:?}");
    }
}

#[tokio::test]
async fn memory() {
    interleavings(10_000, || Arc::new(MemoryStore::new())).await;
}
