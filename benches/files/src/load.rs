//! A client that sends one request after the other on each of several connections.

use std::io::{self, Read, Write};
use std::net::TcpStream;

pub(crate) struct Client {
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

/// What a response has to be: its length, and the coding that its head names.
pub(crate) struct Expected {
    pub(crate) length: usize,
    pub(crate) coding: Option<&'static str>,
}

impl Client {
    pub(crate) fn new(port: u16, connections: usize, path: &str, accepted: Option<&str>) -> io::Result<Self> {
        let accepted =
            accepted.map(|accepted| format!("accept-encoding: {accepted}\r\n")).unwrap_or_default();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: files\r\n{accepted}\r\n");
        let connections = (0..connections).map(|_| {
            let stream = TcpStream::connect(("127.0.0.1", port))?;
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        let connections = connections.collect::<io::Result<Vec<_>>>()?;
        Ok(Client { connections, request: request.into_bytes(), buffer: vec![0; 256 << 10] })
    }

    /// Sends this many requests, each round on all connections before it reads the responses.
    pub(crate) fn run(&mut self, requests: usize, expected: &Expected) -> io::Result<()> {
        let mut left = requests;
        while left > 0 {
            let round = left.min(self.connections.len());
            for stream in &mut self.connections[..round] {
                stream.write_all(&self.request)?;
            }
            for stream in &mut self.connections[..round] {
                read(stream, &mut self.buffer, expected)?;
            }
            left -= round;
        }
        Ok(())
    }
}

fn read(stream: &mut TcpStream, buffer: &mut [u8], expected: &Expected) -> io::Result<()> {
    let mut filled = 0;
    let head = loop {
        let count = stream.read(&mut buffer[filled..])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += count;
        if let Some(end) = buffer[..filled].windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let value = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(other, _)| *other == name).map(|(_, value)| value.trim().to_owned()).next()
    };
    let coding = value("content-encoding");
    if !text.starts_with("http/1.1 200")
        || coding.as_deref() != expected.coding
        || value("content-length") != Some(expected.length.to_string())
    {
        return Err(io::Error::other(format!("an unexpected response: {text}")));
    }
    let mut left = expected.length - (filled - head);
    while left > 0 {
        let most = left.min(buffer.len());
        let count = stream.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= count;
    }
    Ok(())
}
