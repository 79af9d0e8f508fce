//! A connection of the load generator.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Registry, Token};

use super::answer::{Answers, Expected};

/// The buffer size in bytes, more than any response that comes in one piece.
const BUFFER: usize = 64 * 1024;

/// A connection with the requests that are being sent and the responses that are expected.
pub(crate) struct Connection<'e> {
    stream: TcpStream,
    answers: Answers<'e>,
    sending: &'e [u8],
    buffer: Vec<u8>,
    filled: usize,
    /// How many answers are still to come.
    pub(crate) awaited: usize,
}

impl<'e> Connection<'e> {
    /// Connects, and waits for the connection, so that a refusal is an error here.
    pub(crate) fn open(
        address: SocketAddr,
        expected: &'e Expected,
        registry: &Registry,
        token: usize,
    ) -> Result<Self, String> {
        let stream = connect(address, registry, token)?;
        let buffer = vec![0; BUFFER];
        Ok(Connection {
            stream,
            answers: Answers::new(expected),
            sending: &[],
            buffer,
            filled: 0,
            awaited: 0,
        })
    }

    /// Replaces the connection by a new one, with the same buffer.
    pub(crate) fn reopen(
        &mut self,
        address: SocketAddr,
        expected: &'e Expected,
        registry: &Registry,
        token: usize,
    ) -> Result<(), String> {
        self.stream = connect(address, registry, token)?;
        self.answers = Answers::new(expected);
        (self.filled, self.awaited) = (0, 0);
        Ok(())
    }

    /// Whether the server has closed the connection. No response may be awaited on it.
    pub(crate) fn has_ended(&mut self) -> Result<bool, String> {
        match self.stream.read(&mut self.buffer) {
            Ok(0) => Ok(true),
            Ok(_) => Err("it sent more than the answers".to_owned()),
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(err) => Err(format!("cannot read: {err}")),
        }
    }

    /// Starts to send a number of requests.
    pub(crate) fn send(&mut self, requests: &'e [u8], number: usize) -> Result<(), String> {
        self.sending = requests;
        self.awaited = number;
        self.write()
    }

    /// Sends as much as the socket takes.
    pub(crate) fn write(&mut self) -> Result<(), String> {
        while !self.sending.is_empty() {
            match self.stream.write(self.sending) {
                Ok(written) => self.sending = &self.sending[written..],
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => break,
                Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                Err(err) => return Err(format!("cannot send: {err}")),
            }
        }
        Ok(())
    }

    /// Reads responses until none is awaited or no more bytes are there. Returns their number.
    pub(crate) fn read(&mut self) -> Result<usize, String> {
        let mut count = 0;
        while self.awaited > 0 {
            if self.filled == self.buffer.len() {
                return Err(format!("an answer that is longer than {BUFFER} bytes"));
            }
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Err(format!("it closed a connection with {} answers to come", self.awaited)),
                Ok(read) => self.filled += read,
                Err(err) if err.kind() == io::ErrorKind::WouldBlock => break,
                Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
                Err(err) => return Err(format!("cannot read: {err}")),
            }
            let (taken, answers) = self.answers.take(&self.buffer[..self.filled])?;
            self.buffer.copy_within(taken..self.filled, 0);
            self.filled -= taken;
            self.awaited =
                self.awaited.checked_sub(answers).ok_or("it sent more answers than there were requests")?;
            count += answers;
        }
        Ok(count)
    }
}

/// Waits until a socket can be read or written.
pub(crate) fn wait(poll: &mut Poll, events: &mut Events, at_most: Duration) -> Result<(), String> {
    match poll.poll(events, Some(at_most)) {
        Err(err) if err.kind() != io::ErrorKind::Interrupted => Err(err.to_string()),
        _ => Ok(()),
    }
}

fn connect(address: SocketAddr, registry: &Registry, token: usize) -> Result<TcpStream, String> {
    let connect = || {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        io::Result::Ok(stream)
    };
    connect().map_err(|err| format!("cannot connect: {err}"))
}
