//! The requests of the model.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::facts::{Before, Model, check_content};
use super::steps::Log;
use crate::session::cookie::Sent;
use crate::session::error::SessionError;
use crate::session::parts::{Part, Principal};
use crate::session::request::{CookieChange, PerRequest};
use crate::session::sessions::Sessions;
use crate::session::shared::Shared;
use crate::session::token::{Key, Token};

#[derive(Serialize, Deserialize, Default)]
pub(super) struct A(pub(super) Vec<u32>);

impl Part for A {
    const NAME: &'static str = "a";
}

#[derive(Serialize, Deserialize, Default)]
pub(super) struct B(pub(super) Vec<u32>);

impl Part for B {
    const NAME: &'static str = "b";
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    Read,
    Change(usize),
    Login(&'static str),
    Logout,
    LogoutEverywhere,
}

pub(super) type Shares = Rc<RefCell<Model>>;

/// Counts a principal as logging out until it is dropped.
pub(super) struct LoggingOut(Shares, &'static str);

impl Drop for LoggingOut {
    fn drop(&mut self) {
        *self.0.borrow_mut().logging_out.get_mut(self.1).unwrap() -= 1;
    }
}

/// A request of the model, and what is known of it when it is dropped.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) model: Shares,
    pub(super) log: Arc<Log>,
    pub(super) session: Arc<PerRequest>,
    pub(super) browser: usize,
    /// The session that it uses.
    pub(super) uses: Rc<Cell<Option<Key>>>,
    /// The token that it is about to get.
    pub(super) intent: Rc<RefCell<Option<Intent>>>,
}

/// A token that an operation is about to give.
pub(super) struct Intent {
    old: Option<Token>,
    before: Before,
    what: Given,
    /// How many requests had begun to log the principal out everywhere.
    logouts_begun: usize,
    is_at_risk: bool,
}

/// What it is given for.
#[derive(Clone, Copy)]
enum Given {
    Login(&'static str),
    Change { part: usize, number: u32 },
}

impl Request {
    pub(super) fn new(
        model: &Shares,
        log: &Arc<Log>,
        shared: &Arc<Shared>,
        browser: usize,
        token: Option<Token>,
    ) -> Self {
        let uses = Rc::new(Cell::new(token.as_ref().map(Token::key)));
        let sent = token.map_or(Sent::Nothing, |token| Sent::Value(Some(token)));
        let session = Arc::new(PerRequest::new(Arc::clone(shared), sent, false));
        let (model, log) = (Rc::clone(model), Arc::clone(log));
        Request { model, log, session, browser, uses, intent: Rc::default() }
    }

    /// The layers below `Session`, and then the response.
    pub(super) async fn run(self, operations: Vec<Operation>) {
        let sessions = Sessions::of(Arc::clone(&self.session));
        for operation in operations {
            run(&self, &sessions, operation).await;
        }
        self.answer().await;
    }

    /// What the layer does when those below are done, or when a layer above has dropped them.
    pub(super) async fn answer(self) {
        let Some(ending) = self.session.seal() else { return };
        let cookie = if ending.is_issuing { self.session.settle().await } else { ending.cookie };
        let intent = self.intent.take();
        let Some(cookie) = cookie else { return };
        let token = match cookie {
            CookieChange::Set(token) => Some(token),
            CookieChange::Clear => None,
        };
        let mut model = self.model.borrow_mut();
        if let Some(token) = &token
            && !model.given.contains_key(&token.key())
        {
            let intent = intent.expect("a token that no operation was about to give");
            model.counts.settled += 1;
            intent.given(&mut model, &self.log, token);
        }
        model.cookies[self.browser] = token;
    }
}

impl Intent {
    fn logouts(model: &Model, what: Given) -> usize {
        let Given::Login(principal) = what else { return 0 };
        model.logouts_begun.get(principal).copied().unwrap_or_default()
    }

    /// The operation begins.
    fn begin(model: &mut Model, old: Option<&Token>, before: &Before, what: Given) -> Self {
        let is_at_risk = match what {
            Given::Login(principal) => model.logging_out.get(principal).is_some_and(|requests| *requests > 0),
            Given::Change { .. } => false,
        };
        let logouts_begun = Self::logouts(model, what);
        Intent { old: old.cloned(), before: before.clone(), what, logouts_begun, is_at_risk }
    }

    /// The client gets the token. Returns the session's content.
    fn given(self, model: &mut Model, log: &Log, new: &Token) -> usize {
        // Its session is there before the request knows: another one may log out everywhere in between.
        let is_at_risk = self.is_at_risk || Self::logouts(model, self.what) > self.logouts_begun;
        let old = self.old.as_ref();
        assert_ne!(Some(new), old, "the token has stayed");
        let began = self.before.at;
        match self.what {
            Given::Login(principal) => {
                let from = log.renamed.lock().unwrap().get(&new.key()).copied();
                let content = match from {
                    Some(from) => {
                        let old = old.expect("what was renamed");
                        assert_eq!(from, old.key());
                        model.check_life(old, true, self.before);
                        model.counts.renamed += 1;
                        let given = &model.given[&from];
                        let other = given.principal;
                        let is_theirs = other.is_none() || other == Some(principal);
                        assert!(is_theirs, "parts of {other:?} for {principal}");
                        given.content
                    }
                    None => model.new_content(),
                };
                model.end(self.old.as_ref(), log);
                model.give(new, Some(principal), content, began, is_at_risk);
                content
            }
            Given::Change { part, number } => {
                if let Some(old) = old {
                    model.check_life(old, false, self.before);
                }
                let content = model.new_content();
                model.contents[content].tried[part].insert(number);
                model.give(new, None, content, began, false);
                content
            }
        }
    }
}

async fn run(request: &Request, sessions: &Sessions, operation: Operation) {
    let Request { model, log, session, uses, .. } = request;
    let old = session.held_token();
    uses.set(old.as_ref().map(Token::key));
    // What was read before may be older than what others have stored.
    sessions.reload().await;
    let before = model.borrow().before(old.as_ref());
    match operation {
        Operation::Read => {
            let a = sessions.get::<A>().await.unwrap().0;
            let new = session.held_token();
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
                let what = Given::Change { part, number };
                *request.intent.borrow_mut() = Some(Intent::begin(&mut model, old.as_ref(), &before, what));
                number
            };
            let changed = if part == 0 {
                sessions.change::<A>(|list| list.0.push(number)).await.map(|list| list.0)
            } else {
                sessions.change::<B>(|list| list.0.push(number)).await.map(|list| list.0)
            };
            let new = session.held_token();
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
                let intent = request.intent.take().unwrap();
                intent.given(&mut model, log, &new);
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
            {
                let mut model = model.borrow_mut();
                if let Some(given) = model.of(old.as_ref()) {
                    given.may_have_ended = true;
                }
                let what = Given::Login(principal);
                *request.intent.borrow_mut() = Some(Intent::begin(&mut model, old.as_ref(), &before, what));
            }
            sessions.login(Principal::new(principal)).await.unwrap();
            let new = session.held_token().expect("a session after a login");
            let intent = request.intent.take().unwrap();
            intent.given(&mut model.borrow_mut(), log, &new);
        }
        Operation::Logout => {
            if let Some(given) = model.borrow_mut().of(old.as_ref()) {
                given.may_have_ended = true;
            }
            sessions.logout().await.unwrap();
            assert_eq!(session.held_token(), None);
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
