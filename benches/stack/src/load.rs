//! Sends requests over kept connections, and reads what the server's CPU did in that time.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::requests::{self, Wanted};
use crate::servers::Server;

const CONNECTIONS: usize = 16;
const REQUESTS: usize = 4000;

/// The median of the CPU time of a request for each server, in microseconds; each has its turn in each round.
pub(crate) fn measure(
    servers: &[Server],
    wanted: &Wanted,
    rounds: usize,
) -> Result<Vec<Option<f64>>, String> {
    let mut times = vec![Vec::new(); servers.len()];
    for round in 0..=rounds {
        for (server, times) in servers.iter().zip(&mut times) {
            let time =
                run(server, wanted).map_err(|err| format!("{}: {}: {err}", server.name, wanted.name))?;
            // The first one warms up.
            if round > 0 {
                times.push(time);
            }
        }
    }
    Ok(times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied()
        })
        .collect())
}

fn run(server: &Server, wanted: &Wanted) -> Result<f64, String> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(server.address).map_err(|err| err.to_string())?;
        stream.set_nodelay(true).map_err(|err| err.to_string())?;
        connections.push(Connection { stream, read: Vec::new() });
    }
    let first = requests::find("visit")?;
    connections[0].send(&first.bytes(""))?;
    let head = connections[0].response()?;
    let set =
        head.lines().find_map(|line| line.strip_prefix("set-cookie: ").or(line.strip_prefix("Set-Cookie: ")));
    let bytes = wanted.bytes(&requests::cookie(set.ok_or("no cookie")?));
    let before = server.cpu()?;
    for _ in 0..REQUESTS / CONNECTIONS {
        for connection in &mut connections {
            connection.send(&bytes)?;
        }
        for connection in &mut connections {
            let head = connection.response()?;
            if !head.starts_with("HTTP/1.1 200 ") {
                return Err(head);
            }
        }
    }
    // The kernel adds up a thread's time when it waits.
    std::thread::sleep(std::time::Duration::from_millis(20));
    Ok((server.cpu()? - before) * 1e6 / REQUESTS as f64)
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.stream.write_all(bytes).map_err(|err| err.to_string())
    }

    fn more(&mut self) -> Result<(), String> {
        let mut part = [0; 16 * 1024];
        match self.stream.read(&mut part) {
            Ok(0) => Err("the connection was closed".to_owned()),
            Ok(bytes) => {
                self.read.extend_from_slice(&part[..bytes]);
                Ok(())
            }
            Err(err) => Err(err.to_string()),
        }
    }

    fn find(&mut self, text: &[u8], from: usize) -> Result<usize, String> {
        loop {
            if let Some(at) = self.read[from..].windows(text.len()).position(|part| part == text) {
                return Ok(from + at + text.len());
            }
            self.more()?;
        }
    }

    /// Reads a response to its end, and returns its head.
    fn response(&mut self) -> Result<String, String> {
        let mut end = self.find(b"\r\n\r\n", 0)?;
        let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
        let lower = head.to_ascii_lowercase();
        if let Some(length) = lower.lines().find_map(|line| line.strip_prefix("content-length: ")) {
            end += length.parse::<usize>().map_err(|err| err.to_string())?;
            while self.read.len() < end {
                self.more()?;
            }
        } else {
            loop {
                let data = self.find(b"\r\n", end)?;
                let size = String::from_utf8_lossy(&self.read[end..data - 2]).into_owned();
                let size = usize::from_str_radix(&size, 16).map_err(|err| format!("{size}: {err}"))?;
                end = data + size + 2;
                while self.read.len() < end {
                    self.more()?;
                }
                if size == 0 {
                    break;
                }
            }
        }
        self.read.drain(..end);
        Ok(head)
    }
}
