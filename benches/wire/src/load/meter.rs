//! Counts requests and CPU time in a span of time, after a warm-up.

use std::time::{Duration, Instant};

use crate::system;

/// How long a load runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// The warm-up, which does not count.
    pub(crate) warm: Duration,
    pub(crate) counted: Duration,
}

/// The figures of a load. Times are in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    /// The server's CPU time.
    pub(crate) server: f64,
    /// The load generator's CPU time.
    pub(crate) own: f64,
}

/// Reads the CPU time of a server while a load runs.
pub(crate) struct Meter {
    process: u32,
    span: Span,
    started: Instant,
    first: Option<Reading>,
}

#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    requests: u64,
    server: Duration,
    own: Duration,
}

impl Meter {
    pub(crate) fn start(process: u32, span: Span) -> Self {
        Meter { process, span, started: Instant::now(), first: None }
    }

    /// Takes the number of requests answered since the start, and has to be called often. Returns the figures at the end.
    pub(crate) fn tick(&mut self, requests: u64) -> Result<Option<Counted>, String> {
        let elapsed = self.started.elapsed();
        match self.first {
            None if elapsed >= self.span.warm => {
                let server = self.server()?;
                self.first = Some(Reading { at: Instant::now(), requests, server, own: own()? });
            }
            Some(first) if elapsed >= self.span.warm + self.span.counted => {
                let last = Reading { at: Instant::now(), requests, own: own()?, server: self.server()? };
                return Ok(Some(Counted {
                    requests: last.requests - first.requests,
                    seconds: (last.at - first.at).as_secs_f64(),
                    server: last.server.saturating_sub(first.server).as_secs_f64(),
                    own: last.own.saturating_sub(first.own).as_secs_f64(),
                }));
            }
            _ => {}
        }
        Ok(None)
    }

    fn server(&self) -> Result<Duration, String> {
        std::thread::sleep(PAUSE);
        system::cpu_of(self.process).map_err(|err| format!("its CPU time cannot be read: {err}"))
    }
}

fn own() -> Result<Duration, String> {
    system::own_cpu().map_err(|err| format!("the CPU time cannot be read: {err}"))
}

/// The kernel adds up a thread's CPU time when the thread waits, and at each tick of its timer. Nothing is sent in this
/// pause, so that the server waits. Its work in the pause is for responses that are read after it, at both ends of the span.
const PAUSE: Duration = Duration::from_millis(3);
