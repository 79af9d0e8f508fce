//! The numbers of each combination of labels.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect::{Ended, RoutePattern};

/// The labels, as they are before they are written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) method: &'static str,
    pub(super) route: Option<RoutePattern>,
    /// 0 if there was no response.
    pub(super) status: u16,
}

/// The labels as they are written: method, route and status.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Labels(pub(super) &'static str, pub(super) String, pub(super) String);

impl Labels {
    fn of(key: Option<&Key>) -> Self {
        let Some(key) = key else { return Labels("overflow", "overflow".into(), "overflow".into()) };
        let route = key.route.as_ref().map_or_else(|| "none".to_owned(), RoutePattern::to_string);
        let status = if key.status == 0 { "none".to_owned() } else { key.status.to_string() };
        Labels(key.method, route, status)
    }
}

/// What is known of a request at its end.
pub(super) struct Observed {
    pub(super) duration: Duration,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
    pub(super) ended: Ended,
}

/// The ways in which a response is not complete, with their labels.
pub(super) const UNFINISHED: [(Ended, &str); 4] = [
    (Ended::ClientLeft, "client_left"),
    (Ended::TimedOut, "timed_out"),
    (Ended::Shutdown, "shutdown"),
    (Ended::Failed, "failed"),
];

/// The numbers of one combination.
#[derive(Clone, Default)]
pub(super) struct Counts {
    /// For each bound, and for what is above the last one.
    pub(super) buckets: Vec<u64>,
    pub(super) seconds: f64,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
    pub(super) unfinished: [u64; UNFINISHED.len()],
}

impl Counts {
    pub(super) fn total(&self) -> u64 {
        self.buckets.iter().sum()
    }

    fn add(&mut self, observed: &Observed, bounds: &[f64]) {
        let seconds = observed.duration.as_secs_f64();
        self.buckets.resize(bounds.len() + 1, 0);
        self.buckets[bounds.partition_point(|bound| *bound < seconds)] += 1;
        self.seconds += seconds;
        self.request_bytes = self.request_bytes.saturating_add(observed.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(observed.response_bytes);
        if let Some(index) = UNFINISHED.iter().position(|(ended, _)| *ended == observed.ended) {
            self.unfinished[index] += 1;
        }
    }

    fn join(&mut self, other: &Counts) {
        self.buckets.resize(self.buckets.len().max(other.buckets.len()), 0);
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(to, from)| *to += from);
        self.seconds += other.seconds;
        self.request_bytes = self.request_bytes.saturating_add(other.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(other.response_bytes);
        self.unfinished.iter_mut().zip(&other.unfinished).for_each(|(to, from)| *to += from);
    }
}

/// The series, in several parts: each thread adds to one of them, so that threads rarely wait for each other.
pub(super) struct Registry {
    bounds: Vec<f64>,
    limit: usize,
    /// Those that there are in any part.
    known: Mutex<HashSet<Key>>,
    /// `None` is the key of what is beyond the limit.
    parts: Vec<Mutex<HashMap<Option<Key>, Counts>>>,
}

impl Registry {
    pub(super) fn new(bounds: Vec<f64>, limit: usize) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let parts = (0..threads.min(16)).map(|_| Mutex::default()).collect();
        Registry { bounds, limit, known: Mutex::default(), parts }
    }

    pub(super) fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn count(&self, key: Key, observed: &Observed) {
        let mut part = lock(&self.parts[thread() % self.parts.len()]);
        let key = Some(key);
        if let Some(counts) = part.get_mut(&key) {
            return counts.add(observed, &self.bounds);
        }
        let key = key.filter(|key| self.admit(key));
        part.entry(key).or_default().add(observed, &self.bounds);
    }

    /// Whether a series may be there.
    #[cold]
    fn admit(&self, key: &Key) -> bool {
        let mut known = lock(&self.known);
        known.contains(key) || (known.len() < self.limit && known.insert(key.clone()))
    }

    /// The sums of all parts. Two routes whose patterns are written alike are one.
    pub(super) fn sums(&self) -> BTreeMap<Labels, Counts> {
        let mut sums: BTreeMap<Labels, Counts> = BTreeMap::new();
        for part in &self.parts {
            // What formats is done without the lock that requests take.
            let copy = lock(part).clone();
            for (key, counts) in copy {
                sums.entry(Labels::of(key.as_ref())).or_default().join(&counts);
            }
        }
        sums
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number for this thread.
fn thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    let number = |cell: &Cell<Option<usize>>| {
        let number = cell.get().unwrap_or_else(|| NEXT.fetch_add(1, Relaxed));
        cell.set(Some(number));
        number
    };
    // At the end of a thread there is none.
    NUMBER.try_with(number).unwrap_or(0)
}
