//! What the clients have seen.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many wrong answers are shown in words.
const SHOWN: usize = 10;

#[derive(Default)]
pub(crate) struct Counts {
    /// What was asked.
    pub(crate) requests: AtomicU64,
    /// What was answered as it should be.
    pub(crate) answers: AtomicU64,
    /// What was refused or broken off as it should be.
    pub(crate) errors: AtomicU64,
    wrong: Mutex<Vec<String>>,
    kinds: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counts {
    pub(crate) fn requests(&self, count: u64) {
        self.requests.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn answers(&self, count: u64) {
        self.answers.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn error(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn kind(&self, kind: &'static str) {
        *self.kinds.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }

    pub(crate) fn wrong(&self, kind: &str, what: &str) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() < SHOWN {
            eprintln!("WRONG: {kind}: {what}");
        }
        wrong.push(format!("{kind}: {what}"));
    }

    pub(crate) fn wrongs(&self) -> usize {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn table(&self) -> String {
        let mut table = "| client | times |\n|---|---|".to_owned();
        for (kind, count) in &*self.kinds.lock().unwrap_or_else(PoisonError::into_inner) {
            // Writing to a string cannot fail.
            let _ = write!(table, "\n| {kind} | {count} |");
        }
        table
    }
}
