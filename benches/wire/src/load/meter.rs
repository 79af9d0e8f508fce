//! Counts what happens in a span of time, after a while that does not count.

use std::time::{Duration, Instant};

use crate::system;

/// How long a load is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// The while at the beginning that does not count.
    pub(crate) warm: Duration,
    pub(crate) counted: Duration,
}

/// What a load came to. Times are in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    /// The time of the processor that the server had.
    pub(crate) server: f64,
    /// The same of the load generator.
    pub(crate) own: f64,
}

/// Watches a server while a load is made.
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

    /// To be called often, with how many requests were answered since the start. In the end it says what they took.
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
        system::cpu_of(self.process).map_err(|err| format!("its time of the processor cannot be read: {err}"))
    }
}

fn own() -> Result<Duration, String> {
    system::own_cpu().map_err(|err| format!("the time of the processor cannot be read: {err}"))
}

/// The system adds up a thread's time when the thread waits, and at each tick of its timer: in this pause, in which
/// nothing is sent, a server comes to wait. What it does then is for answers that are read after it, at the beginning as at the
/// end.
const PAUSE: Duration = Duration::from_millis(3);
