//! The PROXY protocol: the load balancer sends the address of the client at the beginning of a connection (HAProxy's
//! `doc/proxy-protocol.txt`).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use proxy_header::{Error, ParseConfig, ProxyHeader};
use tokio::net::TcpStream;

use super::stream::Stream;
use crate::connection::{Shutdown, Stage};
use crate::server::settings::Settings;

/// The longest header, in bytes: an address takes up to 232, and load balancers add little to it.
const LONGEST: usize = 4096;

/// How long to wait before an incomplete header is peeked at again: a socket with unread bytes is always readable.
const PAUSE: Duration = Duration::from_millis(5);

/// The stream after the header, with the client's address; `None` if the header is missing or malformed.
pub(super) async fn client(stream: Stream, settings: &Settings, shutdown: &Shutdown) -> Option<Stream> {
    let Stream::Tcp(stream, balancer, true) = stream else { return Some(stream) };
    // Boxed, so that other connections do not carry its size.
    let header = Box::pin(tokio::time::timeout(settings.header_timeout, header(&stream)));
    let header = tokio::select! {
        header = header => header,
        () = shutdown.wait_for(Stage::Stopped) => return None,
    };
    match header {
        Ok(Ok(client)) => Some(Stream::Tcp(stream, client.unwrap_or(balancer), false)),
        Ok(Err(err)) => {
            tracing::debug!(%balancer, "connection closed: no valid PROXY protocol header: {err}");
            None
        }
        Err(_) => {
            tracing::debug!(%balancer, "connection closed: the PROXY protocol header took longer than `header_timeout`");
            None
        }
    }
}

/// Reads the header off a stream. It is `None` for a connection of the load balancer's own, such as a health check.
async fn header(stream: &TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut bytes = vec![0; LONGEST];
    loop {
        // Peeked at first, because the bytes after the header belong to TLS or HTTP.
        let there = stream.peek(&mut bytes).await?;
        let config = ParseConfig { include_tlvs: false, ..ParseConfig::default() };
        match ProxyHeader::parse(&bytes[..there], config) {
            Ok((header, length)) => {
                let client = header.proxied_address().map(|address| address.source);
                take(stream, &mut vec![0; length]).await?;
                return Ok(client);
            }
            Err(Error::BufferTooShort) if there == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(Error::BufferTooShort) if there < LONGEST => tokio::time::sleep(PAUSE).await,
            Err(err) => return Err(io::Error::new(io::ErrorKind::InvalidData, err.to_string())),
        }
    }
}

/// Fills `bytes` from the stream.
async fn take(stream: &TcpStream, mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.readable().await?;
        match stream.try_read(bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => bytes = &mut bytes[read..],
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
            Err(err) => return Err(err),
        }
    }
    Ok(())
}
