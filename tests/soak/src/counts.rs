//! The counters of the clients.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many failures are printed.
const SHOWN: usize = 10;

#[derive(Default)]
pub(crate) struct Counts {
    /// Requests sent.
    pub(crate) requests: AtomicU64,
    /// Responses as expected.
    pub(crate) responses: AtomicU64,
    /// Errors as expected.
    pub(crate) errors: AtomicU64,
    failures: Mutex<Vec<String>>,
    kinds: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counts {
    pub(crate) fn requests(&self, count: u64) {
        self.requests.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn responses(&self, count: u64) {
        self.responses.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn error(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn kind(&self, kind: &'static str) {
        *self.kinds.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }

    pub(crate) fn failure(&self, kind: &str, what: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() < SHOWN {
            eprintln!("FAILURE: {kind}: {what}");
        }
        failures.push(format!("{kind}: {what}"));
    }

    pub(crate) fn failure_count(&self) -> usize {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).len()
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
