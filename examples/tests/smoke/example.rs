//! An example that is running, and a client for it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest wait for anything; only a failing test waits so long.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running example. It is killed when this is dropped, so also when a test fails.
pub(crate) struct Example {
    child: Child,
    address: String,
    /// The stack that it printed at its start.
    pub(crate) stack: Vec<String>,
    /// The banner: address and stack.
    banner: Receiver<String>,
    /// Its standard output. A thread reads it, so that the example never blocks on the pipe and the test has a timeout.
    lines: Receiver<String>,
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Example {
    /// Starts a program and waits until it prints its address.
    pub(crate) fn start(program: &str) -> Self {
        let mut example = Self::spawn(program, "127.0.0.1:0");
        loop {
            let line = example.banner.recv_timeout(TIMEOUT).expect("a banner");
            if let Some(address) = line.strip_prefix("listening on http://") {
                example.address = address.to_owned();
                return example;
            }
            example.stack.push(line.strip_prefix("  ").expect("a layer").to_owned());
        }
    }

    /// Starts a program that listens at an address, and waits until it does; `None` if it ends instead.
    pub(crate) fn start_at(program: &str, address: &str) -> Option<Self> {
        let mut example = Self::spawn(program, address);
        let started = Instant::now();
        while started.elapsed() < TIMEOUT {
            // The child is checked last, so that another server on this port is not taken for it.
            let connected = TcpStream::connect(address).is_ok();
            if example.child.try_wait().expect("the status of the child").is_some() {
                return None;
            }
            if connected {
                return Some(example);
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{program} does not listen at {address}");
    }

    fn spawn(program: &str, address: &str) -> Self {
        let mut child = Command::new(program)
            .env("ADDRESS", address)
            // As in a debug build: the banner has the stack.
            .env("CONNECT_ENV", "development")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example to start");
        let lines = lines_of(child.stdout.take().expect("a pipe"));
        let banner = lines_of(child.stderr.take().expect("a pipe"));
        Example { child, address: address.to_owned(), stack: Vec::new(), banner, lines }
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        self.lines.recv_timeout(TIMEOUT).expect("another line")
    }

    /// Reads lines up to one that begins so.
    pub(crate) fn prints(&mut self, beginning: &str) {
        while !self.line().starts_with(beginning) {}
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The response to a GET request.
    pub(crate) fn get(&self, path: &str) -> RawResponse {
        self.request("GET", path, &[])
    }

    /// The response to a request.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> RawResponse {
        self.send(method, path, headers, "")
    }

    /// The response to a form.
    pub(crate) fn form(&self, method: &str, path: &str, form: &str) -> RawResponse {
        self.send(method, path, &[("content-type", "application/x-www-form-urlencoded")], form)
    }

    /// The response to a request with a body.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> RawResponse {
        send(&self.address, method, path, headers, body)
    }

    /// An open connection.
    #[cfg(unix)]
    pub(crate) fn connect(&self) -> TcpStream {
        connect(&self.address)
    }

    /// Sends SIGTERM and waits until it ends.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) -> std::process::ExitStatus {
        self.signal();
        self.ended()
    }

    /// Sends SIGTERM.
    #[cfg(unix)]
    pub(crate) fn signal(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("`kill` to run").success());
    }

    /// Waits until it ends.
    #[cfg(unix)]
    pub(crate) fn ended(&mut self) -> std::process::ExitStatus {
        let started = Instant::now();
        while started.elapsed() < TIMEOUT {
            if let Some(status) = self.child.try_wait().expect("the status of the child") {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("still running after SIGTERM");
    }
}

/// The lines that come out of a pipe. It is read to its end, even without a receiver.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { break };
            let _ = sender.send(line);
        }
    });
    lines
}

/// A response, as it came over the socket.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl RawResponse {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The response to a request on a connection of its own.
fn send(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> RawResponse {
    let mut stream = connect(address);
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if headers.iter().all(|(name, _)| *name != "host") {
        head.push_str(&format!("host: {address}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.push_str(body);
    stream.write_all(head.as_bytes()).expect("to write");

    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response as text");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    RawResponse { status, head: head.to_owned(), body: body.to_owned() }
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("to connect");
    stream.set_read_timeout(Some(TIMEOUT)).expect("to set a timeout");
    stream
}

/// An address that was free a moment ago.
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").to_string()
}
