//! HTTP/2 by hand: frames as bytes, and a client that sends exactly those.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short one").to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A GET by http of a path of the host `x`, in HPACK (RFC 7541).
pub fn get(stream: u32, path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).expect("a short one");
    let fields = [&[0x82, 0x86, 0x41, 1, b'x', 4, length], path.as_bytes()].concat();
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields)
}

/// A received frame.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    #[allow(dead_code, reason = "for messages")]
    pub payload: Vec<u8>,
}

/// A client of HTTP/2.
pub struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    /// Connects, with a first window for each stream.
    pub async fn connect(address: std::net::SocketAddr, window: u32) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("accepted");
        let [a, b, c, d] = window.to_be_bytes();
        let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[0, 4, a, b, c, d])].concat();
        stream.write_all(&begin).await.expect("the preface");
        Client { stream, received: Vec::new() }
    }

    /// Errors are ignored: the server may have closed the connection.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next frame; `Ok(None)` at the end of the connection, an error if nothing comes for so long.
    pub async fn frame(&mut self, limit: Duration) -> Result<Option<Frame>, ()> {
        loop {
            if self.received.len() >= 9 {
                let length =
                    u32::from_be_bytes([0, self.received[0], self.received[1], self.received[2]]) as usize;
                if self.received.len() >= 9 + length {
                    let rest = self.received.split_off(9 + length);
                    let frame = std::mem::replace(&mut self.received, rest);
                    let stream = u32::from_be_bytes(frame[5..9].try_into().expect("four bytes"));
                    let payload = frame[9..].to_vec();
                    return Ok(Some(Frame { kind: frame[3], flags: frame[4], stream, payload }));
                }
            }
            match timeout(limit, self.stream.read_buf(&mut self.received)).await {
                Ok(Ok(1..)) => {}
                Ok(_) => return Ok(None),
                Err(_) => return Err(()),
            }
        }
    }
}
