//! Connections that send the next requests when the last ones are answered: as fast as the server is.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

use super::answer::Expected;
use super::connection::Connection;
use super::meter::{Counted, Meter, Span};

/// The requests of a load, and its connections.
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// How many requests are sent at once.
    pub(crate) at_once: usize,
    /// How many requests a connection has before the server closes it. `None` keeps it open.
    pub(crate) a_connection: Option<usize>,
    /// The head of a request without its blank line, so that headers can be added.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) expected: Expected,
}

/// How long a server may answer nothing.
const SILENCE: Duration = Duration::from_secs(5);

impl Load {
    fn requests(&self, number: usize, last_header: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for i in 1..=number {
            bytes.extend_from_slice(&self.head);
            if i == number {
                bytes.extend_from_slice(last_header.as_bytes());
            }
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }

    /// Runs the load.
    pub(crate) fn run(&self, address: SocketAddr, process: u32, span: Span) -> Result<Counted, String> {
        let requests = self.requests(self.at_once, "");
        let last = self.requests(self.at_once, "connection: close\r\n");
        let mut poll = Poll::new().map_err(|err| err.to_string())?;
        let mut events = Events::with_capacity(1024);
        let mut connections = Vec::new();
        for token in 0..self.connections {
            connections.push(Connection::open(address, &self.expected, poll.registry(), token)?);
        }
        // How many requests each connection has sent.
        let mut sent = vec![0; self.connections];
        let mut answered = 0;
        let mut meter = Meter::start(process, span);
        for (connection, sent) in connections.iter_mut().zip(&mut sent) {
            *sent = self.at_once;
            connection
                .send(if Some(*sent) == self.a_connection { &last } else { &requests }, self.at_once)?;
        }
        let mut last_answer = Instant::now();
        loop {
            super::connection::wait(&mut poll, &mut events, Duration::from_millis(100))?;
            let before = answered;
            for event in &events {
                let token = event.token().0;
                let connection = &mut connections[token];
                if event.is_writable() {
                    connection.write()?;
                }
                answered += connection.read()? as u64;
                if connection.awaited > 0 {
                    continue;
                }
                if Some(sent[token]) == self.a_connection {
                    // The side that closes first keeps the port for a minute. That has to be the server, since
                    // each connection needs a new port here.
                    if !connection.has_ended()? {
                        continue;
                    }
                    connection.reopen(address, &self.expected, poll.registry(), token)?;
                    sent[token] = 0;
                }
                sent[token] += self.at_once;
                let next = if Some(sent[token]) == self.a_connection { &last } else { &requests };
                connection.send(next, self.at_once)?;
            }
            if answered > before {
                last_answer = Instant::now();
            } else if last_answer.elapsed() > SILENCE {
                return Err(format!("it answered nothing for {} s", SILENCE.as_secs()));
            }
            if let Some(counted) = meter.tick(answered)? {
                return Ok(counted);
            }
        }
    }
}
