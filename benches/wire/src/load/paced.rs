//! Requests at fixed times, whether or not the last ones are answered. Latency counts from the time at which a request was
//! due.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

use super::answer::Expected;
use super::connection::Connection;
use super::meter::Span;

/// The rate and the requests of a load.
pub(crate) struct Pace {
    pub(crate) connections: usize,
    pub(crate) a_second: f64,
    /// One request in this many is slow.
    pub(crate) slow_each: usize,
    pub(crate) fast: (Vec<u8>, Expected),
    pub(crate) slow: (Vec<u8>, Expected),
}

/// How many requests may be due and not sent. With more the server cannot keep up.
const QUEUE: usize = 100_000;

impl Pace {
    /// The latencies of the fast requests in nanoseconds, sorted.
    pub(crate) fn run(&self, address: SocketAddr, span: Span) -> Result<Vec<u64>, String> {
        let mut poll = Poll::new().map_err(|err| err.to_string())?;
        let mut events = Events::with_capacity(1024);
        // Slow requests have a connection of their own, which expects their responses.
        let mut connections = Vec::new();
        for token in 0..=self.connections {
            let expected = if token == self.connections { &self.slow.1 } else { &self.fast.1 };
            connections.push(Connection::open(address, expected, poll.registry(), token)?);
        }
        let mut free: Vec<usize> = (0..self.connections).collect();
        let mut due_of = vec![Duration::ZERO; self.connections + 1];
        let mut queue: VecDeque<Duration> = VecDeque::new();
        let (mut slow_due, mut took) = (0usize, Vec::new());
        let step = Duration::from_secs_f64(1.0 / self.a_second);
        let (started, end) = (Instant::now(), span.warm + span.counted);
        let (mut next, mut count) = (Duration::ZERO, 0usize);
        loop {
            let now = started.elapsed();
            while next <= now && next < end {
                count += 1;
                if count % self.slow_each == 0 {
                    slow_due += 1;
                } else {
                    queue.push_back(next);
                }
                next += step;
            }
            if queue.len() > QUEUE {
                return Err(format!("it could not keep up with {:.0} requests a second", self.a_second));
            }
            if slow_due > 0 && connections[self.connections].awaited == 0 {
                slow_due -= 1;
                connections[self.connections].send(&self.slow.0, 1)?;
            }
            while let Some(&due) = queue.front() {
                let Some(token) = free.pop() else { break };
                queue.pop_front();
                due_of[token] = due;
                connections[token].send(&self.fast.0, 1)?;
            }
            if now >= end && queue.is_empty() && free.len() == self.connections {
                took.sort_unstable();
                return Ok(took);
            }
            if now > end + Duration::from_secs(5) {
                return Err("it left requests unanswered for 5 s".to_owned());
            }
            // Without waiting: the load generator has a core of its own, and a sleep would count as latency.
            super::connection::wait(&mut poll, &mut events, Duration::ZERO)?;
            for event in &events {
                let token = event.token().0;
                if event.is_writable() {
                    connections[token].write()?;
                }
                if connections[token].read()? > 0 && token < self.connections {
                    free.push(token);
                    if due_of[token] >= span.warm {
                        took.push((started.elapsed() - due_of[token]).as_nanos() as u64);
                    }
                }
            }
        }
    }
}

/// A quantile of sorted values, such as 0.99.
pub(crate) fn quantile(ordered: &[u64], of: f64) -> f64 {
    let index = (ordered.len() as f64 * of) as usize;
    ordered.get(index.min(ordered.len().saturating_sub(1))).map_or(f64::NAN, |&value| value as f64)
}
