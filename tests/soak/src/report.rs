//! The printed lines, and the verdict.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::counts::Counts;
use crate::server::Process;
use crate::{clients, process};

pub(crate) const HEAD: &str = "| time | requests | right responses | errors as expected | failures | memory | descriptors | tasks | unfinished requests |\n\
     |---|---|---|---|---|---|---|---|---|";

/// How much memory may grow from the first third to the last: in KiB, and per cent of what it was.
const GROWTH: (u64, u64) = (4096, 5);

/// How long the server may take to release everything.
const SETTLE: Duration = Duration::from_secs(20);

/// The counters at one moment.
pub(crate) struct Sample {
    time: Duration,
    requests: u64,
    responses: u64,
    errors: u64,
    failures: usize,
    /// KiB; none where there is no `/proc`.
    memory: Option<u64>,
    descriptors: Option<usize>,
    tasks: Option<usize>,
    unfinished: Option<usize>,
}

impl Sample {
    pub(crate) async fn take(time: Duration, server: &Process, counts: &Counts) -> Self {
        let memory = process::memory(server.id());
        // Before the connection of this check.
        let descriptors = process::descriptors(server.id());
        let state = clients::state(server.address).await.ok();
        Sample {
            time,
            requests: counts.requests.load(Ordering::Relaxed),
            responses: counts.responses.load(Ordering::Relaxed),
            errors: counts.errors.load(Ordering::Relaxed),
            failures: counts.failure_count(),
            memory,
            descriptors,
            tasks: state.map(|(tasks, _)| tasks),
            unfinished: state.map(|(_, unfinished)| unfinished),
        }
    }
}

fn shown(number: Option<impl fmt::Display>) -> String {
    number.map_or("?".to_owned(), |number| number.to_string())
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "| {} s | {} | {} | {} | {} | {} KiB | {} | {} | {} |",
            self.time.as_secs(),
            self.requests,
            self.responses,
            self.errors,
            self.failures,
            shown(self.memory),
            shown(self.descriptors),
            shown(self.tasks),
            shown(self.unfinished)
        )
    }
}

pub(crate) struct Report {
    time: Duration,
    pub(crate) before: Sample,
    samples: Vec<Sample>,
}

impl Report {
    pub(crate) fn new(time: Duration, before: Sample) -> Self {
        Report { time, before, samples: Vec::new() }
    }

    pub(crate) fn add(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    /// Waits until the server has released everything, or for `SETTLE`.
    pub(crate) async fn settle(&self, server: &Process, counts: &Counts) -> Sample {
        let started = std::time::Instant::now();
        loop {
            let sample = Sample::take(started.elapsed(), server, counts).await;
            let is_released = sample.descriptors <= self.before.descriptors
                && sample.tasks <= self.before.tasks
                && sample.unfinished <= self.before.unfinished;
            if is_released || started.elapsed() > SETTLE {
                return sample;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The median of the memory in a part of the time.
    fn memory(&self, from: Duration, to: Duration) -> Option<u64> {
        let within = self.samples.iter().filter(|sample| (from..=to).contains(&sample.time));
        let mut memory: Vec<u64> = within.filter_map(|sample| sample.memory).collect();
        memory.sort_unstable();
        memory.get(memory.len() / 2).copied()
    }

    /// Prints the verdict; whether all checks pass.
    pub(crate) fn verdict(&self, after: &Sample, counts: &Counts, ended: (Option<i32>, Duration)) -> bool {
        println!("after {:.1} s of rest: {after}", after.time.as_secs_f32());
        let mut passed = true;
        let mut check = |holds: bool, what: String| {
            println!("{}: {what}", if holds { "ok" } else { "FAILED" });
            passed &= holds;
        };
        let responses = counts.responses.load(Ordering::Relaxed);
        check(
            counts.failure_count() == 0 && responses > 0,
            format!("{responses} responses right, {} failed", counts.failure_count()),
        );
        let third = self.time / 3;
        match (self.memory(Duration::ZERO, third), self.memory(third * 2, self.time + third)) {
            (Some(first), Some(last)) => {
                let (kib, per_cent) = GROWTH;
                let limit = first + kib + first * per_cent / 100;
                check(
                    last <= limit,
                    format!(
                        "memory {first} KiB in the first third, {last} KiB in the last; at most {limit} KiB"
                    ),
                );
            }
            _ => println!("not known here: memory and descriptors, without /proc or in so short a time"),
        }
        let (before, now) = (shown(self.before.descriptors), shown(after.descriptors));
        check(
            self.before.descriptors == after.descriptors,
            format!("descriptors {before} before, {now} after"),
        );
        let (before, now) = (shown(self.before.tasks), shown(after.tasks));
        check(after.tasks <= self.before.tasks, format!("tasks {before} before, {now} after"));
        let unfinished = after.unfinished.map_or("?".to_owned(), |number| number.to_string());
        check(after.unfinished == Some(0), format!("{unfinished} requests without a call of `on_finish`"));
        let (code, took) = ended;
        check(code == Some(0), format!("SIGTERM ended it after {took:?} with {}", shown(code)));
        println!("{}", if passed { "PASSED" } else { "FAILED" });
        passed
    }
}
