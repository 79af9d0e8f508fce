//! What is known of the sessions, whatever the store says.

use std::collections::{HashMap, HashSet};

use super::steps::Log;
use crate::session::token::{Key, Token};

pub(super) const IDLE: u64 = 1000;
pub(super) const ABSOLUTE: u64 = 3000;
pub(super) const TOUCH: u64 = 100;
pub(super) const BROWSERS: usize = 3;
pub(super) const PRINCIPALS: [&str; 2] = ["ann", "bob"];

/// What the model knows of a token that a client was given.
pub(super) struct Given {
    pub(super) token: Token,
    /// Never another one: no token is fixed across a login.
    pub(super) principal: Option<&'static str>,
    pub(super) content: usize,
    /// Something has begun that may end the session.
    pub(super) may_have_ended: bool,
    /// The session has ended for all requests that begin from now on.
    pub(super) has_ended: bool,
    /// A login or a logout with it is done.
    pub(super) is_replaced: bool,
    /// When the token was given: between these.
    pub(super) given: (u64, u64),
    /// The last use that may have extended the lifetime, and the last that has.
    pub(super) used: (u64, u64),
}

/// The numbers that were put into the parts of a session, whatever its tokens were.
#[derive(Default)]
pub(super) struct Content {
    pub(super) stored: [HashSet<u32>; 2],
    pub(super) tried: [HashSet<u32>; 2],
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) now: u64,
    pub(super) cookies: [Option<Token>; BROWSERS],
    pub(super) given: HashMap<Key, Given>,
    pub(super) contents: Vec<Content>,
    /// Requests that are logging out everywhere, and those that have begun to.
    pub(super) logging_out: HashMap<&'static str, usize>,
    pub(super) logouts_begun: HashMap<&'static str, usize>,
    pub(super) next_number: u32,
    pub(super) counts: Counts,
}

/// How often something was seen, so that the test is known to test it.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: usize,
    pub(super) dropped: usize,
    pub(super) changes: usize,
    pub(super) reads_of_ended: usize,
    pub(super) changes_of_ended: usize,
    pub(super) renamed: usize,
    /// Requests that a timeout has dropped, and those of them that got a token all the same.
    pub(super) timed_out: usize,
    pub(super) settled: usize,
    /// Processes that have crashed.
    pub(super) crashed: usize,
    pub(super) expired: usize,
}

impl Model {
    pub(super) fn of(&mut self, token: Option<&Token>) -> Option<&mut Given> {
        self.given.get_mut(&token?.key())
    }

    /// The token's session was found, or was not, by an operation that began at `began`.
    pub(super) fn check_life(&mut self, token: &Token, found: bool, before: Before) {
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
            self.counts.expired += usize::from(!lives && !given.may_have_ended);
        }
    }

    /// Each token is another one.
    pub(super) fn give(
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

    pub(super) fn new_content(&mut self) -> usize {
        self.contents.push(Content::default());
        self.contents.len() - 1
    }

    /// A logout or a login is done. It need not remove what has expired.
    pub(super) fn end(&mut self, token: Option<&Token>, log: &Log) {
        let Some(key) = token.map(Token::key) else { return };
        let is_removed = log.removed.lock().unwrap().contains(&key)
            || log.renamed.lock().unwrap().values().any(|from| *from == key);
        if let Some(given) = self.of(token) {
            given.has_ended |= is_removed;
            given.is_replaced = true;
        }
    }

    pub(super) fn before(&self, token: Option<&Token>) -> Before {
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
pub(super) struct Before {
    pub(super) at: u64,
    pub(super) had_ended: bool,
    pub(super) was_replaced: bool,
    /// The last use that may have extended the lifetime.
    pub(super) used: u64,
    pub(super) stored: [HashSet<u32>; 2],
}

pub(super) fn check_content(read: &[u32], stored: &HashSet<u32>, tried: &HashSet<u32>) {
    let unique: HashSet<u32> = read.iter().copied().collect();
    assert_eq!(unique.len(), read.len(), "a change was stored twice");
    assert!(stored.is_subset(&unique), "a change was lost: {stored:?} of {read:?}");
    assert!(unique.is_subset(tried), "a change that nobody made: {read:?} of {tried:?}");
}
