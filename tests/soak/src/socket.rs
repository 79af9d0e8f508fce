//! A client that writes bytes and reads responses.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    /// Read, and not yet part of a response.
    buffer: Vec<u8>,
}

impl Socket {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        Ok(Socket { stream: TcpStream::connect(address).await?, buffer: Vec::new() })
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<()> {
        self.write(format!("GET {path} HTTP/1.1\r\nhost: soak\r\n\r\n")).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        self.write(format!("POST {path} HTTP/1.1\r\nhost: soak\r\ncontent-length: {length}\r\n\r\n")).await?;
        self.write(body).await
    }

    /// One more piece; whether there was one.
    async fn read(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    /// One complete response: its status and its body. If the connection ends before, it is an error of the kind `UnexpectedEof`.
    pub(crate) async fn response(&mut self) -> io::Result<(u16, Vec<u8>)> {
        let (status, length) = self.head().await?;
        match length {
            Some(length) => {
                while self.buffer.len() < length {
                    self.more().await?;
                }
                Ok((status, self.buffer.drain(..length).collect()))
            }
            None => Ok((status, self.chunks().await?)),
        }
    }

    /// The head of a response: its status, and the length of its body; none if it comes in chunks.
    async fn head(&mut self) -> io::Result<(u16, Option<usize>)> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status: {head:?}")))?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let chunked = head.contains("transfer-encoding: chunked\r\n");
        Ok((status, if chunked { None } else { Some(length.unwrap_or(0)) }))
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(at) = self.buffer.windows(2).position(|bytes| bytes == b"\r\n") {
                    break String::from_utf8_lossy(&self.buffer.drain(..at + 2).collect::<Vec<_>>())
                        .into_owned();
                }
                self.more().await?;
            };
            let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            while self.buffer.len() < size + 2 {
                self.more().await?;
            }
            body.extend(self.buffer.drain(..size + 2).take(size));
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.read().await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Reads until the connection ends.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        // A reset ends it, too.
        while let Ok(true) = self.read().await {}
        std::mem::take(&mut self.buffer)
    }
}
